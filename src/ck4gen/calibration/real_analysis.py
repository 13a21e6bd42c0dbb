"""The analysis of the real cohort that a synthetic one is calibrated to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from ck4gen.data.schema import Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.cox import CoxFit, fit_cohort

BY_TERM = ("mean", "sd", "coefficients", "errors")  # one number for each term of the design
PLAIN = ("rows", "events", "penalizer", "least_information")


@dataclass(frozen=True)
class RealAnalysis:
    """One multivariable Cox model of the real rows, on terms of mean 0 and SD 1.

    Attributes:
        schema: Columns of the cohort.
        rows: Real rows.
        events: Weight of the events among them.
        penalizer: Ridge of the model.
        mean: (p,) means of the terms.
        sd: (p,) their SDs.
        coefficients: (p,) log hazard ratios per SD.
        errors: (p,) their standard errors.
        information: (p, p) information per row; None of very many terms, see :class:`CoxFit`.
        least_information: Its smallest eigenvalue, where the matrix is None.
    """

    schema: Schema
    rows: int
    events: float
    penalizer: float
    mean: pd.Series
    sd: pd.Series
    coefficients: pd.Series
    errors: pd.Series
    information: np.ndarray | None
    least_information: float = np.nan

    @classmethod
    def of(cls, cohort: WeightedCohort, penalizer: float) -> RealAnalysis:
        """Fit the model to the real rows.

        Raises:
            CoxError: It has no finite estimate on them.
        """
        mean, sd = cohort.mean, cohort.sd
        fit = fit_cohort(cohort, penalizer, (cohort.design - mean) / sd)
        return cls(
            cohort.schema, len(cohort), float(cohort.weight @ cohort.event), penalizer, mean, sd,
            fit.coefficients, fit.standard_errors,
            *_information(fit, len(cohort)),
        )  # fmt: skip

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        series = {name: torch.from_numpy(getattr(self, name).to_numpy()) for name in BY_TERM}
        plain = {name: getattr(self, name) for name in PLAIN}
        information = None if self.information is None else torch.from_numpy(self.information)
        return series | plain | {"information": information}

    @classmethod
    def from_state(cls, state: dict, schema: Schema) -> RealAnalysis:
        """The analysis of :meth:`to_state` for cohorts of this schema."""
        series = {name: pd.Series(state[name].numpy(), schema.design_names) for name in BY_TERM}
        plain = {name: state[name] for name in PLAIN}
        stored = state["information"]
        information = None if stored is None else stored.numpy()
        return cls(schema=schema, information=information, **series, **plain)

    def standardise(self, design: pd.DataFrame) -> pd.DataFrame:
        """A design in SDs of the real rows from their mean."""
        return (design - self.mean) / self.sd

    def largest_error(self, fit: CoxFit, without: Sequence[str] = ()) -> tuple[str, float]:
        """The term whose coefficient is furthest from the real one, and how far.

        Over the terms of ``fit`` but those of ``without``; in real standard errors.
        """
        error = (fit.coefficients - self.coefficients).abs() / self.errors
        error = error.drop(list(without))
        return str(error.idxmax()), float(error.max())

    def information_kept(self, fit: CoxFit, rows: int, without: Sequence[str] = ()) -> float:
        """Smallest eigenvalue of the information per row, as a share of the real one.

        Over the terms of ``fit`` but those of ``without``; of very many terms over all.
        """
        if self.information is None:
            return fit.least_information / rows / self.least_information
        kept = fit.coefficients.index.drop(list(without))
        smallest = []
        for terms, information in (
            (fit.coefficients.index, fit.information / rows),
            (self.coefficients.index, self.information),
        ):
            kept_indices = terms.get_indexer(kept)
            smallest.append(np.linalg.eigvalsh(information[np.ix_(kept_indices, kept_indices)])[0])
        return float(smallest[0] / smallest[1])


def _information(fit: CoxFit, rows: int) -> tuple[np.ndarray | None, float]:
    """Information per row of a model; of very many terms its smallest eigenvalue alone."""
    if fit.axes is not None:
        return None, fit.least_information / rows
    return fit.information / rows, np.nan
