"""Does adding synthetic patients help? Discrimination and calibration, under both protocols."""

from __future__ import annotations

import pandas as pd

from ck4gen.report.items import Interval, Number, Table
from ck4gen.report.registry import table
from ck4gen.report.results import ORDER, PERCENTILES, MissingRuns, Results
from ck4gen.report.seeds import over_seeds
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.style import name_of, title_of
from ck4gen.report.tables.comparison import GENERATOR
from ck4gen.report.tables.tstr import MODELS

REAL_ONLY = "Real only"
PROTOCOL = "Protocol"
MEANT = (
    "Author: five random halves used both ways, the generator fitted on every patient, test "
    "halves included. Corrected: the generator is fitted within each training half."
)


@table(order=50)
def discrimination(results: Results, dataset: str) -> Table:
    """Harrell's C of a Cox model trained on real, and on real + synthetic patients."""
    rows = []
    for protocol, runs in _runs(results, dataset).items():
        rows.append({PROTOCOL: protocol, **_c(next(iter(runs.values())), "real", REAL_ONLY)})
        for method, run in runs.items():
            rows.append({PROTOCOL: protocol, **_c(run, "augmented", name_of(method))})
    frame = pd.DataFrame(rows)
    for key, model in MODELS.items():
        gains = {
            name_of(method): over_seeds(
                results.runs(dataset, method, "audit"), f"utility/gain/{key}/c_index", 3
            )
            for method in results.augmented
        }
        held_out = frame[GENERATOR].map(gains)
        frame[f"Held out, {model}"] = held_out.where(
            frame[GENERATOR].isin(gains) & (frame[PROTOCOL] == ORDER[-1]), "-"
        )
    caption = (
        f"Harrell's C, mean (SD) over halves and replicates; change: augmented minus real only, "
        f"paired by half, with its 95% CI (corrected for overlapping halves). {MEANT} Held out: "
        "gain in C of three models on the patients that an audit run holds out, mean (SD) over "
        "seeds."
    )
    return Table(
        f"Augmentation, discrimination, {title_of(dataset)}",
        caption,
        frame,
        _commands(results, dataset),
    )


@table(order=60)
def calibration(results: Results, dataset: str) -> Table:
    """Slopes of observed on predicted risk at three horizons, and |1 - slope|."""
    rows = []
    for protocol, runs in _runs(results, dataset).items():
        first = next(iter(runs.values()))
        rows.append({PROTOCOL: protocol, **_slopes(first, "real", REAL_ONLY)})
        for method, run in runs.items():
            rows.append({PROTOCOL: protocol, **_slopes(run, "augmented", name_of(method))})
    caption = (
        "Slope through the origin of observed on predicted risk over 20 bins of predicted risk, at "
        "the 25th, 50th and 75th percentile of follow-up; 1 is right. D21 = |1 - slope|. Change: "
        "augmented minus real only, 95% CI, below 0 is better; under the author protocol the "
        f"splits are averaged, so its interval covers the synthetic draw alone. {MEANT} Author: "
        "observed risk counts events at any time and ignores censoring; corrected: Kaplan-Meier."
    )
    return Table(
        f"Augmentation, calibration, {title_of(dataset)}",
        caption,
        pd.DataFrame(rows),
        _commands(results, dataset),
    )


def _runs(results: Results, dataset: str) -> dict[str, dict[str, StoredRun]]:
    """The comparison of each generator that has one, by protocol."""
    by_method = {method: results.augmentations(dataset, method) for method in results.augmented}
    runs_by_protocol = {
        protocol: {m: runs[protocol] for m, runs in by_method.items() if protocol in runs}
        for protocol in ORDER
    }
    if not any(runs_by_protocol.values()):
        raise MissingRuns
    return {protocol: runs for protocol, runs in runs_by_protocol.items() if runs}


def _c(run: StoredRun, arm: str, label: str) -> dict:
    prefix = "augmentation/overall"
    cells = {
        GENERATOR: label,
        "C": _cell(run, f"{prefix}/{arm}/c_index", 3),
        "Change (95% CI)": "-",
    }
    if arm == "augmented":
        cells["Change (95% CI)"] = _change(run, f"{prefix}/difference/c_index", 3)
    return cells


def _slopes(run: StoredRun, arm: str, label: str) -> dict:
    prefix = "augmentation/overall"
    cells: dict[str, object] = {GENERATOR: label}
    for p in PERCENTILES:
        cells[f"Slope {p}%"] = _cell(run, f"{prefix}/{arm}/slope_{p}", 2)
    for p in PERCENTILES:
        cells[f"D21 {p}%"] = _cell(run, f"{prefix}/{arm}/d21_{p}", 2)
    for p in PERCENTILES:
        name = f"{prefix}/difference/d21_{p}"
        cells[f"Change {p}% (95% CI)"] = _change(run, name, 2) if arm == "augmented" else "-"
    return cells


def _cell(run: StoredRun, name: str, digits: int) -> Number:
    return Number(run.metric(name), digits, run.metric(f"{name}_sd"))


def _change(run: StoredRun, name: str, digits: int) -> Interval:
    metric = run.report["metrics"].get(name, {})
    ends = {end: metric.get(end) for end in ("value", "low", "high")}
    value, low, high = (float("nan") if x is None else x for x in ends.values())
    return Interval(value, low, high, digits, joint=" to ")


def _commands(results: Results, dataset: str) -> list[str]:
    return [results.command("augment", dataset, ",".join(ORDER), results.augmented)]
