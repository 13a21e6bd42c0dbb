"""Checks of single values in a file of published numbers, each with its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite


class Faults(list[str]):
    """Everything that is wrong with a file, in plain sentences."""

    def keys(self, where: str, entry: Mapping, allowed: tuple[str, ...]) -> None:
        """Note keys that mean nothing here."""
        for key in entry:
            if key not in allowed:
                self.append(f"{where}{key} is no key; use {', '.join(allowed)}")

    def mapping(self, where: str, entry: object, of: str) -> Mapping:
        """The entry if it is a mapping that holds something, else an empty one."""
        if isinstance(entry, Mapping) and entry:
            return entry
        self.append(f"{where} is missing; give {of}")
        return {}

    def number(self, where: str, value: object) -> float | None:
        """The value as a finite number, or None."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            self.append(f"{where} is {value!r}, and must be a number")
            return None
        return float(value)

    def whole(self, where: str, value: object, least: int) -> int | None:
        """The value as a whole number, or None."""
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.append(f"{where} is {value!r}, and must be a whole number of at least {least}")
            return None
        return value
