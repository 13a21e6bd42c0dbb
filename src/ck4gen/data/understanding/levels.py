"""Levels of a column of texts: spellings merged, words in their order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

ORDERS = tuple(
    tuple(order.split(" "))
    for order in (
        "none minimal mild moderate severe critical",
        "absent mild moderate severe",
        "no mild moderate severe",
        "very_low low medium high very_high",
        "low intermediate high",
        "low moderate high",
        "low normal high",
        "low middle high",
        "small medium large",
        "never former current",
        "never past current",
        "never ex current",
        "poor fair good very_good excellent",
        "poor moderate well",
        "early middle late",
        "early intermediate late",
        "mild moderate marked",
        "negative weak moderate strong",
        "primary secondary tertiary",
        "i ii iii iv v",
    )
)
PAIRS = (  # abbreviations, each with what it may stand for
    {"m": "male", "f": "female"},
    {"y": "yes", "n": "no"},
    {"t": "true", "f": "false"},
    {"pos": "positive", "neg": "negative"},
)
STAGE = re.compile(r"(?:stage|grade|class|nyha|who|figo|asa|level)?[ _-]*(iv|v|i{1,3})([abc]?)")
BAND = re.compile(r"\s*([<>≤≥]=?)?\s*(\d+(?:\.\d+)?)")
SIMILAR = 0.85  # likeness of two levels that may be one
LONG = 5  # letters below which a likeness means nothing


def key_of(text: str) -> str:
    """A text without its dress: case, double blanks and a full stop at the end."""
    return " ".join(text.split()).casefold().rstrip(".")


def merged_spellings(counts: Counter[str]) -> dict[str, str]:
    """Text -> level: one level for all spellings that differ in case, blanks or abbreviation.

    Args:
        counts: How often each text occurs.

    Returns:
        Every text with the most frequent spelling of its group.
    """
    groups: dict[str, list[str]] = {}
    for text in counts:
        groups.setdefault(key_of(text), []).append(text)
    for pair in PAIRS:
        if all(short in groups or long in groups for short, long in pair.items()):
            for short, long in pair.items():
                if short in groups and long in groups:
                    groups[long] += groups.pop(short)
    level: dict[str, str] = {}
    for key, texts in groups.items():
        full = [t for t in texts if key_of(t) == key]  # rather the word than its abbreviation
        best = max(full, key=lambda text: (counts[text], text))
        level |= dict.fromkeys(texts, best)
    return level


def order_of(levels: Sequence[str]) -> tuple[str, ...] | None:
    """The levels in the order that their words have; None where they have none."""
    keys = {"_".join(key_of(level).split()): level for level in levels}
    for order in ORDERS:
        if len(keys) > 2 and set(keys) <= set(order):
            return tuple(keys[word] for word in order if word in keys)
    for rank in (_roman, _banded):
        ranks = [rank(level) for level in levels]
        if len(levels) > 2 and None not in ranks and len(set(ranks)) == len(ranks):
            return tuple(level for _, level in sorted(zip(ranks, levels, strict=True)))
    return None


def _roman(level: str) -> tuple[int, str] | None:
    match = STAGE.fullmatch(key_of(level))
    return (("i", "ii", "iii", "iv", "v").index(match[1]), match[2]) if match else None


def _banded(level: str) -> tuple[float, float] | None:
    """Bands such as <50, 50-64, 65+."""
    match = BAND.match(level)
    if match is None or not re.search(r"\d\s*(-|\u2013|to|\+)|[<>≤≥]", level):
        return None
    sign = match[1] or ""
    return (float(match[2]), -1 if sign[:1] in ("<", "≤") and sign else (1 if sign else 0))


def near_duplicates(levels: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of levels that differ by so little that one may be a slip of the pen."""
    long = [level for level in levels if len(level) >= LONG and not re.search(r"\d", level)]
    return [
        (a, b)
        for index, a in enumerate(long)
        for b in long[index + 1 :]
        if SequenceMatcher(None, key_of(a), key_of(b)).ratio() >= SIMILAR
        and abs(len(a) - len(b)) <= 2
    ]
