"""Estimating equations of the real analysis that a synthetic cohort is to satisfy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.calibration.cox_conditions import CoxCondition, CoxModels
from ck4gen.calibration.cox_score import RiskSets
from ck4gen.calibration.interactions import Interactions
from ck4gen.calibration.outcome_conditions import (
    OutcomeCondition,
    outcome_conditions,
    outcome_errors,
)
from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.settings import InputError
from ck4gen.survival.cox import CoxFit, fit_cox

# conditions without a CoxCondition
OF_THE_TABLE = ("moments", "interactions", "information", "outcomes")
BY_TERM = ("mean", "sd", "coefficients", "errors")  # one number for each term of the design
MIN_SD = 1e-6  # a term that does not vary has no correlation


class Conditions:
    """What is to hold, in standard errors of the real cohort.

    Args:
        train: The real rows.
        schema: Their columns.
        penalizer: Ridge of the multivariable model, as the teacher's.
        names: Which of ``CONDITIONS``.
        min_events: Real events that a stratum, a period or a cell of two 0/1 terms needs.
        group: Patients averaged in a time that parts early from late, or at which outcomes count.
        points: Times at which events, and censored rows, are counted.

    Raises:
        CoxError: The multivariable model has no finite estimate on the real rows.
        InputError: None of the conditions applies to this cohort.
    """

    def __init__(
        self,
        train: pd.DataFrame,
        schema: Schema,
        penalizer: float,
        names: list[str],
        min_events: int,
        group: int,
        points: int,
    ) -> None:
        design = schema.design(train)
        self.mean, self.sd = design.mean(), design.std()
        self.schema, self.rows, self.penalizer = schema, len(train), penalizer
        self.names = names
        z = self.standardise(design)
        fit = fit_cox(z, train[DURATION], train[EVENT], penalizer)
        self.coefficients, self.errors = fit.coefficients, fit.standard_errors
        self.information = fit.information / len(train)
        self.correlation = torch.from_numpy(np.atleast_2d(np.corrcoef(z.to_numpy(), rowvar=False)))
        self.events = int(train[EVENT].sum())
        self.whitening = torch.from_numpy(np.linalg.inv(np.linalg.cholesky(self.information)))
        self.shares = []
        if "outcomes" in names:
            outcome = train[DURATION].to_numpy(float), train[EVENT].to_numpy()
            self.shares = list(outcome_conditions(*outcome, points, group))
        self.products = None
        if "interactions" in names:
            self.products = Interactions.of(train, schema, z, self.coefficients, min_events)
        models = CoxModels(train, schema, z, penalizer, min_events, group)
        self.equations = {name: models.of(name) for name in names if name not in OF_THE_TABLE}
        others = set(OF_THE_TABLE) & set(names) - {"interactions"}
        if not any(self.equations.values()) and self.products is None and not others:
            raise InputError(
                f"method.calibration.conditions has {', '.join(names)}, for which this cohort has "
                "no model that can be fitted; give cox a scale"
            )

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        series = {name: getattr(self, name).to_numpy() for name in BY_TERM}
        return {
            **{name: torch.from_numpy(values) for name, values in series.items()},
            "rows": self.rows,
            "events": self.events,
            "penalizer": self.penalizer,
            "names": self.names,
            "information": torch.from_numpy(self.information),
            "correlation": self.correlation,
            "whitening": self.whitening,
            "shares": [share.to_state() for share in self.shares],
            "products": self.products and self.products.to_state(),
            "equations": {n: [e.to_state() for e in group] for n, group in self.equations.items()},
        }

    @classmethod
    def from_state(cls, state: dict, schema: Schema) -> Conditions:
        """The conditions of :meth:`to_state` on cohorts of this schema."""
        conditions = cls.__new__(cls)
        for name in BY_TERM:
            setattr(conditions, name, pd.Series(state[name].numpy(), schema.design_names))
        for name in ("rows", "events", "penalizer", "names", "correlation", "whitening"):
            setattr(conditions, name, state[name])
        conditions.schema, conditions.information = schema, state["information"].numpy()
        conditions.shares = [OutcomeCondition(**share) for share in state["shares"]]
        conditions.products = state["products"] and Interactions(**state["products"])
        conditions.equations = {
            name: [CoxCondition.from_state(equation) for equation in group]
            for name, group in state["equations"].items()
        }
        return conditions

    def standardise(self, design: pd.DataFrame) -> pd.DataFrame:
        """A design in SDs of the real rows from their mean."""
        return (design - self.mean) / self.sd

    def largest_error(self, fit: CoxFit) -> float:
        """Largest |difference| of a coefficient from the real one, in real standard errors."""
        return float(((fit.coefficients - self.coefficients).abs() / self.errors).max())

    def information_kept(self, fit: CoxFit, rows: int) -> float:
        """Smallest eigenvalue of the information per row, as a share of the real one."""
        smallest = [np.linalg.eigvalsh(i)[0] for i in (fit.information / rows, self.information)]
        return float(smallest[0] / smallest[1])

    def residuals(self, duration: np.ndarray, event: np.ndarray) -> Callable[[Tensor], dict]:
        """Errors of a synthetic design, given its outcomes.

        Args:
            duration: (n,) synthetic times.
            event: (n,) synthetic events.

        Returns:
            A function of the (n, p) float64 standardised design, and of (n,) weights of its rows
            where only some of them count, that gives, by condition, a vector of errors in real
            standard errors.
        """
        sets: dict[tuple[float, float], tuple[RiskSets, np.ndarray]] = {}
        for item in (e for group in self.equations.values() for e in group):
            window = item.until, item.after
            if window not in sets:
                kept = np.flatnonzero(duration > item.after)
                time, happened = duration[kept], event[kept] * (duration[kept] <= item.until)
                sets[window] = RiskSets(np.minimum(time, item.until), happened), kept

        whole = RiskSets(duration, event)

        def errors(design: Tensor, weight: Tensor | None = None) -> dict[str, Tensor]:
            found = {
                name: torch.cat([_error(e, design, weight, *sets[e.until, e.after]) for e in group])
                for name, group in self.equations.items()
                if group
            }
            if "moments" in self.names:
                found["moments"] = self._moments(design, weight)
            if self.shares:
                found["outcomes"] = outcome_errors(self.shares, duration, event, weight)
            if "information" in self.names or self.products is not None:
                found |= self._of_products(design, weight, whole)
            return found

        return errors

    def _of_products(
        self, design: Tensor, weight: Tensor | None, risk: RiskSets
    ) -> dict[str, Tensor]:
        """Errors of the conditions that go over all products of two terms."""
        found, rows = {}, _rows(design, weight)
        coefficients = torch.from_numpy(self.coefficients.to_numpy())
        score, information, products = risk.products(design, coefficients, weight)
        if "information" in self.names:
            found["information"] = self._information(design, weight, information / rows)
        if self.products is not None:
            found["interactions"] = self.products.errors(score, products, rows)
        return found

    def _information(self, design: Tensor, weight: Tensor | None, per_row: Tensor) -> Tensor:
        """Information per row against the real one, whitened: all entries of W I W' - 1.

        With it the synthetic standard errors are the real ones. sqrt(events / 2) brings it to
        the scale of a standard error, as for a covariance estimated from the events.
        """
        if self.penalizer:
            per_row = per_row + self.penalizer * _variance(design, weight).diag()
        gap = self.whitening @ per_row @ self.whitening.T - torch.eye(len(per_row)).double()
        upper = torch.triu_indices(*gap.shape)
        return np.sqrt(self.events / 2) * gap[upper[0], upper[1]]

    def _moments(self, design: Tensor, weight: Tensor | None) -> Tensor:
        """Means, SDs and correlations, each over its standard error in the real cohort."""
        mean = design.mean(0) if weight is None else weight @ design / weight.sum()
        sd = _variance(design, weight).sqrt().clamp_min(MIN_SD)
        scaled = (design - mean) / sd
        counted = scaled if weight is None else weight[:, None] * scaled
        correlation = counted.T @ scaled / (_rows(design, weight) - 1)
        above = torch.triu_indices(*correlation.shape, 1)
        gap = (correlation - self.correlation)[above[0], above[1]]
        # sqrt(n), sqrt(2n) and sqrt(n): one over the standard errors under normality
        return np.sqrt(self.rows) * torch.cat([mean, np.sqrt(2) * sd.log(), gap])


def _rows(design: Tensor, weight: Tensor | None) -> Tensor | int:
    """Rows that count."""
    return len(design) if weight is None else weight.sum()


def _variance(design: Tensor, weight: Tensor | None) -> Tensor:
    """(k,) variances of the terms over the rows that count."""
    if weight is None:
        return design.var(0)
    mean = weight @ design / weight.sum()
    return weight @ (design - mean).square() / (weight.sum() - 1)


def _error(
    equation: CoxCondition,
    design: Tensor,
    weight: Tensor | None,
    risk: RiskSets,
    kept: np.ndarray,
) -> Tensor:
    """Errors of one model, (k,), in real standard errors."""
    rows = _rows(design, weight)
    if len(kept) < len(design):
        design = design[torch.from_numpy(kept)]
        weight = None if weight is None else weight[torch.from_numpy(kept)]
    if equation.level is not None:
        level = equation.level(design)
        weight = level if weight is None else level * weight
    terms = design[:, equation.terms]
    score = risk.score(terms, equation.coefficients, weight) / rows
    if equation.pull.any():  # a refit scales terms by the SDs of its own table
        score = score - _variance(terms, weight) * equation.pull
    return equation.whitening @ score
