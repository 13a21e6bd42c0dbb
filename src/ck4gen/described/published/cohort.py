"""A cohort made from published numbers, without any patient's data."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ck4gen.calibration.settings import CalibrationSettings, RowSelectionSettings
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.described.published.reader import read_published
from ck4gen.settings import build, whole_number


class PublishedDataModule(SurvivalDataModule):
    """A table that has the numbers of a paper: for teaching and for planning.

    Candidate rows are drawn from the published numbers, see :func:`published_description`, and
    as many as there were patients are taken, with which counts, means, the survival curve and the
    multivariable Cox model are the published ones, see :func:`published_targets`. The same file
    and the same ``draw_seed`` give the same table.

    Args:
        path: A YAML file of published numbers, see ``docs/published.md``.
        draw_seed: Seed of the rows.
        cells: Cells of a numeric, at most.
        stretches: Stretches of time in which hazards are constant, beside the published times.
        pool: Candidate rows that are drawn, at least.
        reselection: Keys of ``reselection`` in ``conf/data/published.yaml``.
        calibration: Keys of ``conf/calibration``.
        **split: See :class:`SurvivalDataModule`.

    Raises:
        InputError: A key or value is wrong, or the file is; every fault of it is named.
    """

    def __init__(
        self,
        path: str,
        draw_seed: int,
        cells: int,
        stretches: int,
        pool: int,
        reselection: Mapping,
        calibration: Mapping,
        **split: Any,
    ) -> None:
        super().__init__(**split)
        whole_number("data.draw_seed", draw_seed, 0)
        whole_number("data.cells", cells, 2)
        whole_number("data.stretches", stretches, 1)
        whole_number("data.pool", pool, 2)
        self.numbers = read_published(path)
        self.schema = self.numbers.public.schema
        self.draw_seed, self.cells, self.stretches, self.pool = draw_seed, cells, stretches, pool
        self.reselection = build(RowSelectionSettings, "data.reselection", reselection)
        self.calibration = build(CalibrationSettings, "data.calibration", calibration)
        self.diagnostics: dict[str, float] = {}

    def load(self) -> pd.DataFrame:
        """Draw the candidates and take the rows; the calibration is in ``diagnostics``."""
        from ck4gen.calibration.hazard_calibration import HazardCalibration  # torch, seconds
        from ck4gen.described.published.description import published_description
        from ck4gen.described.published.targets import published_targets
        from ck4gen.models.training import threads

        patients = self.numbers.patients
        description = published_description(self.numbers, self.cells, self.stretches)
        with threads(1), warnings.catch_warnings():  # sums, and so bytes, depend on threads
            warnings.filterwarnings("ignore", "calibration was not met")  # said below in its terms
            size = max(self.pool, self.reselection.pool * patients)
            pool = description.rows(size, np.random.default_rng([self.draw_seed, 1]))
            targets = published_targets(description, pool, self.numbers)
            calibration = HazardCalibration(targets, self.calibration)
            table, metrics = calibration.choose(pool, patients, self.reselection, self.draw_seed)
        self.diagnostics = metrics
        if not metrics["calibration/met"]:
            warnings.warn(
                "no table was found with the published Cox model: a hazard ratio is off by "
                f"{metrics['calibration/max_z']:.2f} standard errors, or a term has no estimate; "
                "see comparison(), and give correlations or raise data.pool",
                UserWarning,
                stacklevel=2,
            )
        return table

    def comparison(self) -> pd.DataFrame:
        """Published numbers beside those of the training rows, see :func:`comparison`."""
        from ck4gen.described.published.comparison import comparison  # lifelines, seconds

        self.setup()
        return comparison(self.numbers, self.train)
