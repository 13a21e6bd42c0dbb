"""What is publicly known of a column before anybody has looked at its cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.schema import Column


@dataclass(frozen=True)
class PublicColumn:
    """What a column can hold, whatever it does hold.

    Attributes:
        name: Its name.
        levels: What a categorical can be, the Cox reference first; 0 and 1 make a binary; empty
            for a numeric.
        ordered: Whether the levels have an order.
        low: Smallest number that it can be.
        high: Largest number.
        decimals: Digits after the point.
        scale: ``linear``, or ``log`` where patients spread over orders of magnitude.
        missing: Whether a patient's value may be unknown.
        codes: Texts that stand for an unknown value, as -9.
        follows: The numeric column that a category is a banding of, by definition.
        cuts: Where it is cut: a level begins at each of these numbers.
        meaning: What it measures.
        unit: Unit of a numeric.
    """

    name: str
    levels: tuple[str, ...] = ()
    ordered: bool = False
    low: float = 0.0
    high: float = 0.0
    decimals: int = 0
    scale: str = "linear"
    missing: bool = False
    codes: tuple[str, ...] = ()
    follows: str = ""
    cuts: tuple[float, ...] = ()
    meaning: str = ""
    unit: str = ""

    @property
    def kind(self) -> str:
        """As in :class:`Column`."""
        if not self.levels:
            return "numeric"
        return "binary" if set(self.levels) == {"0", "1"} else "categorical"

    @property
    def step(self) -> float:
        """Distance of neighbouring values."""
        return float(10.0**-self.decimals)

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """(n,) numbers -> on the column's scale; log(x + step) where it begins at 0 or below."""
        if self.scale == "linear":
            return values
        return np.log(values - self.low + self.step if self.low <= 0 else values)

    def unscaled(self, values: np.ndarray) -> np.ndarray:
        """The inverse of :meth:`scaled`, on the column's grid and within its range."""
        if self.scale == "log":
            values = np.exp(values) + (self.low - self.step if self.low <= 0 else 0.0)
        return np.round(values, self.decimals).clip(self.low, self.high)

    def read(self, values: pd.Series) -> np.ndarray:
        """(n,) cells -> numbers within the range, or codes of the levels; NaN where unknown.

        Each cell by itself: what stands in other rows changes nothing.
        """
        if self.kind == "numeric":
            numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
            return np.round(numbers.clip(self.low, self.high), self.decimals)
        codes = {level: float(code) for code, level in enumerate(self.levels)}
        texts = values.map(level_text, na_action="ignore")
        return texts.map(codes).astype(float).to_numpy()

    def column(self) -> Column:
        """The column of a schema."""
        return Column(
            self.name,
            self.kind,
            self.meaning,
            self.unit,
            self.levels if self.kind == "categorical" else (),
            integer=self.kind == "numeric" and self.decimals <= 0,
            ordered=self.ordered,
        )


def level_text(value: object) -> str:
    """A level as text: 1, 1.0 and true are '1'."""
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
