"""Finished run folders to one table: mean and SD over seeds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from ck4gen.evaluation.plugged import facts, importable
from ck4gen.evaluation.statuses import counted
from ck4gen.experiments.command_words import shared_words
from ck4gen.experiments.configurations import row_labels
from ck4gen.experiments.display import of_method
from ck4gen.experiments.metric_names import metrics_there
from ck4gen.experiments.summary_marks import of_seeds
from ck4gen.settings import InputError, choose

SPREADS = ("sd", "ci")
EXTRA = "extra metrics"
SHARED = "what all runs share"
VERDICT = "verdict"
KEYS = ["dataset", "method", "split", "seed"]


def read_runs(output_dir: Path, split: str, metrics: list[str]) -> pd.DataFrame:
    """All finished runs of one split as :func:`read_reports` returns them.

    Raises:
        InputError: There is no finished run, or no run has one of the metrics.
    """
    files = sorted(Path(output_dir).glob(f"runs/*/*/{split}/seed=*/report.json"))
    if not files:
        raise InputError(f"no finished run with split={split} under {output_dir}/runs")
    return read_reports(files, metrics)


def read_reports(files: list[Path], metrics: list[str]) -> pd.DataFrame:
    """One row a run: what it is, ``times_copied``, ``verdict``, the metrics.

    A metric that a run lacks is NaN. Headline metrics that are a function of their own, in a file
    of the package or in ``evaluation.extra``, follow those that are named.

    Runs that differ in more than their seed are told apart by it, see
    :func:`ck4gen.experiments.configurations.row_labels`.

    Raises:
        InputError: No run has one of the metrics.
    """
    reports = [json.loads(file.read_text()) for file in files]
    metric_names = {name for report in reports for name in report["metrics"]}
    if absent := [name for name in metrics if name not in metric_names]:
        raise InputError(
            "; ".join(
                f"no run has the metric '{name}'; {metrics_there(name, metric_names)}"
                for name in absent
            )
        )
    extra = extra_metrics(reports)
    added = [n for n, one in importable(extra).items() if one.info.headline and n in metric_names]
    metrics = list(dict.fromkeys([*metrics, *added]))
    rows = []
    for report, *names in zip(reports, *row_labels(reports), strict=True):
        metric_values = (report["metrics"].get(name, {}).get("value") for name in metrics)
        values = [float("nan") if value is None else value for value in metric_values]
        cell = *names, report["split"], report["seed"]
        verdict = report.get("verdict", {}).get("overall")
        rows.append([*cell, "yes" if report["times_copied"] else "no", verdict, *values])
    table = pd.DataFrame(rows, columns=[*KEYS, "times_copied", VERDICT, *metrics])
    table = table.drop_duplicates(KEYS)  # a default that was given, and one that was left out
    if table[VERDICT].isna().all():  # augmentations have none
        table = table.drop(columns=VERDICT)
    table.attrs[EXTRA] = tuple(extra)
    table.attrs[SHARED] = shared_words(reports)
    return table


def extra_metrics(reports: Iterable[dict]) -> list[str]:
    """Dotted paths of the metrics that the configurations of some runs add."""
    nodes = (report["config"].get("evaluation", {}) for report in reports)
    return sorted({path for node in nodes for path in node.get("extra", ())})


def mixed_versions(reports: Iterable[dict], output_dir: Path) -> list[str]:
    """Sentences that say which of the runs that stand side by side come from different code.

    Args:
        reports: Reports of finished runs.
        output_dir: Root of their folders.
    """
    generated: dict[tuple[str, str], set[str]] = {}
    evaluated: dict[str, set[str]] = {}
    for report in reports:
        hashes = report["hashes"]
        if "generation" in hashes:
            cell = report["dataset"], report["method"]
            generated.setdefault(cell, set()).add(hashes["generation"])
            evaluated.setdefault(hashes["evaluation"], set()).add(report["dataset"])
    sentences = []
    mixed = [f"{method} on {dataset}" for (dataset, method), h in generated.items() if len(h) > 1]
    if mixed:
        sentences.append(f"Runs of different versions of the code: {', '.join(sorted(mixed))}.")
    if len(evaluated) > 1:
        sentences.append(
            f"The runs were evaluated by {len(evaluated)} different versions of the evaluation or "
            f"its settings; ck4gen evaluate run='{output_dir}/runs/*/*/*/*' brings them up to date."
        )
    return sentences


def summary(table: pd.DataFrame, spread: str = "sd") -> pd.DataFrame:
    """``mean ± spread`` of every metric by dataset, method and split; none for a single seed.

    Where a metric has no value for some of the seeds, it is ``mean ± spread (2 of 3)``.

    ``sd`` is the SD over seeds; ``ci`` half the width of the 95% t-interval of their mean, which
    covers the split as well where the split changes with the seed.

    Among the generators of a dataset and split, those whose distance to the ideal is within two
    standard errors of the best one's are in bold, unless that is all of them; a single seed has
    no standard error and wins nothing, nor do copied times win a survival metric. Nobody wins a
    privacy metric: what lies nearer to none by chance is no merit, and the verdict judges.
    Reference rows (real rows again, or shuffled columns) compete with nobody.
    """
    cells = table.drop(columns="seed").groupby([*KEYS[:-1], "times_copied"], sort=True)
    verdicts = cells[VERDICT].agg(counted) if VERDICT in table else None
    groups = table.drop(columns=["seed", VERDICT], errors="ignore").groupby(
        [*KEYS[:-1], "times_copied"], sort=True
    )
    mean, sd, count = groups.mean(), groups.std(), groups.size()
    valued = groups.count()  # seeds with a value
    spreads = sd
    if choose("spread", spread, SPREADS) == "ci":
        spreads = sd / np.sqrt(valued) * stats.t.ppf(0.975, (valued - 1).clip(lower=1))
    text = mean.astype(object)
    for metric in mean:
        for cell in mean.index:
            centre, around = mean.at[cell, metric], spreads.at[cell, metric]
            shown = "-" if pd.isna(centre) else f"{centre:.3f}"
            shown += "" if pd.isna(around) else f" ± {around:.3f}"
            text.at[cell, metric] = shown + of_seeds(valued.at[cell, metric], count[cell])
        info = facts(metric, table.attrs.get(EXTRA, ()))
        if info is not None and info.ideal is not None and not metric.startswith("privacy/"):
            gap = (mean[metric] - info.ideal).abs().dropna()
            error = sd[metric] / np.sqrt(valued[metric])
            if info.needs_new_times:
                gap = gap[gap.index.get_level_values("times_copied") == "no"]
            for cell in _best(gap, error):
                text.at[cell, metric] = f"**{text.at[cell, metric]}**"
    if verdicts is not None:
        text.insert(0, VERDICT, verdicts)
    text.insert(0, "seeds", count)
    return text.reset_index()


def _best(gap: pd.Series, error: pd.Series) -> Iterator[tuple]:
    """Rows of ``gap`` within two standard errors of the smallest, by dataset and split."""
    names = gap.index.get_level_values("method")
    generator = np.array([not of_method(name.split()[0]).reference for name in names], dtype=bool)
    rivals = gap[generator & error[gap.index].notna()]
    for _, field in rivals.groupby(level=["dataset", "split"]):
        if len(field) > 1:
            best = field.idxmin()
            close = field - field[best] <= 2 * np.hypot(error[field.index], error[best])
            if not close.all():
                yield from field.index[close]
