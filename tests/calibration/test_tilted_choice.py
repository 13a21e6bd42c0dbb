"""Rows of a long table are chosen out of a longer draw by the least tilt that meets conditions."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.spatial import cKDTree
from scipy.stats import ks_2samp

from ck4gen.calibration import pilot as pilot_module
from ck4gen.calibration.least_tilt import least_tilt
from ck4gen.calibration.noise_search import root_mean_square
from ck4gen.calibration.outcome_groups import OutcomeGroups
from ck4gen.calibration.pilot import Pilot, Unreached
from ck4gen.calibration.tilted_choice import TiltedChoice
from ck4gen.methods.ck4gen.shared_sampler import unpack

pytestmark = pytest.mark.slow

ROWS = 8000
LONG = {"moved_rows": 500, "moved_share": 0.0, "pilot_rows": 4000, "path": ""}


@pytest.fixture(scope="module")
def method(free_whas500):
    calibration = free_whas500.sampler.calibration
    return free_whas500.calibrated(
        replace(calibration, settings=replace(calibration.settings, **LONG))
    )


@pytest.fixture(scope="module")
def pool(method):
    wanted = method.sampler.calibration.candidates(ROWS)
    return method.uncalibrated().sample(wanted, seed=1)


def errors_of(method, table):
    """Errors over their scales."""
    choice = choice_of(method, table, len(table))
    sizes = root_mean_square(choice._errors(torch.arange(len(table))))
    return {name: size / choice.settings.scales[name] for name, size in sizes.items()}


def choice_of(method, pool, wanted):
    calibration = method.sampler.calibration
    return TiltedChoice(calibration.conditions, calibration.settings, pool, wanted)


def test_a_long_table_is_a_choice_of_drawn_rows_that_meets_every_condition(method, pool):
    table = method.sample(ROWS, seed=1)
    assert len(table) == ROWS
    assert method.diagnostics["calibration/met"] == 1
    assert method.diagnostics["calibration/steps"] == 0  # no row was moved
    assert max(errors_of(method, pool[:ROWS]).values()) > 1.5
    assert max(errors_of(method, table).values()) <= 1
    # float32 of another batch may differ in the last digit of the BMI
    distance, rows = cKDTree(pool).query(table)
    assert distance.max() < 1e-3  # none that was not drawn
    assert len({*rows}) == ROWS  # none twice


def test_a_shared_sampler_chooses_the_same_rows(method):
    table = method.sample(ROWS, seed=1)
    shared = unpack(method.shareable()).sample(ROWS, seed=1)
    pd.testing.assert_frame_equal(shared, table[shared.columns])


def test_a_table_that_is_not_long_is_drawn_as_it_was(method):
    calibration = method.sampler.calibration
    assert calibration.candidates(1000) == 1000
    assert calibration.candidates(1001) == 1251
    wide = replace(calibration.settings, most_terms=3, path="")
    assert replace(calibration, settings=wide).candidates(1001) == 1001


def test_outcomes_stay_as_drawn_however_far_the_choice_goes(method, pool):
    """Effects of a pool that are far off: the hazard ratios come back, the curve does not move."""
    order = np.random.default_rng(3).permutation(len(pool) // 4)
    mixed = pool.copy()  # a quarter of the patients with the age of others
    mixed.loc[: len(order) - 1, "age"] = pool["age"].to_numpy()[order]
    rows = choice_of(method, mixed, ROWS).taken(priorities(mixed))
    table = mixed.iloc[rows.numpy()]
    assert errors_of(method, mixed[:ROWS])["cox"] > 20
    assert errors_of(method, table)["cox"] <= 1
    assert table["event"].sum() == pytest.approx(pool["event"].sum() * ROWS / len(pool), abs=1)
    for _, died in pool.groupby("event"):
        times = died["duration"]
        taken = table.loc[times.index.intersection(table.index), "duration"]
        assert ks_2samp(times, taken).statistic < 0.01  # by chance .02 and .01


def test_what_no_choice_meets_is_given_up_and_the_rest_held(method, pool):
    """A blood pressure of which the generator has no spread: no choice brings it back."""
    narrow = pool.assign(sysbp=pool["sysbp"].mean() + 0.5 * (pool["sysbp"] - pool["sysbp"].mean()))
    rows = choice_of(method, narrow, ROWS).taken(priorities(narrow))
    sizes = errors_of(method, narrow.iloc[rows.numpy()])
    before = errors_of(method, narrow[:ROWS])
    assert sizes["moments"] > 2  # far from what it should be
    assert sizes["cox"] <= 1 < before["cox"]


def priorities(pool):
    return torch.from_numpy(np.random.default_rng(0).standard_normal(len(pool)))


def test_tilts_of_further_rows_are_their_slopes(method, pool):
    """Rows of the pilot once more: each has the sum of multipliers times its slopes."""
    apart = pool.assign(duration=pool["duration"] + np.arange(len(pool)) * 1e-6)  # no ties
    choice = choice_of(method, apart, ROWS)
    rows = np.arange(800)
    calibration = method.sampler.calibration
    conditions = calibration.conditions.kept
    table = choice._table(rows)
    groups = OutcomeGroups(torch.zeros(len(rows), dtype=torch.int64))
    pilot = Pilot(conditions, calibration.settings.scales, table, groups, 0.8)
    names = ["cox", "interactions", "moments", "curves"]
    generator = torch.Generator().manual_seed(0)
    multipliers = {
        name: torch.randn(pilot.slopes([name]).shape[1], generator=generator).double()
        for name in names
    }
    expected = pilot.slopes(names) @ torch.cat([*multipliers.values()])
    found = pilot.tilts(choice._table(np.concatenate([rows, rows[100:200]])), multipliers)
    # twice in the table, a row is in its own risk set twice
    assert torch.corrcoef(torch.stack([found, expected[100:200]]))[0, 1] > 0.999
    assert (found - expected[100:200]).abs().quantile(0.9) < 0.02 * expected.std()


def test_the_least_tilt_brings_what_is_too_far_to_its_aim_and_no_further():
    generator = torch.Generator().manual_seed(1)
    slopes = torch.randn(500, 9, generator=generator).double()
    gram = slopes.T @ slopes / 500
    error = torch.randn(9, generator=generator).double()
    error[3:6] *= 0.01  # held already
    aims = torch.tensor([0.1, 0.5, 0.3]).double()
    found, unreached = least_tilt(error, gram, [3, 3, 3], aims, most=10.0)
    assert unreached is None
    left = (error + gram @ found).reshape(3, 3).square().mean(1).sqrt()
    assert left[[0, 2]].tolist() == pytest.approx([0.1, 0.3], rel=1e-3)
    assert left[1] < 0.5
    whole = -torch.linalg.solve(gram, error)  # brings all to 0
    assert found @ gram @ found < whole @ gram @ whole


def test_the_condition_that_is_out_of_reach_is_named():
    """The third has an error of .5 that no row adds to, which alone is .29 of three."""
    slopes = torch.randn(500, 9, generator=torch.Generator().manual_seed(1)).double()
    slopes[:, 7] = 0
    gram, error = slopes.T @ slopes / 500, torch.full((9,), 0.5).double()
    for aim, expected in ((0.1, 2), (0.4, None)):
        aims = torch.full((3,), aim).double()
        assert least_tilt(error, gram, [3, 3, 3], aims, most=10.0).unreached == expected


def test_errors_that_follow_from_others_and_do_not_agree_with_them_are_out_of_reach():
    slopes = torch.randn(500, 9, generator=torch.Generator().manual_seed(1)).double()
    slopes[:, 7] = 1.3 * slopes[:, 6] + 0.7 * slopes[:, 8]
    gram, error = slopes.T @ slopes / 500, torch.full((9,), 0.5).double()
    error[7] += 2  # weights grow, and the divergence does not
    aims = torch.full((3,), 0.1).double()
    assert least_tilt(error, gram, [3, 3, 3], aims, most=10.0).unreached == 2


def test_the_last_newton_step_counts(method, pool, monkeypatch):
    """However many steps there are, what they come to is near the aims or a condition is named."""
    pilot = choice_of(method, pool, ROWS)._pilot
    gap = {"cox": torch.zeros_like(pilot.errors({}, ["cox"])["cox"])}
    enough = []
    for steps in range(1, 9):
        monkeypatch.setattr(pilot_module, "STEPS", steps)
        with suppress(Unreached):
            found = pilot.solved(gap, {})
            assert pilot._loss(pilot.errors(found, gap)) <= pilot_module.CLOSE
            enough.append(steps)
    assert enough == [*range(9 - len(enough), 9)] != []
