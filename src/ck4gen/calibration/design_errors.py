"""Errors of a table as a function of noise, by way of its design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class DesignErrors:
    """Noise -> errors of each condition, with gradient; both steps can be had alone.

    Attributes:
        design: (m, k) noise -> (m, p) standardised design, row by row.
        of_design: (m, p) design -> errors of each condition, in standard errors.
    """

    design: Callable[[Tensor], Tensor]
    of_design: Callable[[Tensor], dict[str, Tensor]]

    def __call__(self, noise: Tensor) -> dict[str, Tensor]:
        """The errors of (m, k) noise."""
        return self.of_design(self.design(noise))
