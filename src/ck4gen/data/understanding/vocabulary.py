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
