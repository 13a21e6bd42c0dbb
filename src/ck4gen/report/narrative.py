"""The comparison in sentences that a clinician can read, from the runs that are there."""

from __future__ import annotations

import numpy as np

from ck4gen.evaluation.statuses import counted
from ck4gen.experiments.display import in_order, of_dataset, of_method
from ck4gen.report.results import FAMILY, FLOOR, Results
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.style import name_of

ERROR, INSIDE = "hazard/log_hr_z", "hazard/in_ci"
LINK = "privacy/outcome_link_advantage"
FRESH = "fresh"  # patients who were held out, as if they were a synthetic table


def narrative(results: Results) -> list[str]:
    """On the noise floor, on each generator of the CK4Gen family, and on the others together."""
    released = {m: runs for m in results.methods if (runs := results.every(m, "release"))}
    audited = {m: runs for m in results.methods if (runs := results.every(m, "audit"))}
    family = [m for m in results.methods if m.startswith(FAMILY) and m in {*released, *audited}]
    others = [m for m in results.methods if m not in family and not of_method(m).reference]
    sentences = []
    if FLOOR in released:
        sentences.append(
            "For scale: a bootstrap, which draws the real patients anew with replacement, "
            f"moves a log hazard ratio by {mean(released[FLOOR], ERROR):.2f} standard errors on "
            "average. An error below that is no larger than chance alone would make it."
        )
    sentences += [
        f"{name_of(method)}: "
        + " ".join(
            _released(released.get(method, []), results)
            + _audited(audited.get(method, []), audited.get(FRESH, []))
        )
        for method in family
    ]
    if rivals := {m: mean(released[m], ERROR) for m in others if m in released}:
        sentences.append(_rivals(rivals, released, results))
    if safe := {m: _verdicts(audited[m]) for m in others if m in audited}:
        text = "; ".join(f"{name_of(method)} {verdicts}" for method, verdicts in safe.items())
        sentences.append(f"Verdicts on audited tables of other generators: {text}.")
    return sentences


def _rivals(
    errors: dict[str, float], released: dict[str, list[StoredRun]], results: Results
) -> str:
    """How near the other generators come to the hazard ratios."""
    near, far = min(errors, key=errors.__getitem__), max(errors, key=errors.__getitem__)
    nearest, farthest = (
        f"{errors[m]:.2f} standard errors{_where(released[m], results)}" for m in (near, far)
    )
    if near == far:
        return f"{name_of(near)}: log hazard ratios are off by {nearest} on average."
    return (
        f"Of {len(errors)} other generators, {name_of(near)} has the smallest error, "
        f"{nearest}, and {name_of(far)} the largest, {farthest}."
    )


def _released(runs: list[StoredRun], results: Results) -> list[str]:
    if not runs:
        return []
    return [
        f"log hazard ratios are off by {mean(runs, ERROR):.2f} standard errors on average; "
        f"{mean(runs, INSIDE):.0%} lie inside the real 95% interval{_where(runs, results)}."
    ]


def _audited(runs: list[StoredRun], fresh: list[StoredRun]) -> list[str]:
    if not runs:
        return []
    chance = f" (with a table of new patients: {100 * mean(fresh, LINK):.0f})" if fresh else ""
    return [
        f"Verdicts on {len(runs)} audited tables: {_verdicts(runs)}. An attacker who knows a "
        "patient's time and event is right about a covariate more often if the patient was used, "
        f"by {100 * mean(runs, LINK):.0f} percentage points{chance}."
    ]


def _verdicts(runs: list[StoredRun]) -> str:
    return counted(run.report["verdict"]["overall"] for run in runs)


def _where(runs: list[StoredRun], results: Results) -> str:
    """The cohorts of these runs in brackets; nothing where they are all of the report."""
    where = {run.report["dataset"] for run in runs}
    if where == {*results.datasets}:
        return ""
    return f" ({', '.join(of_dataset(name).title for name in in_order(where, of_dataset))})"


def mean(runs: list[StoredRun], metric: str) -> float:
    """Mean over cohorts of the mean over seeds."""
    by_cohort: dict[str, list[float]] = {}
    for run in runs:
        by_cohort.setdefault(run.report["dataset"], []).append(run.metric(metric))
    return float(np.mean([np.mean(values) for values in by_cohort.values()]))
