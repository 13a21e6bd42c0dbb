"""Baseline: adversarial random forest (Watson et al. 2023, AISTATS), on scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import truncnorm
from sklearn.ensemble import RandomForestClassifier

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.record_encoder import RecordEncoder
from ck4gen.data.schema import DURATION
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.draw import Draw
from ck4gen.methods.tree_leaves import boxes, donors, prune
from ck4gen.models.training import Training
from ck4gen.settings import at_least


class ARF(Synthesizer):
    """Forests tell real from synthetic rows until they can't; leaves then hold the density.

    Within a leaf the columns count as independent: a numeric is a normal truncated to the
    leaf's box, a category has its shares. Duration is one more numeric, event one more category.
    Draws beyond the training range move to its end: truncating there as well would shift the
    means of durations (Kaplan-Meier distance .07 instead of .03 on WHAS500).

    Args:
        trees: Trees of a forest.
        min_samples_leaf: Real rows that a leaf holds at least; smaller ones join their sibling.
        rounds: Forests trained at most after the first.
        delta: Out-of-bag accuracy above one half at which real and synthetic count as alike.

    Raises:
        InputError: A value is wrong.
    """

    def __init__(
        self,
        trees: int | None = None,
        min_samples_leaf: int | None = None,
        rounds: int | None = None,
        delta: float | None = None,
    ) -> None:
        super().__init__()
        keys = packaged(
            "arf", trees=trees, min_samples_leaf=min_samples_leaf, rounds=rounds, delta=delta
        )
        self.trees, self.min_samples_leaf = keys["trees"], keys["min_samples_leaf"]
        self.rounds, self.delta = keys["rounds"], keys["delta"]
        at_least("method.trees", self.trees, 1)
        at_least("method.min_samples_leaf", self.min_samples_leaf, 2)
        at_least("method.rounds", self.rounds, 0)
        at_least("method.delta", self.delta, 0)

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        integer = pd.api.types.is_integer_dtype(data.train[DURATION])
        self.schema = data.schema.with_outcome(integer)
        self.record_encoder = RecordEncoder(self.schema, "minmax").fit(data.train)
        self.numeric = np.array([column.kind == "numeric" for column in self.schema])
        self.real = self._codes(data.train)
        generator = np.random.default_rng(training.seed)

        forest, accuracy = self._forest(generator.permuted(self.real, axis=0), training.seed)
        made = 0
        while made < self.rounds and accuracy > 0.5 + self.delta:
            made += 1
            rows, trees = self._leaves(len(self.real), generator)
            drawn = self._donated(forest.apply(self.real), rows, trees, generator)
            before = accuracy
            rival, accuracy = self._forest(drawn, training.seed + made)
            # the leaves that the judge could not tell from real rows are those of ``forest``
            if accuracy <= 0.5 + self.delta or accuracy > before:
                break
            forest = rival
        for tree in forest.estimators_:
            prune(tree.tree_, self.real, self.min_samples_leaf)
        self.members = forest.apply(self.real)
        self._fit_boxes(forest)
        self.n_parameters = sum(tree.tree_.node_count for tree in forest.estimators_)
        self.diagnostics = {"arf/oob_accuracy": float(accuracy), "arf/rounds": float(made)}

    def _codes(self, table: pd.DataFrame) -> np.ndarray:
        """(n, p) float32: numerics as they are, categories as the place of their level."""
        columns = []
        for column in self.schema:
            values = table[column.name]
            if column.kind == "categorical":
                values = values.map({level: code for code, level in enumerate(column.levels)})
            columns.append(values.to_numpy(np.float32))
        return np.stack(columns, axis=1)

    def _forest(self, synthetic: np.ndarray, seed: int) -> tuple[RandomForestClassifier, float]:
        """A forest that tells real from synthetic, and its out-of-bag accuracy."""
        forest = RandomForestClassifier(
            self.trees, min_samples_leaf=self.min_samples_leaf, oob_score=True, random_state=seed
        )
        label = np.repeat([0, 1], [len(self.real), len(synthetic)])
        forest.fit(np.concatenate([self.real, synthetic]), label)
        return forest, forest.oob_score_

    def _leaves(self, n: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """(n,) real rows and (n,) trees: the leaf of a random row is drawn by its coverage."""
        return generator.integers(0, len(self.real), n), generator.integers(0, self.trees, n)

    def _donated(
        self,
        members: np.ndarray,
        rows: np.ndarray,
        trees: np.ndarray,
        generator: np.random.Generator,
    ) -> np.ndarray:
        """(n, p) codes, each column's value from an own random member of the row's leaf."""
        values = np.empty((len(rows), self.real.shape[1]), np.float32)
        for tree in range(self.trees):
            indices = np.flatnonzero(trees == tree)
            leaves = members[rows[indices], tree]
            for column in range(values.shape[1]):
                source = donors(members[:, tree], leaves, generator)
                values[indices, column] = self.real[source, column]
        return values

    def _fit_boxes(self, forest: RandomForestClassifier) -> None:
        """Per tree and real row, of its leaf: mean, SD and bounds of the numerics."""
        shape = (self.trees, len(self.real), int(self.numeric.sum()))
        self.mean, self.sd, self.low, self.high = (np.empty(shape) for _ in range(4))
        values = self.real[:, self.numeric].astype(float)
        for index, tree in enumerate(forest.estimators_):
            low, high = (side[:, self.numeric] for side in boxes(tree.tree_))
            leaf = self.members[:, index]
            groups = pd.DataFrame(values).groupby(leaf)
            self.mean[index], self.sd[index] = groups.transform("mean"), groups.transform("std")
            self.low[index], self.high[index] = low[leaf], high[leaf]

    def _sample(self, draw: Draw) -> pd.DataFrame:
        generator = np.random.default_rng(draw.seed)
        rows, trees = self._leaves(draw.n, generator)
        codes = self._donated(self.members, rows, trees, generator).astype(float)
        codes[:, self.numeric] = self._truncated_normal(rows, trees, generator)
        table = {}
        for values, column in zip(codes.T, self.schema, strict=True):
            if column.kind == "numeric":
                table[column.name] = self.record_encoder.restore(column, values)
            elif column.kind == "binary":
                table[column.name] = values.astype(int)
            else:
                table[column.name] = np.array(column.levels, dtype=object)[values.astype(int)]
        return pd.DataFrame(table)

    def _truncated_normal(
        self, rows: np.ndarray, trees: np.ndarray, generator: np.random.Generator
    ) -> np.ndarray:
        """(n, number of numerics) draws; a leaf that holds one value gives that value."""
        mean, sd, low, high = (
            part[trees, rows] for part in (self.mean, self.sd, self.low, self.high)
        )
        spread = np.where(sd > 0, sd, 1.0)
        drawn = truncnorm.rvs(
            (low - mean) / spread, (high - mean) / spread, mean, spread, random_state=generator
        )
        return np.where(sd > 0, drawn, mean)
