"""The simulated registry follows the hazard ratios that it says, whatever its size and seed."""

import numpy as np
import pandas as pd
import pytest

import ck4gen
from ck4gen.data.benchmarks.registry import HAZARD_RATIOS
from ck4gen.data.schema import EVENT
from ck4gen.settings import InputError
from ck4gen.survival.cox import fit_cohort


def test_its_hazard_ratios_are_those_of_its_law():
    errors = []
    for seed in range(4):
        cohort = ck4gen.load("registry", rows=20_000, cohort_seed=seed).cohort
        fit = fit_cohort(cohort, 0.0)
        truth = np.log(pd.Series(HAZARD_RATIOS))[fit.coefficients.index]
        errors.append((fit.coefficients - truth) / fit.standard_errors)
    z = pd.concat(errors, axis=1)
    assert z.mean(axis=1).abs().max() < 4 / np.sqrt(z.shape[1])  # four SEs of a mean of four
    assert (z**2).stack().mean() == pytest.approx(1, abs=4 * np.sqrt(2 / z.size))


def test_few_have_events_and_the_seed_decides_the_patients():
    one, same, other = (
        ck4gen.load("registry", rows=5000, cohort_seed=seed).train for seed in (0, 0, 1)
    )
    assert one.equals(same)
    assert not one.equals(other)
    assert 0.02 < one[EVENT].mean() < 0.045
    assert 0.05 < one["diabetes"].mean() < 0.09


@pytest.mark.parametrize(("key", "value"), [("rows", 50), ("rows", 1e4), ("cohort_seed", -1)])
def test_a_wrong_size_is_refused(key, value):
    with pytest.raises(InputError, match=f"data.{key} is"):
        ck4gen.load("registry", **{key: value})
