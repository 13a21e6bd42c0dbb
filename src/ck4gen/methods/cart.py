"""Baseline: sequential trees with leaf donors, in the way of synthpop (Nowok et al. 2016)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sksurv.tree import SurvivalTree
from sksurv.util import Surv

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.draw import Draw
from ck4gen.methods.tree_leaves import donors
from ck4gen.models.training import Training
from ck4gen.settings import at_least, choose

OUTCOMES = ("generated", "copied")


class CART(Synthesizer):
    """Each column given those before it: a row falls to a leaf and takes a value found there.

    The first column is a bootstrap. ``generated``: duration and event come last, as a pair from a
    leaf of a survival tree (log-rank splits). ``copied``: the pairs of training rows come first
    and the covariates follow them. Either way a pair is one that a real patient had.

    Args:
        outcomes: ``generated`` or ``copied``; None for the packaged value.
        min_samples_leaf: Training rows that a leaf of a covariate's tree holds at least.
        min_samples_leaf_outcome: The same of the survival tree.

    Raises:
        InputError: A value is wrong.
    """

    times_copied = True

    def __init__(
        self,
        outcomes: str | None = None,
        min_samples_leaf: int | None = None,
        min_samples_leaf_outcome: int | None = None,
    ) -> None:
        super().__init__()
        keys = packaged(
            "cart",
            outcomes=outcomes,
            min_samples_leaf=min_samples_leaf,
            min_samples_leaf_outcome=min_samples_leaf_outcome,
        )
        self.outcomes = choose("method.outcomes", keys["outcomes"], OUTCOMES)
        self.min_samples_leaf, self.min_samples_leaf_outcome = (
            keys["min_samples_leaf"],
            keys["min_samples_leaf_outcome"],
        )
        at_least("method.min_samples_leaf", self.min_samples_leaf, 1)
        at_least("method.min_samples_leaf_outcome", self.min_samples_leaf_outcome, 1)

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        train = data.train
        self.trees = {}
        for column in data.schema:
            before = self._before(train, column.name)
            if before.shape[1] == 0:
                continue
            numeric = column.kind == "numeric"
            kind = DecisionTreeRegressor if numeric else DecisionTreeClassifier
            tree = kind(min_samples_leaf=self.min_samples_leaf, random_state=training.seed)
            self.trees[column.name] = tree.fit(before, train[column.name])
        if self.outcomes == "generated":
            tree = SurvivalTree(
                min_samples_leaf=self.min_samples_leaf_outcome,
                random_state=training.seed,
                low_memory=True,
            )
            outcome = Surv.from_arrays(train[EVENT].astype(bool), train[DURATION])
            self.trees[DURATION] = tree.fit(self._before(train, DURATION), outcome)
        self.n_parameters = sum(tree.tree_.node_count for tree in self.trees.values())

    def _before(self, table: pd.DataFrame, name: str) -> np.ndarray:
        """(n, q) design of the columns that come before ``name``, as a tree takes it."""
        schema = self.data.schema
        index = schema.names.index(name) if name in schema.names else len(schema.names)
        design = Schema(schema.columns[:index]).unstratified.design(table)
        if self.outcomes == "copied":
            design = design.join(table[[DURATION, EVENT]])
        return design.to_numpy(np.float32)

    def _sample(self, draw: Draw) -> pd.DataFrame:
        generator = np.random.default_rng(draw.seed)
        table = pd.DataFrame(index=range(draw.n))
        if self.outcomes == "copied":
            self._donate(table, [DURATION, EVENT], draw.shuffled_rows())
        for column in self.data.schema:
            self._donate(table, [column.name], self._donors(table, column.name, generator))
        if self.outcomes == "generated":
            self._donate(table, [DURATION, EVENT], self._donors(table, DURATION, generator))
        return table

    def _donors(self, table: pd.DataFrame, name: str, generator: np.random.Generator) -> np.ndarray:
        """(n,) training rows whose value of ``name`` the rows of ``table`` take."""
        train = self.data.train
        if name not in self.trees:
            return generator.integers(0, len(train), len(table))
        apply = self.trees[name].tree_.apply
        members, leaves = (apply(self._before(rows, name)) for rows in (train, table))
        return donors(members, leaves, generator)

    def _donate(self, table: pd.DataFrame, names: list[str], rows: np.ndarray) -> None:
        for name in names:
            table[name] = self.data.train[name].to_numpy()[rows]
