"""Base of all cohorts: load, split, impute; read-only after ``setup``."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ck4gen.data.aliasing import without_aliased
from ck4gen.data.checks import check_divisible, warn_few_events
from ck4gen.data.rule_search import find_rules
from ck4gen.data.rules import Banded, Rule
from ck4gen.data.schema import CAUSE, DURATION, ENTRY, EVENT, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import choose, inner_share, whole_number

if TYPE_CHECKING:
    from pytorch_lightning import LightningDataModule
    from torch.utils.data import DataLoader

    from ck4gen.data.encoded_cohort import EncodedCohort
    from ck4gen.data.understanding import Presentation

SPLITS = ("release", "audit")
Parts = tuple[pd.DataFrame, pd.DataFrame | None]  # training and held-out rows


class SurvivalDataModule:
    """A cohort, split and ready to train on; a subclass gives ``schema`` and ``load``.

    Args:
        split: ``release`` trains on every row; ``audit`` holds rows out, stratified by event.
        holdout: Share of rows held out under ``audit``.
        split_seed: Seed of the hold-out.

    After ``setup``: ``train`` and ``holdout`` (None under ``release``) are tables with the
    schema's columns, ``duration`` and ``event``, rows renumbered from 0.

    A benchmark is a LightningDataModule, see :class:`ck4gen.data.benchmark.Benchmark`. A table of
    the user's is none itself, see :meth:`lightning`: it is read, understood and refused long before
    anything is trained, and Lightning takes seconds to import.
    """

    schema: Schema
    presentation: Presentation | None = None  # how a user knows her own table

    def __init__(self, split: str = "release", holdout: float = 0.3, split_seed: int = 0) -> None:
        self.split = choose("split", split, SPLITS)
        inner_share("holdout", holdout)
        whole_number("split_seed", split_seed, 0)
        self.holdout_share = holdout
        self.split_seed = split_seed
        self._rows: tuple[np.ndarray, np.ndarray] | None = None
        self._parts: Parts | None = None
        self._observed: pd.DataFrame | None = None

    @property
    def by_definition(self) -> tuple[Banded, ...]:
        """Columns of which it is public how they follow from others."""
        return ()

    @property
    def observed(self) -> pd.DataFrame:
        """Training rows as they were read, blanks included; read-only.

        Raises:
            RuntimeError: ``setup`` has not been called.
        """
        if self._parts is None:
            raise RuntimeError("call setup() before observed")
        return self.train if self._observed is None else self._observed

    @property
    def train(self) -> pd.DataFrame:
        """Training rows; read-only.

        Raises:
            RuntimeError: ``setup`` has not been called.
        """
        if self._parts is None:
            raise RuntimeError("call setup() before train or holdout")
        return self._parts[0]

    @property
    def holdout(self) -> pd.DataFrame | None:
        """Held-out rows, None where none are; read-only."""
        return self._parts[1] if self._parts is not None else None

    @property
    def patients(self) -> int:
        """Patients of the cohort, held out or not."""
        return len(self.train) + (0 if self.holdout is None else len(self.holdout))

    def with_parts(self, train: pd.DataFrame, holdout: pd.DataFrame | None) -> SurvivalDataModule:
        """A copy, set up, with these rows instead."""
        other = copy(self)
        other._parts = train.reset_index(drop=True), holdout
        other._observed = None
        return other

    def load(self) -> pd.DataFrame:
        """Read the whole cohort: the schema's columns, ``duration`` and ``event``."""
        raise NotImplementedError

    def divide(self, train: np.ndarray, holdout: np.ndarray) -> SurvivalDataModule:
        """Split at these row numbers of the whole cohort instead, whatever ``split`` says."""
        self._rows = train, holdout
        return self

    def setup(self, stage: str | None = None) -> None:
        """Load once, split, impute, leave aliased terms out of the design, and find rules."""
        if self._parts is not None:
            return
        table = tidy(self.load(), self.schema)
        train, holdout = table, None
        if self._rows is not None:
            train, holdout = (table.iloc[rows].reset_index(drop=True) for rows in self._rows)
        elif self.split == "audit":
            check_divisible(table)
            train, holdout = self._held_out(table)
        self._parts, self._observed = self.imputed(train, holdout), train
        self.schema = without_aliased(self.schema, self.train)
        if not self.schema.rules:
            self.schema = self.schema.with_rules(self.rules(train))
        warn_few_events(self.train, self.schema)

    def _held_out(self, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        from sklearn.model_selection import train_test_split  # a second; a plan holds nobody out

        train, holdout = train_test_split(
            table,
            test_size=self.holdout_share,
            stratify=table[CAUSE if self.schema.causes else EVENT],
            random_state=self.split_seed,
        )
        return train.reset_index(drop=True), holdout.reset_index(drop=True)

    def rules(self, known: pd.DataFrame) -> tuple[Rule, ...]:
        """Exact rules between the covariates.

        Args:
            known: The training rows before they are imputed.
        """
        return find_rules(self.train, self.schema, self.by_definition).rules

    def imputed(self, train: pd.DataFrame, holdout: pd.DataFrame | None) -> Parts:
        """Both parts without missing values; whatever is fitted sees training rows alone."""
        return train, holdout

    @property
    def cohort(self) -> WeightedCohort:
        """The training rows, every weight 1."""
        return WeightedCohort.of(self.train, self.schema)

    def encode(self, numeric: str) -> EncodedCohort:
        """The training rows as networks see them; a new object at every call.

        Args:
            numeric: Transform of the numerics in the record, see :class:`RecordEncoder`.
        """
        from ck4gen.data.encoded_cohort import EncodedCohort  # torch, see the class

        self.setup()
        return EncodedCohort.of(self.cohort, numeric)

    def train_dataloader(self) -> DataLoader:
        """All training rows in one batch an epoch, for a LightningModule of your own."""
        return self.encode("minmax").loader(batch_size=None, steps_per_epoch=1, seed=0)

    def lightning(self) -> LightningDataModule:
        """The training rows for ``Trainer.fit(module, datamodule=...)`` of your own."""
        from pytorch_lightning import LightningDataModule  # see the class

        module = LightningDataModule()
        module.train_dataloader = self.train_dataloader  # type: ignore[method-assign]
        return module


def tidy(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Columns in schema order with plain dtypes: float or int, 0/1, and strings; blanks stay."""
    tidied = {}
    for column in schema:
        values = table[column.name]
        if column.kind == "categorical":
            tidied[column.name] = values.astype(str).astype(object).where(values.notna(), None)
        elif (column.kind == "binary" or column.integer) and not values.isna().any():
            tidied[column.name] = values.astype(float).astype(int)
        else:
            tidied[column.name] = values.astype(float)
    for name in schema.outcome_names:
        values = table[name].astype(float)
        measured = name in (DURATION, ENTRY) and (values != values.round()).any()
        tidied[name] = values if measured else values.astype(int)
    return pd.DataFrame(tidied)
