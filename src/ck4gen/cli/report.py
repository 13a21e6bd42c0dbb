"""``ck4gen report``: tables, figures and a web page from finished runs."""

from __future__ import annotations

from omegaconf import DictConfig

from ck4gen.config import as_dict
from ck4gen.experiments.missing import few
from ck4gen.settings import build, require


def _is_of(name: str, datasets: list[str]) -> bool:
    """Whether an item is of one of these datasets, or of all."""
    _, *dataset, _ = name.split("/")
    return not dataset or dataset[0] in datasets


def report(config: DictConfig) -> None:
    """Write the report and name the runs that it would still need."""
    require("matplotlib", "report", "the report")
    from ck4gen.report.write import ReportSettings, write_report

    keys = as_dict(config)
    written = write_report(build(ReportSettings, "the report", keys))
    results, left_out = written.results, written.left_out
    print(f"report: {written.folder}")
    for sentence in results.versions:
        print(f"warning: {sentence}")
    if results.variants:
        of = ", ".join(sorted({run.report["method"] for run in results.variants}))
        print(
            f"{len(results.variants)} runs ({of}) are in another configuration than the packaged "
            f"one with trainer={config.training}: they count for ablations and noise only"
        )
    near = [name for name in left_out if _is_of(name, results.datasets)]
    if near:
        print(f"left out, no run behind them: {', '.join(near)}")
    if len(left_out) > len(near):
        print(f"left out, datasets without a run: {len(left_out) - len(near)} tables and figures")
    for command in few(results.commands()):
        print(f"missing: {command}")
