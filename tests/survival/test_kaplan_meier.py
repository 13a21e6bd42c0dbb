"""Kaplan-Meier curves are those of scikit-survival, to the last bit."""

import numpy as np
import pandas as pd
import pytest
from sksurv.nonparametric import kaplan_meier_estimator

from ck4gen.data.schema import DURATION, EVENT
from ck4gen.survival.kaplan_meier import kaplan_meier


@pytest.mark.parametrize("since", [None, 0.0, 12.0, 99.0])
@pytest.mark.parametrize("chance", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("rows", [1, 2, 300])
def test_curves_are_those_of_scikit_survival(rows, chance, since):
    generator = np.random.default_rng(rows)
    duration = generator.exponential(20, rows).round()  # with ties, and times of 0
    event = generator.random(rows) < chance
    found = kaplan_meier(pd.DataFrame({DURATION: duration, EVENT: event.astype(int)}), since)
    times, values = kaplan_meier_estimator(event, duration, time_min=since)
    assert np.array_equal(found.times, times)
    assert np.array_equal(found.values, values)


@pytest.mark.parametrize("duration", [[], [-1.0, 2.0], [np.nan, 2.0], [np.inf, 2.0]])
def test_what_has_no_curve_is_said(duration):
    with pytest.raises(ValueError, match="a curve needs patients, with finite times"):
        kaplan_meier(pd.DataFrame({DURATION: duration, EVENT: np.ones(len(duration), int)}))
