"""The survival curve in a file of published numbers, and the patients at risk below it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import exp, log

import numpy as np

from ck4gen.described.published.faults import Faults

ROUNDING = 0.01  # of a number that was read off a figure


def published_survival(state: Mapping, horizon: float | None, faults: Faults) -> dict[float, float]:
    """The curve by time, from the first time on."""
    entries = faults.mapping("survival", state.get("survival"), "Kaplan-Meier points, time: share")
    curve: dict[float, float] = {}
    for time, share in entries.items():
        parsed_time = faults.number("a time of survival", time)
        value = faults.number(f"survival.{time}", share)
        if parsed_time is None or value is None:
            continue
        if not parsed_time > 0 or (horizon is not None and parsed_time > horizon):
            faults.append(f"survival.{time} is not between 0 and the horizon")
        if not 0 < value <= 1:
            faults.append(f"survival.{time} is {value:g}, and must be above 0 and at most 1")
        curve[parsed_time] = value
    curve = dict(sorted(curve.items()))
    times = list(curve)
    for earlier, later in pairwise(times):
        if curve[later] > curve[earlier]:
            faults.append(
                f"survival rises from {curve[earlier]:g} at {earlier:g} to {curve[later]:g} at "
                f"{later:g}, and can only fall"
            )
    return curve


def check_events(share: float, survival: dict[float, float], end: float, faults: Faults) -> None:
    """The curve allows so many events only if all are followed to the horizon.

    Nothing is said of numbers that are impossible by themselves.
    """
    times, values = [0.0, *survival], [1.0, *survival.values()]
    if share > 1 or len(times) < 2 or values != sorted(values, reverse=True):
        return
    last = log(max(values[-2], 1e-9) / max(values[-1], 1e-9)) / max(times[-1] - times[-2], 1e-9)
    most = 1 - values[-1] * exp(-max(last, 0.0) * (end - times[-1]))
    if share > most:
        faults.append(
            f"{share:.0%} of the patients have the event, and the survival curve allows {most:.0%} "
            "up to the horizon"
        )


def numbers_at_risk(
    state: Mapping,
    patients: int | None,
    survival: Mapping[float, float],
    horizon: float | None,
    faults: Faults,
) -> dict[float, int]:
    """Patients at risk by time, of a time above 0; empty where the file has none."""
    if "at_risk" not in state:
        return {}
    entries = faults.mapping("at_risk", state["at_risk"], "numbers of patients by time")
    counts: dict[float, int] = {}
    for time, number in entries.items():
        parsed_time = faults.number("a time of at_risk", time)
        count = faults.whole(f"at_risk.{time}", number, 1)
        if parsed_time is None or count is None:
            continue
        if parsed_time < 0 or (horizon is not None and parsed_time >= horizon):
            faults.append(f"at_risk.{time} is not before the horizon")
        counts[parsed_time] = count
    counts = dict(sorted(counts.items()))
    for earlier, later in pairwise(counts):
        if counts[later] > counts[earlier]:
            faults.append(f"at_risk rises between {earlier:g} and {later:g}, and can only fall")
    if patients is not None and survival:
        times, values = [0.0, *survival], [1.0, *survival.values()]
        for parsed_time, count in counts.items():
            alive = float(np.interp(parsed_time, times, values)) + ROUNDING
            if count > alive * patients:
                faults.append(
                    f"at_risk.{parsed_time:g} is {count}, more than are free of the event then"
                )
    return {parsed_time: count for parsed_time, count in counts.items() if parsed_time > 0}
