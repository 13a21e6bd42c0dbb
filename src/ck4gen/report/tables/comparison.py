"""Generators in rows, metrics in columns: mean (SD) over seeds, and who clearly wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ck4gen.evaluation.base.registry import find
from ck4gen.experiments.display import of_method
from ck4gen.report.items import Number
from ck4gen.report.seeds import over_seeds
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.style import name_of

GENERATOR, SEEDS, TIMES = "Generator", "Seeds", "Times"
BOLD = (
    "Mean (SD) over seeds. Bold: the best of the generators, where it beats the runner-up by more "
    "than two standard errors of their difference; bootstrap, fresh patients and shuffled columns "
    "are references and compete with nobody."
)
COPIED = "Copied times win no survival column."


@dataclass(frozen=True)
class Column:
    """A metric as a column.

    Attributes:
        heading: What stands above it.
        metric: Its name in ``report.json``.
        ideal: What a perfect generator reaches; None: nobody wins.
        digits: Decimals.
        meaning: What it says, where the table's caption does not.
    """

    heading: str
    metric: str
    ideal: float | None
    digits: int = 2
    meaning: str = ""


def column(metric: str, heading: str | None = None, *, ranked: bool = True) -> Column:
    """A metric of the registry as a column; where it is not ``ranked``, nobody wins."""
    info = find(metric)
    if info is None:
        raise ValueError(f"there is no metric {metric}")
    return Column(heading or info.label, metric, info.ideal if ranked else None, info.digits)


def comparison(runs: Mapping[str, Sequence[StoredRun]], columns: Sequence[Column]) -> pd.DataFrame:
    """One row a generator, in the order given.

    Args:
        runs: Runs of each generator, one a seed.
        columns: What to compare.
    """
    copied = {method: method_runs[0].report["times_copied"] for method, method_runs in runs.items()}
    frame = pd.DataFrame(
        {
            GENERATOR: [name_of(method) for method in runs],
            SEEDS: [str(len(method_runs)) for method_runs in runs.values()],
            TIMES: ["real" if copied[method] else "new" for method in runs],
        }
    )
    for column in columns:
        cells = {
            m: over_seeds(method_runs, column.metric, column.digits)
            for m, method_runs in runs.items()
        }
        rivals = [
            method
            for method in runs
            if not of_method(method).reference
            and not (copied[method] and _is_trivial(column.metric))
        ]
        counts = {m: sum(not np.isnan(r.metric(column.metric)) for r in runs[m]) for m in runs}
        best = clear_winner({m: cells[m] for m in rivals}, counts, column.ideal)
        if best is not None:
            cells[best] = replace(cells[best], best=True)
        frame[column.heading] = list(cells.values())
    return frame


def _is_trivial(metric: str) -> bool:
    """Whether copied times make a metric perfect, or nearly so."""
    info = find(metric)
    return info is not None and info.needs_new_times


def clear_winner(
    cells: Mapping[str, Number], counts: Mapping[str, int], ideal: float | None
) -> str | None:
    """The generator nearest to the ideal by more than two standard errors of the difference.

    Args:
        cells: Mean and SD by generator; one without an SD competes with nobody.
        counts: Seeds behind each.
        ideal: The value to reach; None: there is no winner.
    """
    if ideal is None:
        return None
    gaps = {m: abs(cell.value - ideal) for m, cell in cells.items() if not np.isnan(cell.sd)}
    if len(gaps) < 2:
        return None
    first, second = sorted(gaps, key=gaps.__getitem__)[:2]
    errors = [cells[m].sd / np.sqrt(counts[m]) for m in (first, second)]
    return first if gaps[second] - gaps[first] > 2 * np.hypot(*errors) else None
