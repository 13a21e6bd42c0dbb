"""All privacy metrics of a synthetic table under their flat names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, ENTRY, EVENT, Schema
from ck4gen.evaluation.base.metric import FAULTS, Metric, absent, guarded
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.privacy import (
    attribute_inference,
    copies,
    distances,
    holdout_distance,
    leak,
    linkage,
    membership_inference,
)
from ck4gen.evaluation.privacy.attribute_inference import ATTRIBUTE, OUTCOME_LINK, Attack
from ck4gen.evaluation.privacy.drawn_rows import drawn
from ck4gen.evaluation.privacy.gower import coordinates
from ck4gen.evaluation.privacy.high_risk_patients import GROUPS, high_risk_patients
from ck4gen.evaluation.privacy.randomization import split_gains
from ck4gen.evaluation.privacy.small_cells import SMALL_CELLS, small_cell_count


def privacy_metrics(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    holdout: pd.DataFrame | None,
    source: np.ndarray | None,
    schema: Schema,
    settings: EvaluationSettings,
) -> dict[str, Metric]:
    """Every attack of ``docs/metrics.md`` on the training rows, held-out rows as control.

    Args:
        real: Training rows, (n, p + 2).
        synthetic: Synthetic rows, (m, p + 2).
        holdout: (k, p + 2) real rows that no part of the generator has seen, or None.
        source: (m,) training row behind each synthetic row, or None.
        schema: Columns of all.
        settings: One leaf of ``conf/evaluation``.

    Returns:
        The same names for any tables of this schema.
    """
    audit = _Audit(real, synthetic, holdout, source, schema, settings)
    return (
        audit.by_identity()
        | audit.by_distance()
        | audit.by_inference()
        | audit.by_membership()
        | audit.judged()
    )


def leaks(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    holdout: pd.DataFrame | None,
    source: np.ndarray | None,
    schema: Schema,
    settings: EvaluationSettings,
) -> dict[str, Metric]:
    """Only what the verdict judges; arguments as those of :func:`privacy_metrics`."""
    audit = _Audit(real, synthetic, holdout, source, schema, settings)
    return audit.by_copies() | audit.judged()


@dataclass(frozen=True)
class _Audit:
    """What the attacks share, computed once and only when one needs it."""

    real: pd.DataFrame
    synthetic: pd.DataFrame
    holdout: pd.DataFrame | None
    source: np.ndarray | None
    schema: Schema
    settings: EvaluationSettings

    def by_copies(self) -> dict[str, Metric]:
        """Copies and what chance gives."""
        tables = self.real, self.synthetic, self.holdout, self.schema
        return guarded(copies.EXACT, lambda: copies.exact_copies(*tables, self.settings.confidence))

    def by_identity(self) -> dict[str, Metric]:
        """Copies, rare combinations, and the link of a row to its own source."""
        confidence, metrics = self.settings.confidence, self.by_copies()
        fewest = self.settings.privacy.small_cell
        metrics |= guarded(
            SMALL_CELLS,
            lambda: small_cell_count(self.real, self.synthetic, self.schema, fewest),
        )
        if self.source is None:
            return metrics | absent((*linkage.NAMES, *linkage.GROUP_NAMES), linkage.NO_SOURCE)
        wanted = self.settings.self_link
        metrics |= self._when(wanted, linkage.NAMES, lambda: self._links.metric(confidence))
        return metrics | self._when(
            wanted and self._grouped,
            linkage.GROUP_NAMES,
            lambda: self._links.groups(
                self._source_groups, self.settings.privacy.min_vulnerable, self._group_confidence
            ),
        )

    def by_distance(self) -> dict[str, Metric]:
        """Distances to the nearest training row, and which of the two tables is nearer."""
        settings, confidence = self.settings.privacy, self.settings.confidence
        metrics = self._held_out(
            True, distances.NAMES, lambda: distances.distances(*self._points, settings, confidence)
        )
        metrics |= self._held_out(True, holdout_distance.NAMES, lambda: self._closer.metric())
        return metrics | self._held_out(
            self._powered, holdout_distance.POWER_NAMES, lambda: self._closer.power()
        )

    def by_inference(self) -> dict[str, Metric]:
        """What an attacker learns of a target from the outcome, or from the other covariates."""
        settings, confidence = self.settings.privacy, self.settings.confidence
        metrics = self._inferred(OUTCOME_LINK, True, lambda: self._outcome_link)
        metrics |= self._inferred(ATTRIBUTE, settings.attribute, lambda: self._attribute)
        return metrics | self._held_out(
            self._powered,
            attribute_inference.POWER_NAMES,
            lambda: attribute_inference.outcome_power(
                self.synthetic,
                self._patients,
                self.real,
                self.schema,
                self._outcome_link,
                settings,
                confidence,
            ),
        )

    def _inferred(self, name: str, wanted: bool, made: Callable[[], Attack]) -> dict[str, Metric]:
        """Metrics of one attack on every patient, and on high-risk ones alone."""
        settings, confidence = self.settings.privacy, self.settings.confidence
        return self._held_out(
            wanted,
            attribute_inference.attack_names(name, self.schema),
            lambda: made().metrics(self.schema, confidence),
        ) | self._held_out(
            wanted and self._grouped,
            attribute_inference.group_names(name),
            lambda: made().groups(self._groups, settings, self._group_confidence),
        )

    def by_membership(self) -> dict[str, Metric]:
        """Whether a patient was trained on."""
        wanted = self.settings.privacy.membership_splits > 0
        metrics = self._held_out(
            wanted, membership_inference.NAMES, lambda: self._membership.metric()
        )
        metrics |= self._held_out(
            wanted and self._grouped,
            membership_inference.GROUP_NAMES,
            lambda: self._membership.groups(self._groups, self._group_confidence),
        )
        return metrics | self._held_out(
            wanted and self._powered,
            membership_inference.POWER_NAMES,
            lambda: self._membership.power(),
        )

    def judged(self) -> dict[str, Metric]:
        """The leaks that the verdict judges, each with a lower and an upper bound."""
        names, wanted = leak.NAMES, self.settings.privacy
        metrics = guarded(names["copies"], self._copies)
        for attack, used, made in (
            ("outcome_link", True, lambda: self._outcome_link.success),
            ("attribute", wanted.attribute, lambda: self._attribute.success),
        ):
            metrics |= self._held_out(
                used, names[attack], partial(self._gains, attack, made, self._patients_known)
            )
        metrics |= self._held_out(
            wanted.membership_splits > 0,
            names["membership"],
            lambda: self._membership.judged(self._judge, self.settings.verdict.adjustment),
        )
        if self.source is None:
            return metrics | absent(names["self_link"], linkage.NO_SOURCE)
        return metrics | self._when(
            self.settings.self_link,
            names["self_link"],
            lambda: self._judge.of_share("self_link", *self._links.hits, 1 / len(self.real)),
        )

    def _copies(self) -> dict[str, Metric]:
        """Of patients held out where there are any, else of patients who resemble each other."""
        caveat = None
        if self.holdout is not None:
            used, others = (
                copies.copied(t, self.synthetic, self.schema) for t in (self.real, self.holdout)
            )
        else:
            used = copies.copied(self.synthetic, self.real, self.schema)
            others, caveat = copies.twins(self.real, self.schema), copies.NO_HOLDOUT
        trained, control = ((float(hits.sum()), len(hits)) for hits in (used, others))
        return self._judge.of_shares("copies", trained, control, caveat)

    def _gains(
        self, attack: str, made: Callable[[], np.ndarray], known: Callable[[], np.ndarray]
    ) -> dict[str, Metric]:
        settings = self.settings.privacy
        gains = split_gains(
            made(),
            self._train,
            known(),
            self.settings.verdict.adjustment,
            settings.permutations,
            settings.seed,
        )
        return self._judge.of_gains(attack, gains)

    def _patients_known(self) -> np.ndarray:
        """(N, d) what patients are known by, outcome included."""
        known = [DURATION, EVENT, *([ENTRY] if self.schema.delayed_entry else [])]
        outcome = self._patients[known].to_numpy(float)
        return np.hstack([coordinates(self._patients, self.real, self.schema), outcome])

    @cached_property
    def _judge(self) -> leak.Judge:
        return leak.Judge(self.settings.verdict, 1 + self._attacks)  # and copies

    @property
    def _attacks(self) -> int:
        """How many attacks beside copies are tried."""
        wanted, controls = self.settings.privacy, self.holdout is not None
        tried = (
            self.settings.self_link and self.source is not None,
            controls,  # the link by the outcome
            controls and wanted.attribute,
            controls and wanted.membership_splits > 0,
        )
        return sum(tried)

    def _when(
        self, wanted: bool, names: tuple[str, ...], compute: Callable[[], dict[str, Metric]]
    ) -> dict[str, Metric]:
        if not wanted:
            return absent(names, f"not computed under evaluation={self.settings.name}")
        return guarded(names, compute)

    def _held_out(
        self, wanted: bool, names: tuple[str, ...], compute: Callable[[], dict[str, Metric]]
    ) -> dict[str, Metric]:
        if self.holdout is None:
            return absent(names, copies.NO_HOLDOUT)
        return self._when(wanted, names, compute)

    @property
    def _grouped(self) -> bool:
        return self.settings.privacy.vulnerable_share > 0

    @property
    def _group_confidence(self) -> float:
        """Level of one interval for which those of all groups and attacks hold at once.

        Bonferroni: the groups are small and many.
        """
        return 1 - (1 - self.settings.confidence) / (len(GROUPS) * self._attacks)

    @property
    def _powered(self) -> bool:
        return self.settings.privacy.power_replicates > 0

    @cached_property
    def _points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self.holdout is None:
            raise ValueError(copies.NO_HOLDOUT)
        tables = self._attacked, drawn(self.synthetic, self._most, self._seed), self._controls
        real, synthetic, holdout = (coordinates(t, self.real, self.schema) for t in tables)
        return real, synthetic, holdout

    @property
    def _most(self) -> int:
        return self.settings.privacy.most_targets

    @property
    def _seed(self) -> int:
        return self.settings.privacy.seed

    @cached_property
    def _attacked(self) -> pd.DataFrame:
        """The training rows that are attacked."""
        return drawn(self.real, self._most, self._seed)

    @cached_property
    def _controls(self) -> pd.DataFrame:
        """The held-out rows that are attacked."""
        if self.holdout is None:
            raise ValueError(copies.NO_HOLDOUT)
        return drawn(self.holdout, self._most, self._seed)

    @cached_property
    def _patients(self) -> pd.DataFrame:
        """Training rows, then held-out rows."""
        return pd.concat([self._attacked, self._controls], ignore_index=True)

    @cached_property
    def _train(self) -> np.ndarray:
        return np.arange(len(self._patients)) < len(self._attacked)

    @cached_property
    def _groups(self) -> dict[str, np.ndarray | str]:
        return self._grouped_by(self.real if self.holdout is None else self._patients)

    @cached_property
    def _source_groups(self) -> dict[str, np.ndarray | str]:
        """Groups of which the mask begins with every training row."""
        whole = self.holdout is None or len(self._attacked) == len(self.real)
        return self._groups if whole else self._grouped_by(self.real)

    def _grouped_by(self, patients: pd.DataFrame) -> dict[str, np.ndarray | str]:
        try:
            return high_risk_patients(patients, self.real, self.schema, self.settings.privacy)
        except FAULTS as error:
            return dict.fromkeys(GROUPS, f"{type(error).__name__}: {error}")

    @cached_property
    def _links(self) -> linkage.Linkage:
        if self.source is None:
            raise ValueError(linkage.NO_SOURCE)
        return linkage.Linkage(self.real, self.synthetic, self.source, self.schema)

    @cached_property
    def _closer(self) -> holdout_distance.HoldoutDistance:
        return holdout_distance.HoldoutDistance(
            *self._points, self.settings.privacy, self.settings.confidence
        )

    @cached_property
    def _membership(self) -> membership_inference.MembershipInference:
        real, _, holdout = self._points
        synthetic = drawn(self.synthetic, self.settings.privacy.membership_rows, self._seed)
        if len(self.synthetic) <= self._most:
            synthetic = self.synthetic
        return membership_inference.MembershipInference(
            real,
            coordinates(synthetic, self.real, self.schema),
            holdout,
            self.settings.privacy,
            self.settings.confidence,
        )

    @cached_property
    def _outcome_link(self) -> Attack:
        return self._attack(OUTCOME_LINK, attribute_inference.outcome_success)

    @cached_property
    def _attribute(self) -> Attack:
        return self._attack(ATTRIBUTE, attribute_inference.attribute_success)

    def _attack(self, name: str, success: Callable[..., np.ndarray]) -> Attack:
        settings = self.settings.privacy
        tables = self.synthetic, self._patients, self.real
        chance = success(*tables, self.schema, settings.tolerance)
        return Attack.made(name, chance, self._train, settings)
