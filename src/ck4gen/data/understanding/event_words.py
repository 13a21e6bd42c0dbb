"""Which words and numbers mean that the event happened, that it did not, or that nobody knows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ck4gen.data.understanding.levels import key_of
from ck4gen.data.understanding.missing_codes import NEGATIVE, WORDS, as_texts
from ck4gen.data.understanding.raw_column import whole_number
from ck4gen.data.understanding.vocabulary import vocabulary, words

YES = vocabulary("1 true t yes y ja oui si sí sim")
HAPPENED = YES | vocabulary(
    """
    dead died death deceased event relapse relapsed recurrence progression
    progressed failure failed occurred uncensored observed positive
    verstorben gestorben tot décédé décédée fallecido muerto deceduto
    """
)
NOT_HAPPENED = vocabulary(
    """
    0 false f no n alive living lived survived censored censor none free stable negative
    unobserved lost
    nein non lebend lebt zensiert vivant vivante vivo censuré
    """
)
STATES = vocabulary("dead died deceased alive living lost censored")  # also as the first word
SURVIVING = vocabulary(  # names of a column in which 1 is no event
    """
    alive survived survive survives surviving survivor living lived lives
    lebend lebendig lebt überlebt vivant vivante vivo viva survécu
    """
)
REVERSED = vocabulary("not non no nicht dead death died")  # not alive, alive or dead
BELOW = frozenset(as_texts(NEGATIVE))
ABOVE = frozenset(("9", "99", "999", "9999", "99999", "888", "8888"))  # 7 and 8 may be causes
PAIRS = ({"0", "1"}, {"1", "2"})
TELLING_NOTHING = 2  # characters of a whole number that says nothing of a patient


def of_two(values: Sequence[str], name: str) -> tuple[str | None, str]:
    """The event among two values, and why; None where it cannot be told.

    Args:
        values: The two values, the shorter one first.
        name: The column's name: 1 is no event in one that is called ``alive``.
    """
    happened, reason = _by_value(values)
    spoken = {name.casefold(), *words(name)}
    if happened and key_of(happened) in YES and spoken & SURVIVING and not spoken & REVERSED:
        other = next(value for value in values if value != happened)
        return other, f"a guess: '{happened}' is no event in a column of this name"
    return happened, reason


def _by_value(values: Sequence[str]) -> tuple[str | None, str]:
    keys = [key_of(value) for value in values]
    if set(keys) == {"0", "1"}:
        return values[keys.index("1")], ""
    if set(keys) == {"1", "2"}:
        return values[keys.index("2")], "a guess: 1 and 2 as R codes them"
    if set(keys) == {"-1", "1"}:
        return values[keys.index("1")], "a guess: 1 beside -1"
    if keys[0] == "0" and whole_number(keys[1]):
        return values[1], f"a guess: {values[1]} beside 0"
    yes = [value for value, key in zip(values, keys, strict=True) if _says(key, HAPPENED)]
    no = [value for value, key in zip(values, keys, strict=True) if _says(key, NOT_HAPPENED)]
    if len(yes) == 1 and len(no) == 1 and yes != no:
        return yes[0], "by its word"
    if len(no) == 1 and not yes:
        return next(value for value in values if value != no[0]), f"a guess: not '{no[0]}'"
    if len(yes) == 1 and not no:
        return yes[0], "a guess by its word"
    return None, ""


def _says(key: str, vocabulary: frozenset[str]) -> bool:
    parts = words(key)
    if not parts:
        return False
    return key in vocabulary or parts[-1] in vocabulary or parts[0] in vocabulary & STATES


def unknown(values: Sequence[str]) -> list[str]:
    """Values that say that nobody knows: words, and codes such as 9 beside 0 and 1.

    Args:
        values: All values of the column. Among several causes 9 may be one, and -9 is none.
    """
    unknown_values = [value for value in values if key_of(value) in WORDS - NOT_HAPPENED]
    others = {value for value in values if value not in unknown_values}
    other_codes = others - BELOW - ABOVE
    codes = others & BELOW if len(other_codes) > 1 else set()
    if len(other_codes) > 1 and (other_codes in PAIRS or not any(map(whole_number, other_codes))):
        codes = others - other_codes
    return unknown_values + sorted(codes)


def usually_censored(texts: pd.Series, values: Sequence[str]) -> list[str]:
    """The values of a censored row among several, 0 or the most frequent word for it first."""
    counts = texts.value_counts()
    censored_values = [value for value in values if _says(key_of(value), NOT_HAPPENED)]
    return sorted(censored_values, key=lambda value: (value != "0", -counts[value]))


def censored_text(texts: pd.Series, censored: Sequence[str], happened: str, min_cell: int) -> str:
    """What a censored row of a synthetic table says.

    A word for it before the most frequent other value, and never the words of a few patients, as
    "abroad, joined a sect": they would stand in every censored row.

    Args:
        texts: (n,) values of the column.
        censored: Those of censored rows.
        happened: That of the event.
        min_cell: Fewest patients of a value that is no usual word and no short number.
    """
    counts = texts.value_counts()
    frequent = sorted(censored, key=lambda value: (-counts[value], value))
    for value in (*usually_censored(texts, censored), *frequent):
        number = whole_number(value) and len(value) <= TELLING_NOTHING
        if counts[value] >= min_cell or key_of(value) in NOT_HAPPENED or number:
            return value
    usual = ("0", "censored") if whole_number(happened) else ("censored", "0")
    return next(value for value in usual if value != happened)
