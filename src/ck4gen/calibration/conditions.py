"""The conditions of a calibration: which there are, and their errors in a synthetic table."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration import cox_conditions
from ck4gen.calibration.column_shares import ColumnShares
from ck4gen.calibration.complete_cases import complete_cases
from ck4gen.calibration.condition import (
    Condition,
    RealCohort,
    SyntheticOutcomes,
    SyntheticTable,
)
from ck4gen.calibration.cox_conditions import CoxConditions, CoxModel
from ck4gen.calibration.curved_effects import CurvedEffects
from ck4gen.calibration.information_condition import InformationCondition
from ck4gen.calibration.interactions import Interactions
from ck4gen.calibration.moment_conditions import MomentConditions
from ck4gen.calibration.outcome_conditions import OutcomeConditions
from ck4gen.calibration.rank_correlations import RankCorrelations
from ck4gen.calibration.real_analysis import RealAnalysis
from ck4gen.calibration.triple_products import TripleProducts
from ck4gen.data.schema import Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError


@dataclass(frozen=True)
class Kind:
    """One kind of condition.

    Attributes:
        of: Makes it from the real cohort; None where the cohort gives it nothing to keep.
        cls: Its class.
        wide: Whether it can be had of a design of very many terms: one model, no pairs.
    """

    of: Callable[[RealCohort], Condition | None]
    cls: type[Condition]
    wide: bool = False


def _cox(models: Callable[[RealCohort], Iterator[CoxModel]], wide: bool = False) -> Kind:
    def of(models: Callable, real: RealCohort) -> CoxConditions | None:
        made = list(models(real))
        return CoxConditions(made) if made else None

    return Kind(partial(of, models), CoxConditions, wide)


KINDS = {  # by name, in the order of ``CONDITIONS``
    "cox": _cox(cox_conditions.multivariable, wide=True),
    "causes": _cox(cox_conditions.causes, wide=True),
    "censored": _cox(cox_conditions.censored),
    "univariable": _cox(cox_conditions.univariable),
    "leave_one_out": _cox(cox_conditions.leave_one_out),
    "strata": _cox(cox_conditions.strata),
    "periods": _cox(cox_conditions.periods, wide=True),
    "complete_cases": _cox(complete_cases),
    "moments": Kind(MomentConditions.of, MomentConditions),
    "ranks": Kind(RankCorrelations.of, RankCorrelations),
    "outcomes": Kind(OutcomeConditions.of, OutcomeConditions, wide=True),
    "information": Kind(InformationCondition.of, InformationCondition),
    "interactions": Kind(Interactions.of, Interactions),
    "curves": Kind(CurvedEffects.of, CurvedEffects),
}
OF_GENERATOR: dict[str, type[TripleProducts] | type[ColumnShares]] = {
    "triples": TripleProducts,
    "shares": ColumnShares,
}
KINDS |= {name: Kind(lambda _: None, cls) for name, cls in OF_GENERATOR.items()}


@dataclass(frozen=True)
class Conditions:
    """What is to hold, in standard errors of the real cohort.

    Attributes:
        analysis: The real analysis.
        kept: The conditions that this cohort has, by name.
    """

    analysis: RealAnalysis
    kept: dict[str, Condition]

    @classmethod
    def of(
        cls,
        cohort: WeightedCohort,
        penalizers: Mapping[int, float],
        names: list[str],
        min_events: int,
        group: int,
        points: int,
        most_terms: int,
    ) -> Conditions:
        """The conditions of the real rows.

        Args:
            cohort: The real rows and their weights.
            penalizers: By cause, the ridge of its multivariable model; 1 is the event, and has
                the teacher's.
            names: Which of ``CONDITIONS``.
            min_events: See :class:`RealCohort`, also for the others.
            group: Patients averaged in a time.
            points: Times at which outcomes are counted.
            most_terms: With more terms, conditions of each term or pair of terms are left out.

        Raises:
            CoxError: The multivariable model has no finite estimate on the real rows.
            InputError: None of the conditions applies to this cohort.
        """
        analysis = RealAnalysis.of(cohort, penalizers[1])
        real = RealCohort(cohort, analysis, penalizers, min_events, group, points)
        if (terms := len(analysis.coefficients)) > most_terms:
            names = [name for name in names if KINDS[name].wide]
            warnings.warn(
                f"{terms} terms are more than method.calibration.most_terms = {most_terms}: the "
                f"synthetic table is held to {' and '.join(names) or 'nothing'} alone",
                UserWarning,
                stacklevel=2,
            )
        made = {name: kind.of(real) for name, kind in KINDS.items() if name in names}
        kept = {name: condition for name, condition in made.items() if condition is not None}
        if not kept:
            raise InputError(
                f"method.calibration.conditions has {', '.join(names)}, for which this cohort has "
                "no model that can be fitted; give cox a scale"
            )
        return cls(analysis, kept)

    def of_generator(self, names: list[str], design: Tensor) -> Conditions:
        """With what a generator is to keep of its own, besides what it is to keep of the cohort.

        Args:
            names: Which of ``OF_GENERATOR``.
            design: (n, p) float64 standardised design of many of its rows.
        """
        made = {name: OF_GENERATOR[name].of_generator(design) for name in names}
        conditions = {name: condition for name, condition in made.items() if condition is not None}
        return replace(self, kept=self.kept | conditions)

    def around(self, covariance: np.ndarray) -> Conditions:
        """With errors of the hazard ratios as a fit of the analysis to some table has them.

        Args:
            covariance: (p, p) of such a fit, for scores per row.
        """
        cox = self.kept.get("cox")
        if not isinstance(cox, CoxConditions):
            return self
        step = torch.from_numpy(covariance / self.analysis.errors.to_numpy()[:, None])
        (model,) = cox.models
        return replace(
            self, kept=self.kept | {"cox": CoxConditions([replace(model, whitening=step)])}
        )

    def only(self, names: Collection[str]) -> Conditions:
        """Those of these names; all of them where the cohort has none of the names."""
        kept = {name: condition for name, condition in self.kept.items() if name in names}
        return replace(self, kept=kept or self.kept)

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        kept = {name: condition.to_state() for name, condition in self.kept.items()}
        return {"analysis": self.analysis.to_state(), "kept": kept}

    @classmethod
    def from_state(cls, state: dict, schema: Schema) -> Conditions:
        """The conditions of :meth:`to_state` on cohorts of this schema."""
        kept = {
            name: KINDS[name].cls.from_state(condition) for name, condition in state["kept"].items()
        }
        return cls(RealAnalysis.from_state(state["analysis"], schema), kept)

    def slopes(self, cohort: WeightedCohort) -> dict[str, np.ndarray]:
        """By condition, (n, k) slopes of its errors on the weight of each real row.

        Args:
            cohort: The real rows and their weights.
        """
        table = SyntheticTable.of_real(self.analysis, cohort)
        return {name: one.slopes(table).numpy() for name, one in self.kept.items()}

    def patients(self, cohort: WeightedCohort) -> dict[str, np.ndarray]:
        """By condition, (n,) which real rows it is about.

        Args:
            cohort: The real rows and their weights.
        """
        design = torch.from_numpy(self.analysis.standardise(cohort.design).to_numpy())
        return {name: one.patients(design).numpy() for name, one in self.kept.items()}

    def residuals(
        self,
        duration: np.ndarray,
        cause: np.ndarray,
        stratum: np.ndarray | None = None,
        entry: np.ndarray | None = None,
    ) -> Callable[..., dict]:
        """Errors of a synthetic design, given its outcomes.

        Args:
            duration: (n,) synthetic times.
            cause: (n,) synthetic events: 0 = censored, 1 = the event, 2, 3, ... = another cause.
            stratum: (n,) numbers of the strata.
            entry: (n,) times after which a row is at risk.

        Returns:
            A function of the (n, p) float64 standardised design, and of (n,) weights of its rows
            where only some of them count, that gives, by condition, a vector of errors in real
            standard errors.
        """
        outcomes = SyntheticOutcomes(duration, cause, stratum, entry)

        def errors(design: Tensor, weight: Tensor | None = None) -> dict[str, Tensor]:
            counted = design.new_ones(len(design)) if weight is None else weight
            table = SyntheticTable(self.analysis, outcomes, design, counted)
            return {name: condition.errors(table) for name, condition in self.kept.items()}

        return errors
