"""The faster boosting grows the trees of scikit-survival."""

import numpy as np
import pytest
from sksurv.ensemble import GradientBoostingSurvivalAnalysis
from sksurv.util import Surv

from ck4gen.evaluation.utility import boosting


@pytest.mark.parametrize("most", [0, boosting.MOST])
def test_predictions_are_equal_to_the_last_bit(most, monkeypatch):
    monkeypatch.setattr(boosting, "MOST", most)
    generator = np.random.default_rng(0)
    x = generator.integers(0, 3, (150, 4)).astype(float)  # many splits are equally good
    time = generator.exponential(10 * np.exp(-x[:, 0])).round().astype(float)
    outcome = Surv.from_arrays(generator.random(150) < 0.6, time)
    keys = {"n_estimators": 25, "subsample": 0.5, "max_depth": 3, "random_state": 0}
    theirs = GradientBoostingSurvivalAnalysis(loss="coxph", **keys).fit(x, outcome)
    ours = boosting.CoxBoosting(**keys).fit(x, outcome)
    assert np.array_equal(ours.predict(x), theirs.predict(x))
    curves = [model.predict_survival_function(x, return_array=True) for model in (ours, theirs)]
    assert np.array_equal(*curves)
