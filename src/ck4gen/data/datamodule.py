"""Base LightningDataModule: load, split, impute, encode, serve whole-tensor batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
import torch
from pytorch_lightning import LightningDataModule
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, IterableDataset

from ck4gen.data.checks import warn_few_events
from ck4gen.data.record_encoder import RecordEncoder
from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.settings import choose

SPLITS = ("release", "audit")


class Batches(IterableDataset):
    """Serves dict batches sliced from whole tensors; nothing is collated.

    Args:
        tensors: Tensors with n rows each.
        batch_size: Rows per step; None or more than n serves all rows at every step.
        steps: Steps that make one epoch. Lightning's cost per epoch is far above its cost per
            step, and these cohorts fit one batch, so an epoch here is a block of steps.
        seed: Seed of the shuffling, which goes on from epoch to epoch.
    """

    def __init__(
        self, tensors: dict[str, torch.Tensor], batch_size: int | None, steps: int, seed: int
    ) -> None:
        self.tensors = tensors
        self.rows = len(next(iter(tensors.values())))
        self.batch_size = min(batch_size or self.rows, self.rows)
        self.steps = steps
        self.indices = self._shuffled(torch.Generator().manual_seed(seed))

    def _shuffled(self, generator: torch.Generator) -> Iterator[torch.Tensor]:
        while True:
            order = torch.randperm(self.rows, generator=generator)
            # an incomplete last batch is dropped: its rows come back in the next pass
            yield from (
                chunk for chunk in order.split(self.batch_size) if len(chunk) == self.batch_size
            )

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        for _ in range(self.steps):
            if self.batch_size == self.rows:
                yield self.tensors
            else:
                index = next(self.indices)
                yield {name: tensor[index] for name, tensor in self.tensors.items()}


class SurvivalDataModule(LightningDataModule):
    """A cohort, split and ready to train on; a subclass gives ``schema`` and ``load``.

    Args:
        split: ``release`` trains on every row; ``audit`` holds rows out, stratified by event.
        holdout: Share of rows held out under ``audit``.
        split_seed: Seed of the hold-out.

    After ``setup``: ``train`` and ``holdout`` (None under ``release``) are tables with the
    schema's columns, ``duration`` and ``event``, rows renumbered from 0.
    """

    schema: Schema

    def __init__(self, split: str = "release", holdout: float = 0.3, split_seed: int = 0) -> None:
        super().__init__()
        self.split = choose("split", split, SPLITS)
        self.holdout_share = holdout
        self.split_seed = split_seed
        self.parts: tuple[np.ndarray, np.ndarray] | None = None
        self.train: pd.DataFrame | None = None
        self.holdout: pd.DataFrame | None = None

    def load(self) -> pd.DataFrame:
        """Read the whole cohort: the schema's columns, ``duration`` and ``event``."""
        raise NotImplementedError

    def divide(self, train: np.ndarray, holdout: np.ndarray) -> SurvivalDataModule:
        """Split at these row numbers of the whole cohort instead, whatever ``split`` says."""
        self.parts = train, holdout
        return self

    def setup(self, stage: str | None = None) -> None:
        """Load once and split."""
        if self.train is not None:
            return
        table = tidy(self.load(), self.schema)
        self.train = table
        if self.parts is not None:
            self.train, self.holdout = (
                table.iloc[rows].reset_index(drop=True) for rows in self.parts
            )
        elif self.split == "audit":
            train, holdout = train_test_split(
                table,
                test_size=self.holdout_share,
                stratify=table[EVENT],
                random_state=self.split_seed,
            )
            self.train = train.reset_index(drop=True)
            self.holdout = holdout.reset_index(drop=True)
        warn_few_events(self.train, self.schema)

    def encode(
        self, numeric: str, batch_size: int | None, steps_per_epoch: int, seed: int
    ) -> SurvivalDataModule:
        """Fit scaler and record encoder on the training rows and prepare the batches.

        Args:
            numeric: Transform of the numerics in the record, see :class:`RecordEncoder`.
            batch_size: Rows per step, None for all.
            steps_per_epoch: Steps between two lines of ``metrics.csv``.
            seed: Seed of the shuffling.

        Batches hold ``x`` (standardised Cox design, (b, p)), ``record`` ((b, q) in [0, 1]),
        ``duration`` and ``event`` ((b,)), all float32.
        """
        self.setup()
        design = self.schema.design(self.train)
        self.scaler = StandardScaler().fit(design)
        self.records = RecordEncoder(self.schema, numeric).fit(self.train)
        arrays = {
            "x": self.scaler.transform(design),
            "record": self.records.transform(self.train),
            "duration": self.train[DURATION].to_numpy(),
            "event": self.train[EVENT].to_numpy(),
        }
        tensors = {k: torch.from_numpy(v.astype(np.float32)) for k, v in arrays.items()}
        self.batches = Batches(tensors, batch_size, steps_per_epoch, seed)
        return self

    def train_dataloader(self) -> DataLoader:
        """Loader over :class:`Batches`; call :meth:`encode` first."""
        return DataLoader(self.batches, batch_size=None, num_workers=0)


class Benchmark(SurvivalDataModule):
    """A public cohort in two codings.

    Args:
        coding: ``paper`` (the authors' covariates) or ``raw`` (scikit-survival's columns).
        **split: See :class:`SurvivalDataModule`.
    """

    schemas: ClassVar[dict[str, Schema]]

    def __init__(self, coding: str = "paper", **split) -> None:
        super().__init__(**split)
        self.coding = choose("data.coding", coding, tuple(self.schemas))
        self.schema = self.schemas[coding]


def tidy(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Columns in schema order with plain dtypes: float or int, 0/1, and strings."""
    tidied = {}
    for column in schema:
        values = table[column.name]
        if column.kind == "categorical":
            tidied[column.name] = values.astype(str).astype(object)
        elif column.kind == "binary" or (column.integer and not values.isna().any()):
            tidied[column.name] = values.astype(float).astype(int)
        else:
            tidied[column.name] = values.astype(float)
    duration = table[DURATION].astype(float)
    whole = bool((duration == duration.round()).all())
    tidied[DURATION] = duration.astype(int) if whole else duration
    tidied[EVENT] = table[EVENT].astype(int)
    return pd.DataFrame(tidied)
