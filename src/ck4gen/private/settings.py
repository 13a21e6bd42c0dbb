"""The keys of a private release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ck4gen.constraints import Above, AtLeast, Natural, NonNegative, Positive, check_fields
from ck4gen.settings import InputError


@dataclass(frozen=True)
class PrivateSettings:
    """The keys of ``release`` in ``conf/method/ck4gen_private.yaml``; each is described there."""

    patients: NonNegative
    columns: NonNegative
    spreads: NonNegative
    correlations: NonNegative
    times: NonNegative
    hazard_ratios: tuple[NonNegative, ...]
    cells: Annotated[int, AtLeast(2)]
    finer: NonNegative
    tails: NonNegative
    tail_share: NonNegative
    tail_noise: NonNegative
    angle: Annotated[float, Above(0)]
    uneven: NonNegative
    sparse: NonNegative
    copula_iterations: Natural
    stretches: Positive
    pool: Positive
    bounds: tuple[NonNegative, ...]
    followed: NonNegative
    iterations: Natural
    largest_step: NonNegative
    reach: NonNegative
    prior: NonNegative

    def __post_init__(self) -> None:
        check_fields("method.release", self)
        of_columns = self.patients + self.columns + self.spreads + self.correlations
        total = of_columns + self.times + sum(self.hazard_ratios)
        if abs(total - 1) > 1e-6 or not self.hazard_ratios:
            raise InputError(
                "method.release: patients, columns, spreads, correlations, times and hazard_ratios "
                f"are shares of the budget that add up to 1, and these add up to {total:g}"
            )
