"""The holder of a sampler's file solves for the secret weights."""

from types import SimpleNamespace

import numpy as np
import pytest

import ck4gen
from ck4gen.calibration.hazard_calibration import HazardCalibration
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.data.quantile_map import QuantileFunction
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.base import packaged
from ck4gen.methods.ck4gen.solved_weights import solved_weights
from ck4gen.settings import build

NOISE, GROUP = 0.5, 10


@pytest.fixture(scope="module")
def cohort():
    return ck4gen.load("whas500").cohort


def file_of(cohort, conditions=True):
    """What a sampler holds of these weighted rows, without its networks."""
    keys = packaged("ck4gen_free")
    settings = build(CalibrationSettings, "method.calibration", keys["calibration"])
    how = GROUP, keys["few_values"], keys["heaps"]
    quantiles = {
        name: SimpleNamespace(
            quantiles=QuantileFunction(cohort.table[name].to_numpy(float), cohort.weight, *how)
        )
        for name in cohort.schema.of_kind("numeric")
    }
    return SimpleNamespace(
        calibration=HazardCalibration.of(cohort, {1: 0.0}, settings) if conditions else None,
        record_decoder=SimpleNamespace(quantiles=quantiles),
    )


def weighted(cohort, seed, noise=NOISE):
    shape = noise**-2
    weight = np.random.default_rng(seed).gamma(shape, 1 / shape, len(cohort))
    return cohort.weighted(weight)


def without(cohort, rows):
    table = cohort.table.drop(index=rows).reset_index(drop=True)
    return WeightedCohort.of(table, cohort.schema)


def test_the_numbers_of_a_file_give_most_of_the_weights(cohort):
    secret = weighted(cohort, 1)
    solved = solved_weights(file_of(secret), NOISE, GROUP, cohort)
    assert np.corrcoef(solved, secret.weight)[0, 1] > 0.65
    # other weights than those of the file: 4 / sqrt(500) is beyond chance
    assert abs(np.corrcoef(solved, weighted(cohort, 2).weight)[0, 1]) < 0.18


def test_more_equations_tell_more(cohort):
    secret = weighted(cohort, 1)
    told = [
        np.corrcoef(solved_weights(file, NOISE, GROUP, cohort), secret.weight)[0, 1]
        for file in (file_of(secret, conditions=False), file_of(secret))
    ]
    assert told[0] < told[1] - 0.05


def test_who_was_not_in_gets_the_smallest_weights(cohort):
    absent = list(range(0, 500, 25))
    solved = solved_weights(file_of(weighted(without(cohort, absent), 3)), NOISE, GROUP, cohort)
    present = np.delete(solved, absent)
    assert solved[absent].mean() < present.mean() - 0.4
    nearer_to_none = (solved[absent][:, None] < present).mean()
    assert nearer_to_none > 0.8


def test_without_a_guard_whoever_was_not_in_is_told_for_certain(cohort):
    absent = [7]
    solved = solved_weights(file_of(without(cohort, absent)), 0.0, GROUP, cohort)
    assert solved.argmin() == 7
    assert solved[7] < np.delete(solved, 7).min() - 0.1


@pytest.mark.parametrize("noise", [0.0, NOISE])
def test_a_file_of_the_cohort_as_it_is_gives_everyone_the_weight_of_one(cohort, noise):
    solved = solved_weights(file_of(cohort), noise, GROUP, cohort)
    assert abs(solved - 1).max() < 0.5
    assert abs(solved.mean() - 1) < 0.1
