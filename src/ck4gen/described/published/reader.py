"""A file of published numbers, read and checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ck4gen.data.public_table import PublicTable
from ck4gen.data.yaml_file import read_mapping
from ck4gen.described.published.columns import published_columns
from ck4gen.described.published.curve import check_events, numbers_at_risk, published_survival
from ck4gen.described.published.faults import Faults
from ck4gen.described.published.numbers import HazardRatio, PublishedNumbers
from ck4gen.settings import InputError

TEXTS = ("duration_unit", "event_meaning")
OF_FILE = (
    "patients", "events", "horizon", "decimals", *TEXTS, "columns", "correlations",
    "hazard_ratios", "survival", "at_risk",
)  # fmt: skip


def read_published(path: str) -> PublishedNumbers:
    """The numbers in a YAML file.

    Raises:
        InputError: There is no such file, it is no YAML, or every fault of it.
    """
    return published_numbers(read_mapping("data.path", path), Path(path).name)


def published_numbers(state: Mapping, where: str) -> PublishedNumbers:
    """The numbers that a YAML file holds.

    Args:
        state: Its content.
        where: Name of the file, for messages.

    Raises:
        InputError: Every fault of it.
    """
    faults = Faults()
    faults.keys("", state, OF_FILE)
    patients = faults.whole("patients", state.get("patients"), 10)
    events = faults.whole("events", state.get("events"), 2)
    if patients and events and events > patients:
        faults.append(f"there are more events ({events}) than patients ({patients})")
    decimals = faults.whole("decimals", state.get("decimals", 0), 0)
    horizon = faults.number("horizon", state.get("horizon"))
    if horizon is not None and not horizon > 0:
        faults.append("horizon must be above 0")
    described = faults.mapping("columns", state.get("columns"), "a description of each covariate")
    columns = published_columns(described, patients, faults)
    survival = published_survival(state, horizon, faults)
    at_risk = numbers_at_risk(state, patients, survival, horizon, faults)
    if patients and events and horizon:
        check_events(events / patients, survival, horizon, faults)
    texts = {name: str(state[name]) for name in TEXTS if name in state}
    public = PublicTable(
        tuple(column.public for column in columns), horizon or 1.0, decimals or 0, **texts
    )
    names = [str(name) for name in described]
    ratios = _hazard_ratios(state, public, names, faults)
    correlations = _correlations(state, names, faults)
    if faults:
        raise InputError(f"{where} does not describe a cohort: {'; '.join(faults)}")
    return PublishedNumbers(
        public, columns, patients or 0, events or 0, ratios, correlations, survival, at_risk
    )


def _hazard_ratios(
    state: Mapping, public: PublicTable, names: list[str], faults: Faults
) -> dict[str, HazardRatio]:
    """By term in the order of the design; each term once, and no other.

    The levels of a column that could not be read are not known, so its terms pass.
    """
    entries = faults.mapping("hazard_ratios", state.get("hazard_ratios"), "one for each term")
    ratios = {str(term): _hazard_ratio(str(term), entry, faults) for term, entry in entries.items()}
    terms = public.schema.design_names
    unread = set(names) - set(public.schema.names)
    for term in ratios:
        if term not in terms and term.partition("[")[0] not in unread:
            faults.append(f"hazard_ratios.{term} is no term; terms are {', '.join(terms)}")
    if entries and (left := [term for term in terms if term not in ratios]):
        faults.append(f"hazard_ratios lacks {', '.join(left)}; give 1 where none is published")
    return {term: ratios[term] for term in terms if term in ratios}


def _hazard_ratio(term: str, entry: object, faults: Faults) -> HazardRatio:
    """``ratio``, or ``{hr: ratio, interval: [low, high]}``."""
    where, interval = f"hazard_ratios.{term}", None
    if isinstance(entry, Mapping):
        faults.keys(f"{where}.", entry, ("hr", "interval"))
        interval, entry = entry.get("interval"), entry.get("hr")
    ratio = faults.number(where, entry)
    if ratio is not None and not ratio > 0:
        faults.append(f"{where} is {ratio:g}, and a hazard ratio is above 0")
    if interval is None or ratio is None:
        return HazardRatio(ratio or 1.0)
    ends = interval if isinstance(interval, list) and len(interval) == 2 else [None, None]
    low, high = (faults.number(f"{where}.interval", end) for end in ends)
    if low is None or high is None:
        return HazardRatio(ratio)
    if not 0 < low <= ratio <= high:
        faults.append(f"{where}: {ratio:g} is not within its interval {low:g} to {high:g}")
    return HazardRatio(ratio, (low, high))


def _correlations(state: Mapping, names: list[str], faults: Faults) -> np.ndarray:
    """(p, p), from a list of [one column, another, correlation]."""
    entries = state.get("correlations") or []
    matrix = np.eye(len(names))
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, list) or len(entry) != 3:
            faults.append(f"correlations has {entry!r}; write [one column, another, correlation]")
            continue
        one, other = str(entry[0]), str(entry[1])
        value = faults.number(f"correlations of {one} and {other}", entry[2])
        unknown = [name for name in (one, other) if name not in names]
        faults.extend(f"correlations has '{name}', which is no column" for name in unknown)
        if one == other or (value is not None and not -1 < value < 1):
            faults.append(f"the correlation of {one} and {other} must be of two and below 1")
        elif value is not None and not unknown:
            i, j = names.index(one), names.index(other)
            matrix[i, j] = matrix[j, i] = value
    if names and np.linalg.eigvalsh(matrix)[0] < -1e-9:
        faults.append("correlations contradict each other: no columns can have all of them")
    return matrix
