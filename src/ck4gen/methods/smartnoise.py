"""Baselines under differential privacy: MST and AIM as ``smartnoise-synth`` has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.public_description import public_description
from ck4gen.data.schema import Schema
from ck4gen.described.public_cells import PublicCells
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training
from ck4gen.private.mechanism import check_budget
from ck4gen.settings import InputError, at_least, choose, require

MECHANISMS = "mst", "aim"


class SmartNoise(Synthesizer):
    """Tables from noisy counts of pairs of columns: MST or AIM, the usual private generators.

    Covariates and time are cut into public cells, as in ``ck4gen_private``;
    rows that the package draws are spread evenly over their cells. Cells that it draws as unknown
    take the value of another drawn row. For comparison only: its noise is not exact, the number of
    patients counts as public, and no ledger notes the release.

    References: McKenna, Miklau and Sheldon (2021), Winning the NIST contest; McKenna, Mullins,
    Sheldon and Miklau (2022), AIM.

    Args:
        mechanism: ``mst``: a tree of pairs; ``aim``: pairs where the model is worst, step by step.
        epsilon: Budget of the release.
        delta: Probability with which the budget may fail.
        public: A YAML file with what is known of the table without a look at it; None for that of
            a packaged benchmark.
        cells: Cells of a numeric, at most.
        stretches: Cells of the time.

    Raises:
        InputError: A value is wrong, or the package is not installed.
    """

    def __init__(
        self,
        mechanism: str,
        epsilon: float | None = None,
        delta: float | None = None,
        public: str | None = None,
        cells: int | None = None,
        stretches: int | None = None,
    ) -> None:
        super().__init__()
        self.mechanism = choose("method.mechanism", mechanism, MECHANISMS)
        keys = packaged(
            self.mechanism,
            epsilon=epsilon,
            delta=delta,
            public=public,
            cells=cells,
            stretches=stretches,
        )
        self.epsilon, self.delta = keys["epsilon"], keys["delta"]
        self.cells, self.stretches = keys["cells"], keys["stretches"]
        check_budget(self.epsilon, self.delta)
        at_least("method.cells", self.cells, 2)
        at_least("method.stretches", self.stretches, 1)
        self.public_file = None if keys["public"] is None else Path(keys["public"])
        require("snsynth", "private-peers", f"method={mechanism}")

    @property
    def read_by(self) -> Path | None:
        """What is publicly known: no rule that looks at other rows may read one."""
        return self.public_file

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        if data.schema.strata:
            raise InputError(f"{self.mechanism} keeps no strata; leave data.strata out")
        self.public = public_description(data, self.public_file)
        self.public_cells = PublicCells(self.public, self.cells, self.stretches)
        import snsynth  # jax, seconds
        from snsynth.transform import LabelTransformer, TableTransformer

        sizes = self.public_cells.sizes
        # its labels are all cells that there can be, never those that the patients have
        possible = pd.DataFrame({str(i): np.arange(max(sizes)) % k for i, k in enumerate(sizes)})
        labels = TableTransformer([LabelTransformer(nullable=False) for _ in sizes])
        labels.fit(possible)
        create = snsynth.Synthesizer.create
        self.model = create(self.mechanism, epsilon=self.epsilon, delta=self.delta)
        with seeded(training.seed), redirect_stdout(StringIO()):  # AIM prints what it does
            self.model.fit(self.public_cells.coded(data.observed), transformer=labels)

    @property
    def table_schema(self) -> Schema:
        """The public description's: nothing in it was read off the cohort."""
        return self.public.schema

    def _sample(self, draw: Draw) -> pd.DataFrame:
        with seeded(draw.seed):
            # its own sample() asks for rounding, which sorts all children of a column alike
            rows = self.model.synthesizer.synthetic_data(rows=draw.n, method="sample")
            if self.mechanism == "mst":
                rows = self.model.undo_compress_fn(rows)
        order = [f"col{index}" for index in range(len(self.public_cells.sizes))]
        drawn = rows.df[order].to_numpy(dtype=int)
        return self.public_cells.table(drawn, np.random.default_rng([draw.seed, 1]))


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """The package draws from numpy's global state: seed it, and put it back afterwards."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
