"""A number that is a product of powers of others, as a body mass index is of weight and height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ck4gen.data.rules import Columns, Following

SLACK = 1e-6  # of a last decimal: what computers lose between a half and another


@dataclass(frozen=True)
class Product(Following):
    """One column is a factor times whole powers of others, to ``decimals`` places."""

    NEW_VALUES = True

    sources: tuple[str, ...]
    powers: tuple[float, ...]
    factor: float
    decimals: int

    def broken(self, columns: Columns) -> np.ndarray:  # noqa: D102
        gap = np.abs(columns[self.target] - self._products(columns))
        return gap > (0.5 + SLACK) * 10.0**-self.decimals  # false beside a blank

    def mend(self, columns: Columns, rows: np.ndarray) -> None:  # noqa: D102
        values = np.round(self._products(columns), self.decimals)
        finite = rows & np.isfinite(values)
        columns[self.target][finite] = values[finite]

    def _products(self, columns: Columns) -> np.ndarray:
        parts = zip(self.sources, self.powers, strict=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            factors = [np.asarray(columns[name], float) ** power for name, power in parts]
        return np.asarray(self.factor * np.prod(factors, axis=0))

    @property
    def sentence(self) -> str:  # noqa: D102
        expression = f"{self.factor:g}"
        for name, power in zip(self.sources, self.powers, strict=True):
            sign = "*" if power > 0 else "/"
            expression += f" {sign} {name}" + f"^{abs(power):g}" * (abs(power) != 1)
        return f"{self.target} = {expression.removeprefix('1 * ')}"

    @property
    def origins(self) -> tuple[str, ...]:  # noqa: D102
        return self.sources
