"""Outcomes of synthetic patients: those of real rows, or drawn anew from the teacher."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from scipy.stats import qmc
from sksurv.nonparametric import nelson_aalen_estimator

from ck4gen.data.record_encoder import decimals
from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.survival.cox import CoxError, fit_cox
from ck4gen.survival.teacher import CoxTeacher


class CopiedOutcomes:
    """Duration and event of the row behind each synthetic row, as published.

    Args:
        train: The training rows.
    """

    def __init__(self, train: pd.DataFrame) -> None:
        self.outcomes = train[[DURATION, EVENT]]

    def draw(self, table: pd.DataFrame, source: np.ndarray, seed: int) -> pd.DataFrame:
        """(n, 2) outcomes of the rows ``source``."""
        return self.outcomes.iloc[source].reset_index(drop=True)


class Hazard:
    """A proportional hazard with a cumulative baseline that shows no single patient.

    The baseline runs straight from knot to knot: its values at averages of ``group`` neighbouring
    times, none of which is a patient's. It goes on with its last slope.

    Args:
        coefficients: Log hazard ratios by term.
        means: Covariates of the patient whose hazard the baseline is.
        baseline: Cumulative hazard, indexed by time.
        times: Times at which it happened, not all of them 0.
        group: Times averaged in one knot.
    """

    def __init__(
        self,
        coefficients: pd.Series,
        means: pd.Series,
        baseline: pd.Series,
        times: np.ndarray,
        group: int,
    ) -> None:
        self.coefficients, self.means = coefficients, means
        parts = np.array_split(np.sort(times), max(1, len(times) // group))
        self.time = np.unique(np.r_[0.0, [part.mean() for part in parts]])
        known = np.r_[0.0, baseline.to_numpy()]
        self.hazard = known[np.searchsorted(baseline.index, self.time, side="right")]
        rise = self.hazard[-1] - self.hazard[-2]
        self.pace = (self.time[-1] - self.time[-2]) / max(rise, 1e-12)

    def state(self) -> dict:
        """What a shared sampler holds of it."""
        return {
            "coefficients": torch.from_numpy(self.coefficients.to_numpy()),
            "means": torch.from_numpy(self.means.to_numpy()),
            "time": torch.from_numpy(self.time),
            "hazard": torch.from_numpy(self.hazard),
            "pace": float(self.pace),
        }

    @classmethod
    def from_state(cls, state: dict, terms: list[str]) -> Hazard:
        """The hazard of :meth:`state` for a design with these terms."""
        law = cls.__new__(cls)
        law.coefficients = pd.Series(state["coefficients"].numpy(), terms)
        law.means = pd.Series(state["means"].numpy(), terms)
        law.time, law.hazard = state["time"].numpy(), state["hazard"].numpy()
        law.pace = state["pace"]
        return law

    def time_at(self, design: pd.DataFrame, uniform: np.ndarray) -> np.ndarray:
        """(n,) times at which survival falls to ``uniform`` for the rows of ``design``."""
        risk = ((design - self.means) @ self.coefficients).to_numpy()
        wanted = -np.log(uniform) / np.exp(risk)
        beyond = np.clip(wanted - self.hazard[-1], 0, None) * self.pace
        return np.interp(wanted, self.hazard, self.time) + beyond


class GeneratedOutcomes:
    """Event times from the teacher at the synthetic covariates, censored by its own law.

    Censoring follows a Cox model of its own where that beats a common curve in a likelihood-ratio
    test at ``significance``, else one curve. Draws are scrambled Sobol points dealt out in the
    order of risk (Owen 1998), so that curves of the cohort and of its risk groups carry little
    Monte Carlo error.

    Args:
        train: The training rows.
        schema: Their columns.
        teacher: The fitted teacher.
        group: Patients averaged in one knot of a curve.
        significance: Level of the test.
    """

    def __init__(
        self,
        train: pd.DataFrame,
        schema: Schema,
        teacher: CoxTeacher,
        group: int,
        significance: float,
    ) -> None:
        design, duration, event = schema.design(train), train[DURATION], train[EVENT]
        self.schema, self.integer = schema, pd.api.types.is_integer_dtype(duration)
        self.decimals = decimals(duration.to_numpy(float))
        # a time of 0 is one that patients of the cohort have, not one that rounding makes
        self.least = 0.0 if (duration == 0).sum() >= group else 10.0**-self.decimals
        happened = duration[event == 1].to_numpy(float)
        known = teacher.coefficients, teacher.means, teacher.baseline
        self.event = Hazard(*known, happened, group)
        censored = duration[event == 0].to_numpy(float)
        self.censoring, self.end = None, np.inf
        if censored.any():  # after time 0
            # nobody is followed longer than those with the longest follow-up, on average
            self.end = duration.nlargest(group).mean()
            law = _censoring(design, duration, 1 - event, significance)
            self.censoring = Hazard(*law, censored, group)

    def state(self) -> dict:
        """What a shared sampler holds of it."""
        return {
            "integer": bool(self.integer),
            "decimals": self.decimals,
            "least": self.least,
            "end": float(self.end),
            "event": self.event.state(),
            "censoring": None if self.censoring is None else self.censoring.state(),
        }

    @classmethod
    def from_state(cls, state: dict, schema: Schema) -> GeneratedOutcomes:
        """The outcomes of :meth:`state` for covariates of this schema."""
        outcomes, terms = cls.__new__(cls), schema.design_names
        outcomes.schema, outcomes.integer = schema, state["integer"]
        outcomes.decimals, outcomes.least = state["decimals"], state["least"]
        outcomes.end, outcomes.event = state["end"], Hazard.from_state(state["event"], terms)
        law = state["censoring"]
        outcomes.censoring = None if law is None else Hazard.from_state(law, terms)
        return outcomes

    def draw(self, table: pd.DataFrame, source: None, seed: int) -> pd.DataFrame:
        """(n, 2) new outcomes for the covariates of ``table``."""
        design = self.schema.design(table)
        with_risk = self.event.time_at(design, np.full(len(design), np.exp(-1.0)))
        uniform = np.empty((len(design), 2))
        power = int(np.ceil(np.log2(max(2, len(design)))))
        points = qmc.Sobol(2, rng=np.random.default_rng(seed)).random_base2(power)
        uniform[np.argsort(with_risk, kind="stable")] = points[: len(design)]
        uniform = uniform.clip(1e-12, 1)
        happens = self.event.time_at(design, uniform[:, 0])
        stops = np.full(len(design), self.end)
        if self.censoring is not None:
            stops = np.minimum(stops, self.censoring.time_at(design, uniform[:, 1]))
        duration = np.round(np.minimum(happens, stops), self.decimals).clip(self.least)
        return pd.DataFrame(
            {
                DURATION: duration.astype(int) if self.integer else duration,
                EVENT: (happens <= stops).astype(int),
            }
        )


def _censoring(
    design: pd.DataFrame, duration: pd.Series, censored: pd.Series, significance: float
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Coefficients, means and baseline of censoring; coefficients 0 where they don't matter."""
    means = design.mean()
    try:
        fit = fit_cox(design, duration, censored)
        if fit.fitter.log_likelihood_ratio_test().p_value < significance:
            return fit.coefficients, means, fit.cumulative_hazard_at_mean
    except CoxError:
        pass  # no finite estimate: one curve for all
    baseline = pd.Series(*reversed(nelson_aalen_estimator(censored.to_numpy(bool), duration)))
    return pd.Series(0.0, design.columns), means, baseline
