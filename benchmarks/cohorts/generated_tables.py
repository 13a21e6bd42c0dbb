"""Tables that hypothesis makes up: kinds of columns, dirt, odd names, few rows, few events."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from hypothesis import strategies as st

ODD_NAMES = [
    "age", "Age (years)", "a,b", 'quo"ted', "x[1]", "naïve", "Größe β", " leading", "event",
    "duration", "1", "a=b", "${x}", "null", "true", "a: b", "#c", "<b>&", "50%", "a <= b",
    "x is missing", "it's", "back\\slash", "{", "名前", "😀", "two  spaces", "line\nbreak", "-",
    "n" * 120, "weight_kg", "score", "grp", "Ki-67 [%]", "other", "y follows from z", "p = q + r",
]  # fmt: skip
CODES = (-9, 999)
Make = Callable[[np.random.Generator, int], np.ndarray]
KINDS: dict[str, Make] = {
    "normal": lambda rng, n: rng.normal(50, 9, n).round(2),
    "whole": lambda rng, n: rng.integers(20, 90, n),
    "skewed": lambda rng, n: rng.lognormal(1, 1.5, n).round(3),
    "tiny": lambda rng, n: rng.normal(0, 1e-7, n),
    "huge": lambda rng, n: rng.integers(10**6, 10**7, n) * 1000,
    "spike": lambda rng, n: np.where(rng.random(n) < 0.6, 0, rng.gamma(2, 9, n).round(1)),
    "few": lambda rng, n: rng.choice([0, 10, 25], n),
    "binary": lambda rng, n: rng.integers(0, 2, n),
    "rare binary": lambda rng, n: (rng.random(n) < 0.03).astype(int),
    "yes or no": lambda rng, n: rng.choice(["yes", "no"], n),
    "levels": lambda rng, n: rng.choice(["blue", "green", "red, dark"], n),
    "in order": lambda rng, n: rng.choice(["mild", "moderate", "severe"], n, p=[0.6, 0.3, 0.1]),
    "dirty": lambda rng, n: rng.choice(["Male", "male ", "M", "female", "Female", "F"], n),
    "rare": lambda rng, n: np.where(rng.random(n) < 0.05, "ösophagus", rng.choice(["a", "b"], n)),
    "many": lambda rng, n: np.array([f"clinic {k}" for k in rng.integers(1, 40, n)]),
    "limits": lambda rng, n: np.where(rng.random(n) < 0.2, "<0.5", rng.lognormal(1, 1, n).round(1)),
    "dates": lambda rng, n: (
        np.datetime64("2015-01-01") + rng.integers(0, 900, n).astype("timedelta64[D]")
    ).astype(str),
    "constant": lambda _, n: np.full(n, "north"),
    "empty": lambda _, n: np.full(n, np.nan),
    "coded": lambda rng, n: np.where(
        rng.random(n) < 0.15, rng.choice(CODES), rng.normal(50, 9, n).round()
    ),
}
IDENTIFIERS: dict[str, Make] = {
    "running": lambda rng, n: rng.permutation(n) + 40_001,
    "text": lambda rng, n: np.array([f"PT{k:07d}" for k in rng.choice(10**6, n, replace=False)]),
    "long number": lambda rng, n: rng.choice(9_000_000, n, replace=False) + 1_000_000,
}
EVENTS = {
    "numbers": (0, 1), "R": (1, 2), "words": ("alive", "dead"), "truth": (False, True),
    "yes": ("no", "yes"),
}  # fmt: skip
DERIVED = ("copy", "near copy", "sum", "part", "band")


@dataclass
class Made:
    """A table, its outcome and what must not leave it."""

    frame: pd.DataFrame
    duration: str
    event: str
    identifiers: list[str] = field(default_factory=list)
    story: str = ""


@st.composite
def tables(draw: st.DrawFn) -> Made:
    """One table."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1), "seed"))
    n = draw(st.sampled_from([90, 150, 60, 40, 24, 12]), "rows")
    names = iter(draw(st.permutations(ODD_NAMES), "names"))
    kinds = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=6), "kinds")
    frame = pd.DataFrame({next(names): KINDS[kind](rng, n) for kind in kinds})
    derived = draw(st.lists(st.sampled_from(DERIVED), max_size=2), "derived")
    for kind in derived:
        _derive(frame, kind, next(names), rng)
    blanks = draw(st.sampled_from([0.0, 0.0, 0.05, 0.3, 0.9]), "blanks")
    for name in frame.columns[rng.random(frame.shape[1]) < 0.5]:
        frame[name] = frame[name].astype(object).mask(rng.random(n) < blanks)
    identifiers = draw(st.lists(st.sampled_from(list(IDENTIFIERS)), max_size=1), "identifier")
    for kind in identifiers:
        frame.insert(0, f"key {kind}", IDENTIFIERS[kind](rng, n))
    rate = draw(st.sampled_from([0.6, 0.3, 0.15, 1.0, 0.03, 0.0]), "event rate")
    coding = draw(st.sampled_from(list(EVENTS)), "coding")
    frame["died"] = np.array(EVENTS[coding], dtype=object)[(rng.random(n) < rate).astype(int)]
    times = draw(st.sampled_from(["days", "ties", "decimals", "zeros", "one time"]), "times")
    frame["time"] = _times(times, rng, n)
    story = (
        f"{n} rows, {kinds}, {derived}, blanks {blanks}, {identifiers}, {rate}, {coding}, {times}"
    )
    return Made(frame, "time", "died", [f"key {kind}" for kind in identifiers], story)


def _times(kind: str, rng: np.random.Generator, n: int) -> np.ndarray:
    days = rng.exponential(400, n)
    return {
        "days": days.round() + 1,
        "ties": rng.integers(1, 5, n),
        "decimals": days.round(2),
        "zeros": np.where(rng.random(n) < 0.3, 0, days.round()),
        "one time": np.full(n, 365),
    }[kind]


def _derive(frame: pd.DataFrame, kind: str, name: str, rng: np.random.Generator) -> None:
    """Add a column that follows, or nearly, from the first one or from numbers."""
    first = frame.iloc[:, 0]
    numeric = [c for c in frame if pd.api.types.is_numeric_dtype(frame[c])]
    if kind == "copy" or not numeric:
        frame[name] = first
    elif kind == "near copy":
        frame[name] = first.where(rng.random(len(frame)) > 0.05, first.iloc[0])
    elif kind == "sum":
        frame[name] = frame[numeric].sum(axis=1)
    elif kind == "part":
        frame[name] = (frame[numeric[0]] * rng.random(len(frame))).round(1)
    else:
        high = frame[numeric[0]] >= frame[numeric[0]].median()
        frame[name] = np.where(high, "high", "low")
