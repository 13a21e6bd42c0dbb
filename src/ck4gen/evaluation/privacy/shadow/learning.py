"""An attacker who learns from shadow tables, and judges those that were kept aside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

CLASSIFIERS = ("logistic", "forest")


@dataclass(frozen=True)
class Learner:
    """What learns to tell tables with a target from tables without.

    Attributes:
        kind: One of ``CLASSIFIERS``.
        spread: SD of the logit before anything is learned, of the logistic regression: each of d
            standardised features has a coefficient of the variance spread squared over d.
        trees: Trees of the forest.
        folds: Parts of the divisions.
        seed: Seed of the folds and of the trees.
    """

    kind: str
    spread: float
    trees: int
    folds: int
    seed: int

    def scores(self, features: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """(t,) log odds that the target is in, of each table by a classifier that did not see it.

        The two tables of a division are judged together: they are complements, so that one would
        tell of the other. Each fold has as many tables with the target as without.

        Args:
            features: (t, d) what the attacker reads; tables 2j and 2j + 1 are of one division.
            inside: (t,) whether the target is in.
        """
        divisions = len(features) // 2
        generator = np.random.default_rng([self.seed, 3])
        fold = np.repeat(generator.permutation(divisions) % self.folds, 2)
        log_odds = np.zeros(len(features))
        for number in range(self.folds):
            validation = fold == number
            model = self._made(features.shape[1]).fit(features[~validation], inside[~validation])
            if self.kind == "logistic":
                log_odds[validation] = model.decision_function(features[validation])
            else:
                share = model.predict_proba(features[validation])[:, 1] * self.trees
                log_odds[validation] = np.log((share + 0.5) / (self.trees - share + 0.5))
        return log_odds

    def _made(self, features: int) -> ClassifierMixin:
        if self.kind == "forest":
            return RandomForestClassifier(self.trees, random_state=self.seed)
        ridge = LogisticRegression(C=self.spread**2 / features, max_iter=1000)
        return make_pipeline(StandardScaler(), ridge)
