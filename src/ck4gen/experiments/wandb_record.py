"""What Weights & Biases is told of a run: no real row, no secret, nothing that is to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, Schema
from ck4gen.evaluation.written_hazards import read_hazard_table, row_name
from ck4gen.experiments import store
from ck4gen.experiments.card.drawing import curves, forest
from ck4gen.experiments.public_card import public_card
from ck4gen.survival.kaplan_meier import Curve, kaplan_meier

PRIVATE_KEYS = ("secret", "output_dir")  # of the configuration
TIMES = 60  # of a curve: a picture shows no single time of a patient
STYLE = (
    "<style>svg{font:11px sans-serif;max-width:560px}line,polyline{stroke:#999;fill:none}"
    ".real{stroke:#8a6d00;fill:#8a6d00}.synthetic{stroke:#1f4e79;fill:#1f4e79}"
    "polyline.real,polyline.synthetic{fill:none;stroke-width:2}.null{stroke-dasharray:3}"
    ".tick{text-anchor:middle}.share{text-anchor:end}</style>"
    "<p>real: gold (dot); synthetic: blue (square)</p>"
)


@dataclass(frozen=True)
class Pair:
    """The real and the synthetic table of a run, for a picture."""

    real: pd.DataFrame
    synthetic: pd.DataFrame
    schema: Schema


def by_stage(run: Any, metrics: Mapping[str, float], step: int) -> dict[str, float]:
    """The metrics of a stage of training beside its own step, which becomes their axis.

    Args:
        run: A run of Weights & Biases.
        metrics: Values by name, as ``encoder/loss``.
        step: Step of the stage.
    """
    stages = {name.split("/")[0] for name in metrics if "/" in name}
    for stage in stages:
        axis(run, stage)
    return dict(metrics) | {f"{stage}/step": step for stage in stages}


def axis(run: Any, stage: str) -> None:
    """Plot what begins with ``stage/`` against ``stage/step``."""
    run.define_metric(f"{stage}/step", hidden=True)
    run.define_metric(f"{stage}/*", step_metric=f"{stage}/step")


def record(run: Any, folder: Path, report: dict, pair: Pair | None = None) -> None:
    """Summary, curve of the calibration, pictures, and artifacts of a finished run.

    Args:
        run: A run of Weights & Biases.
        folder: The run folder.
        report: Its report.
        pair: Its tables; without them there is no picture of survival.
    """
    import wandb

    verdict = report.get("verdict") or {}
    run.config.update({key: report[key] for key in ("id", "commit", "versions")})
    run.summary.update(summary(report))
    table = read_hazard_table(folder / store.HAZARD_RATIOS)
    run.log({"hazard_ratios": wandb.Table(dataframe=table)})
    _calibration(run, folder)
    pictures = {"pictures/forest": _forest(table)}
    fewest = report["config"]["evaluation"]["privacy"]["small_cell"]
    if pair is not None and not pair.schema.causes:
        pictures["pictures/kaplan_meier"] = _survival(pair, fewest)
    run.log({name: wandb.Html(STYLE + svg, inject=False) for name, svg in pictures.items()})
    label = f"{report['dataset']}-{report['method']}"
    aliases = [f"seed-{report['seed']}", report["id"]]
    facts = {
        "verdict": verdict.get("overall"),
        "split": report["split"],
        "commit": report["commit"],
    }
    with TemporaryDirectory() as scratch:
        for kind, files in _files(folder, report, Path(scratch)).items():
            artifact = wandb.Artifact(f"{kind}-{label}", kind, metadata=facts)
            for file in files:
                artifact.add_file(str(file))
            run.log_artifact(artifact, aliases=["latest", *aliases])


def summary(report: dict) -> dict[str, Any]:
    """Values with their intervals, or the reason why there is none; the verdict; the warnings."""
    values: dict[str, Any] = {}
    for name, metric in report["metrics"].items():
        values[name] = metric["value"]
        parts = ("low", "high") if metric["value"] is not None else ("reason",)
        values |= {f"{name}/{p}": metric[p] for p in parts if metric.get(p) is not None}
    verdict = report.get("verdict") or {}
    values["privacy/verdict"] = verdict.get("overall")
    values["privacy/verdict/summary"] = verdict.get("summary")
    for name, finding in verdict.get("findings", {}).items():
        values[f"privacy/verdict/{name.removeprefix('privacy/')}"] = finding["status"]
    values["warnings"] = "\n".join(report["warnings"])
    return values


def may_leave(report: dict) -> bool:
    """Whether the table of a run is one to share: of all patients, without rows of theirs."""
    no_real_rows = not report["contains_real"] and not report["times_copied"]
    failed = (report.get("verdict") or {}).get("overall") == "fail"
    return report["split"] == "release" and no_real_rows and not failed


def _files(folder: Path, report: dict, scratch: Path) -> dict[str, list[Path]]:
    """Files of each artifact; those of a table and its sampler only where they may leave."""
    codebook = folder / store.SCHEMA
    card = scratch / "card.md"
    card.write_text(public_card(report, codebook.read_text(encoding="utf-8")), encoding="utf-8")
    artifacts = {"card": [card]}
    if may_leave(report):
        further = sorted(folder.glob("synthetic-*.csv"))
        artifacts["synthetic"] = [folder / store.SYNTHETIC, *further, codebook]
        if (folder / store.SAMPLER).is_file():
            artifacts["sampler"] = [folder / store.SAMPLER, store.coded(folder, store.SCHEMA)]
    return artifacts


def _calibration(run: Any, folder: Path) -> None:
    file = folder / store.CALIBRATION
    if not file.is_file():
        return
    axis(run, "calibration")
    for row in pd.read_csv(file).to_dict("records"):
        step = int(row.pop("step"))
        errors = {f"calibration/error/{name}": value for name, value in row.items()}
        run.log({**errors, "calibration/step": step})


def _forest(table: pd.DataFrame) -> str:
    def triple(row: dict, side: str) -> tuple[float, float, float]:
        return row[side], row[f"{side}_low"], row[f"{side}_high"]

    return forest(
        [
            (row_name(row, row["term"]), triple(row, "real"), triple(row, "synthetic"))
            for row in table.to_dict("records")
        ]
    )


def _survival(pair: Pair, fewest: int) -> str:
    """Both curves on a grid of times, up to where fewer real patients are left than ``fewest``."""
    last = pair.real[DURATION].nlargest(fewest).min()
    grid = np.linspace(0, float(last), TIMES)
    real, synthetic = (
        Curve(grid, kaplan_meier(table).at(grid)) for table in (pair.real, pair.synthetic)
    )
    return curves(real, synthetic, pair.schema.duration_unit, "Share without the event")
