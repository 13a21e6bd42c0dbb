"""The law of simulated cohorts: proportional hazards of known size, independent censoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from scipy import stats

from ck4gen.constraints import AtLeast, check_fields
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.settings import InputError


@dataclass(frozen=True)
class Population:
    """The keys of ``data`` in ``conf/simulate.yaml``; each is described there."""

    name: str
    rows: Annotated[int, AtLeast(2)]
    numeric: list[float]
    binary: list[float]
    correlation: Annotated[float, AtLeast(0)]
    prevalence: float
    shape: Annotated[float, AtLeast(1e-6)]
    scale: Annotated[float, AtLeast(1e-6)]
    censoring: Annotated[float, AtLeast(1e-6)]

    def __post_init__(self) -> None:
        check_fields("data", self)
        for key in ("numeric", "binary"):
            effects = getattr(self, key)
            if not isinstance(effects, list) or any(
                isinstance(b, bool) or not isinstance(b, int | float) or not np.isfinite(b)
                for b in effects
            ):
                raise InputError(
                    f"data.{key} is {effects!r}; it must be a list of log hazard ratios, as [0.5,0]"
                )
        null = (self.truth == 0).to_numpy()
        if null.all() or not null.any():
            raise InputError(
                "data.numeric and data.binary hold "
                f"{'zeros only' if null.all() else 'no zero'}; error and power need a covariate "
                "of log hazard ratio 0 and one of another"
            )
        if not self.correlation < 1:
            raise InputError(f"data.correlation is {self.correlation}; it must be less than 1")
        if not 0 < self.prevalence < 1:
            raise InputError(f"data.prevalence is {self.prevalence}; it lies between 0 and 1")

    @property
    def truth(self) -> pd.Series:
        """(p,) true log hazard ratios by covariate."""
        names = [
            f"{kind}_{number}"
            for kind in ("numeric", "binary")
            for number in range(1, len(getattr(self, kind)) + 1)
        ]
        return pd.Series([*self.numeric, *self.binary], names, dtype=float)

    def draw(self, generator: np.random.Generator) -> pd.DataFrame:
        """Draw a cohort.

        Covariates are equicorrelated standard normals, of which the binaries are cut. Event times
        are Weibull, T = scale (E / exp(x beta))^(1 / shape) with E standard exponential (Bender,
        Augustin and Blettner 2005, Stat Med 24); censoring times are uniform.

        Returns:
            (rows, p + 2) table: covariates, duration, event.
        """
        truth = self.truth
        common = generator.standard_normal((self.rows, 1))
        independent = generator.standard_normal((self.rows, len(truth)))
        normal = np.sqrt(self.correlation) * common + np.sqrt(1 - self.correlation) * independent
        cohort = pd.DataFrame(normal, columns=truth.index)
        ones = normal[:, len(self.numeric) :] > stats.norm.isf(self.prevalence)
        cohort[truth.index[len(self.numeric) :]] = ones.astype(int)
        risk = np.exp(cohort.to_numpy() @ truth.to_numpy())
        times = self.scale * (generator.exponential(size=self.rows) / risk) ** (1 / self.shape)
        censoring = generator.uniform(0, self.censoring, self.rows)
        return cohort.assign(
            **{DURATION: np.minimum(times, censoring), EVENT: (times <= censoring).astype(int)}
        )
