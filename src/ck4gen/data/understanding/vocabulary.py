"""Words of column names and of cells."""

from __future__ import annotations

import re


def vocabulary(text: str) -> frozenset[str]:
    """The words of a text, apart by blanks or, where there is one, by bars."""
    return frozenset(word.strip() for word in (text.split("|") if "|" in text else text.split()))


def words(name: str) -> list[str]:
    """A column name in lower-case words: ``PatientNo`` and ``patient_no`` are the same."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word]


# levels that may be named however few patients have them: they say nothing of a single one
COMMON = vocabulary(
    """
    yes no true false ja nein oui non si not
    male female man woman men women männlich weiblich homme femme hombre mujer other others
    positive negative pos neg present absent normal abnormal none unknown missing
    dead alive left right both never former past current ever
    minimal mild moderate severe critical marked weak strong poor fair good very excellent well
    low intermediate medium middle high small large early late primary secondary tertiary
    treated untreated treatment control placebo standard test experimental new old
    stage grade class group arm type level
    """
)
# of groups of patients: a number beside one of these counts places, not people
PLACES = vocabulary(
    "site centre center hospital clinic region country district ward institution inst"
)
NUMBERS = vocabulary("no nr num number code key")
