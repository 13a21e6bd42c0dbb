"""Synthetic cohorts under a formal guarantee: drawn from a private release and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ck4gen.calibration.settings import CalibrationSettings, RowSelectionSettings
from ck4gen.data.aliasing import without_aliased
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.public_description import public_description
from ck4gen.data.schema import Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.described.description import CohortDescription
from ck4gen.guard.release import HAZARD_RATIOS, Release
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training, threads
from ck4gen.private.mechanism import Mechanism, check_budget
from ck4gen.private.release import private_description
from ck4gen.private.settings import PrivateSettings
from ck4gen.settings import InputError, at_least, build

if TYPE_CHECKING:
    from ck4gen.calibration.hazard_calibration import HazardCalibration

RELEASE = "private_release.json"


class PrivateCK4Gen(Synthesizer):
    """Tables of a cohort that is known by an (epsilon, delta) private release of it alone.

    The fit makes the release: noisy histograms, products of scores, counts in time and scores of
    the hazards, see :func:`private_description`. Many rows are drawn from it and analysed, and of
    further rows those are taken for which this analysis holds. Everything after the release
    is post-processing: any number of tables, rows and seeds costs nothing more.

    No network is trained, our choice: it would learn only what the release already says.

    Args:
        epsilon: Budget of the release.
        delta: Probability with which the budget may fail; far below one over the patients.
        public: A YAML file with what is known of the table without a look at it; None for that of
            a packaged benchmark.
        stored: A ``private_release.json`` of an earlier run to draw from: nothing is released
            anew, and the cohort is not looked at.
        release: Keys of ``release`` in ``conf/method/ck4gen_private.yaml``.
        calibration: Keys of ``conf/calibration``.
        reselection: Keys of ``reselection`` in ``conf/method/ck4gen_private.yaml``.
        analysed: Rows drawn for each patient, whose analysis the tables keep.

    Raises:
        InputError: A key or value is wrong; the message names the right ones.
    """

    sets_rows = True  # as many as the release says there are patients

    def __init__(
        self,
        epsilon: float | None = None,
        delta: float | None = None,
        public: str | None = None,
        stored: str | None = None,
        release: Mapping | None = None,
        calibration: Mapping | None = None,
        reselection: Mapping | None = None,
        analysed: int | None = None,
    ) -> None:
        super().__init__()
        keys = packaged(
            "ck4gen_private",
            epsilon=epsilon,
            delta=delta,
            public=public,
            stored=stored,
            analysed=analysed,
        )
        self.epsilon, self.delta = keys["epsilon"], keys["delta"]
        check_budget(self.epsilon, self.delta)
        self.public_file = None if keys["public"] is None else Path(keys["public"])
        self.analysed = keys["analysed"]
        at_least("method.analysed", self.analysed, 1)
        self.stored = None if keys["stored"] is None else Path(keys["stored"])
        release_keys = dict(keys["release"]) | dict(release or {})
        release_keys |= {
            name: tuple(v) for name, v in release_keys.items() if isinstance(v, list | tuple)
        }
        self.release_settings = build(PrivateSettings, "method.release", release_keys)
        self.calibration_settings = build(
            CalibrationSettings,
            "method.calibration",
            keys["calibration"] | dict(calibration or {}),
        )
        self.reselection_settings = build(
            RowSelectionSettings,
            "method.reselection",
            keys["reselection"] | dict(reselection or {}),
        )

    @property
    def read_by(self) -> Path | None:
        """What is publicly known: no rule that looks at other rows may read one."""
        return self.stored or self.public_file

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        if data.schema.strata:
            raise InputError("ck4gen_private keeps no strata; leave data.strata out")
        self.threads = training.settings.threads
        if self.stored is not None:
            self.account, self.description = read_release(self.stored)
        else:
            public = public_description(data, self.public_file)
            mechanism = Mechanism(self.epsilon, self.delta)
            try:
                with threads(self.threads):
                    self.description = private_description(
                        data.observed, public, self.release_settings, mechanism, training.seed
                    )
            finally:
                if mechanism.ledger:
                    self.spent = self.account = mechanism.to_state()
        with threads(self.threads):  # so many rows that their own noise hardly counts
            rows = self.description.rows(self._analysed_rows, np.random.default_rng(0))
            # noise may leave nobody in a rare level, which then has no term
            schema = without_aliased(self.description.public.schema, rows)
            self.target = WeightedCohort.of(rows, schema)
        self.n_parameters = len(self.description.coefficients)
        factors = self._factors
        self.diagnostics = {
            "private/epsilon": float(self.account["epsilon"]),
            "private/delta": float(self.account["delta"]),
            "private/mu": float(self.account["mu"]),
            "private/patients": float(self.description.patients),
            "private/standard_error_factor": float(factors.mean()),
            "private/largest_standard_error_factor": float(factors.max()),
        }

    @property
    def table_schema(self) -> Schema:
        """The public description's, without terms for which the release has no patients."""
        return self.target.schema

    @property
    def patients(self) -> int:
        """As the release tells their number."""
        return self.description.patients

    @property
    def standard_error_factors(self) -> dict[str, float]:
        """By term, what release and analysed rows add to its standard error."""
        names = self.description.public.schema.design_names
        by_term = dict(zip(names, map(float, self._factors), strict=True))
        return {name: by_term[name] for name in self.table_schema.design_names}

    @property
    def _factors(self) -> np.ndarray:
        factors: np.ndarray = np.sqrt(
            self.description.factors**2 + self.patients / self._analysed_rows
        )
        return factors

    @property
    def release(self) -> Release:
        """The formal guarantee, and the noise that it put into the hazard ratios."""
        account = self.account
        added = float((self._factors**2).mean() - 1)
        noise = {HAZARD_RATIOS: added} if added > 0 else {}
        return Release(noise, epsilon=account["epsilon"], delta=account["delta"], mu=account["mu"])

    @property
    def files(self) -> dict[str, str]:
        """The release itself, which may be shared: tables are drawn from it and nothing else."""
        state = {"account": self.account, "description": self.description.to_state()}
        return {RELEASE: json.dumps(state, indent=1)}

    def _sample(self, draw: Draw) -> pd.DataFrame:
        n = self.patients if draw.requested is None else draw.requested
        generator = np.random.default_rng([draw.seed, 1])
        pool_size = max(self.release_settings.pool, self.reselection_settings.pool * n)
        with threads(self.threads):
            calibration = self._calibration(n)
            pool = self.description.rows(pool_size, generator)
            table, metrics = calibration.choose(pool, n, self.reselection_settings, draw.seed)
        self.diagnostics |= metrics
        return table

    @property
    def _analysed_rows(self) -> int:
        return max(self.release_settings.pool, self.analysed * self.patients)

    def _calibration(self, n: int) -> HazardCalibration:
        """To the analysis of many drawn rows, with scales in standard errors of ``n`` of them."""
        from ck4gen.calibration.hazard_calibration import HazardCalibration  # lifelines, seconds

        s, root = self.calibration_settings, float(np.sqrt(self._analysed_rows / n))
        scaled = replace(
            s,
            conditions={name: scale * root for name, scale in s.scales.items()},
            max_error=s.max_error * root,
        )
        return HazardCalibration.of(self.target, {1: 0.0}, scaled)


def read_release(file: Path) -> tuple[dict, CohortDescription]:
    """The account and the description in a stored release.

    Raises:
        InputError: It is none, or a damaged one.
    """
    try:
        state = json.loads(file.read_text(encoding="utf-8"))
        return state["account"], CohortDescription.from_state(state["description"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file} is no stored release, or a damaged one") from error
