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
from ck4gen.data.benchmark import Benchmark
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.public_table import PublicTable, read_public_table
from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.described.description import CohortDescription
from ck4gen.guard.release import HAZARD_RATIOS, Release
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training, threads
from ck4gen.private.mechanism import Mechanism
from ck4gen.private.release import private_description
from ck4gen.private.settings import PrivateSettings
from ck4gen.settings import InputError, at_least, build

if TYPE_CHECKING:
    from ck4gen.calibration.hazard_calibration import HazardCalibration

RELEASE = "private_release.json"


class PrivateCK4Gen(Synthesizer):
    """Tables of a cohort that is known by an (epsilon, delta) private release of it alone.

    The fit makes the release: noisy histograms, products of scores, counts in time and scores of
    the hazards, see :func:`private_description`. Rows are drawn from it, more than are wanted, and
    those are taken for which the Cox model of all drawn rows holds. Everything after the release
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

    Raises:
        InputError: A key or value is wrong; the message names the right ones.
    """

    def __init__(
        self,
        epsilon: float | None = None,
        delta: float | None = None,
        public: str | None = None,
        stored: str | None = None,
        release: Mapping | None = None,
        calibration: Mapping | None = None,
        reselection: Mapping | None = None,
    ) -> None:
        super().__init__()
        keys = packaged(
            "ck4gen_private", epsilon=epsilon, delta=delta, public=public, stored=stored
        )
        self.epsilon, self.delta = keys["epsilon"], keys["delta"]
        at_least("method.epsilon", self.epsilon, 0.01)
        if not isinstance(self.delta, float) or not 0 < self.delta < 0.01:
            raise InputError(f"method.delta is {self.delta}; it is a probability, as 1.0e-5")
        self.public_file = None if keys["public"] is None else Path(keys["public"])
        self.stored = None if keys["stored"] is None else Path(keys["stored"])
        given = dict(keys["release"]) | dict(release or {})
        given |= {name: tuple(v) for name, v in given.items() if isinstance(v, list | tuple)}
        self.release_settings = build(PrivateSettings, "method.release", given)
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

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        if data.schema.strata:
            raise InputError("ck4gen_private keeps no strata; leave data.strata out")
        self.threads = training.settings.threads
        if self.stored is not None:
            self.account, self.description = read_release(self.stored)
        else:
            public = self._public(data)
            rows = data.observed
            _check(rows, public)
            mechanism = Mechanism(self.epsilon, self.delta)
            with threads(self.threads):
                self.description = private_description(
                    rows, public, self.release_settings, mechanism, training.seed
                )
            self.spent = self.account = mechanism.to_state()
        self.n_parameters = len(self.description.coefficients)
        factors = self.description.factors
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
        """The public description's: nothing in it was read off the cohort."""
        return self.description.public.schema

    @property
    def patients(self) -> int:
        """As the release tells their number."""
        return self.description.patients

    @property
    def standard_error_factors(self) -> dict[str, float]:
        """By term, what the release added to its standard error."""
        factors = map(float, self.description.factors)
        return dict(zip(self.table_schema.design_names, factors, strict=True))

    @property
    def release(self) -> Release:
        """The formal guarantee, and the noise that it put into the hazard ratios."""
        account = self.account
        added = float((self.description.factors**2).mean() - 1)
        noise = {HAZARD_RATIOS: added} if added > 0 else {}
        return Release(noise, epsilon=account["epsilon"], delta=account["delta"], mu=account["mu"])

    @property
    def files(self) -> dict[str, str]:
        """The release itself, which may be shared: tables are drawn from it and nothing else."""
        state = {"account": self.account, "description": self.description.to_state()}
        return {RELEASE: json.dumps(state, indent=1)}

    def _public(self, data: SurvivalDataModule) -> PublicTable:
        """The public description: the file that was named, or that of a benchmark."""
        file = self.public_file
        if file is None and isinstance(data, Benchmark):
            file = data.public_file
        if file is None or not (self.public_file or file.is_file()):
            raise InputError(
                "a formal guarantee needs what is publicly known of the table, and it can't be "
                "read off the table itself: give a file with method.public=FILE that holds the "
                "levels of each category, low, high and decimals of each number, and the horizon"
            )
        return read_public_table(file)

    def _sample(self, draw: Draw) -> pd.DataFrame:
        n = self.patients if draw.requested is None else draw.requested
        generator = np.random.default_rng([draw.seed, 1])
        pool_size = max(self.release_settings.pool, self.reselection_settings.pool * n)
        with threads(self.threads):
            pool = self.description.rows(pool_size, generator)
            calibration = self._calibration(pool, n)
            table, found = calibration.choose(pool, n, self.reselection_settings, draw.seed)
        self.diagnostics |= found
        return table

    def _calibration(self, pool: pd.DataFrame, n: int) -> HazardCalibration:
        """To the analysis of all drawn rows, with scales in standard errors of ``n`` of them."""
        from ck4gen.calibration.hazard_calibration import HazardCalibration  # lifelines, seconds

        s, root = self.calibration_settings, float(np.sqrt(len(pool) / n))
        scaled = replace(
            s,
            conditions={name: scale * root for name, scale in s.scales.items()},
            max_error=s.max_error * root,
        )
        return HazardCalibration.of(WeightedCohort.of(pool, self.table_schema), {1: 0.0}, scaled)


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


def _check(rows: pd.DataFrame, public: PublicTable) -> None:
    """Raise an InputError unless the table has the public columns and an outcome of 0 and 1."""
    names = [column.name for column in public]
    faults = [f"the table has no column '{name}'" for name in names if name not in rows]
    for name in set(rows.columns) - {*names, DURATION, EVENT}:
        faults.append(f"column '{name}' is not described; describe it, or drop it from the table")
    if not pd.to_numeric(rows[EVENT], errors="coerce").isin((0, 1)).all():
        faults.append("events must be 0 or 1")
    if faults:
        raise InputError(
            f"the public description does not fit the table: {'; '.join(sorted(faults))}"
        )
