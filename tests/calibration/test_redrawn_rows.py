"""Rows that are exchanged for others, where a gradient by the noise knows nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ck4gen.calibration.design_errors import DesignErrors
from ck4gen.calibration.noise_search import loss_of, solve
from ck4gen.calibration.redrawn_rows import Relative, redraw
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.config import defaults

ROWS = 400


def settings(**keys):
    node = defaults("method=ck4gen_free")["method"]["calibration"]
    conditions = {"cox": 0.05, "moments": 0.9}
    return CalibrationSettings(**{**node, "conditions": conditions, **keys})


def rounded(noise):
    """A 0/1 column and a number in steps of 0.1: no gradient by the noise at all."""
    return torch.stack([(noise[:, 0] > 0.3).double(), noise[:, 1].double().round(decimals=1)], 1)


def errors(target):
    """Means of both columns as hazard ratios, their squares as moments."""

    def of_design(design):
        root = ROWS**0.5
        return {
            "cox": root * (design.mean(0) - torch.tensor(target)),
            "moments": root * (design.square().mean(0) - torch.tensor([target[0], 1.0])),
        }

    return DesignErrors(rounded, of_design)


def start(seed=0):
    return torch.randn(ROWS, 2, generator=torch.Generator().manual_seed(seed))


def redrawn(target=(0.42, 0.05), seed=0, **keys):
    return redraw(errors(target), start(seed), settings(**keys), np.random.default_rng(seed))


def test_conditions_that_answer_in_jumps_are_met_in_a_few_rounds():
    for seed in range(5):
        solution = redrawn(seed=seed)
        assert loss_of(solution.errors, settings().scales) == 0
        assert solution.steps <= 10
        assert errors((0.42, 0.05))(solution.noise)["cox"].square().mean().sqrt() <= 0.05


def test_noise_stays_a_draw_of_its_distribution():
    """Few rows are other ones, and their noise is standard normal, too: moments within 4 errors."""
    noise = torch.cat([redrawn(seed=seed).noise for seed in range(20)])
    n = len(noise)
    assert (noise.mean(0).abs() < 4 * n**-0.5 + 0.1).all()  # the target moves the second mean
    assert ((noise.var(0) - 1).abs() < 4 * (2 / n) ** 0.5 + 0.02).all()
    moved = (redrawn().noise != start()).any(1)
    assert 0 < moved.sum() < ROWS // 4
    with_own = torch.corrcoef(torch.stack([redrawn().noise[moved, 0], start()[moved, 0]]))[0, 1]
    assert with_own > 0.5


def test_no_more_rows_a_round_than_allowed_and_none_twice():
    solution = redrawn(redraws=1, redrawn_rows=3)
    assert solution.steps == 1
    assert (solution.noise != start()).any(1).sum() <= 3
    assert torch.equal(redrawn(redraws=0).noise, start())


def test_the_same_generator_gives_the_same_noise_and_another_one_another():
    assert torch.equal(redrawn().noise, redrawn().noise)
    other = redraw(errors((0.42, 0.05)), start(), settings(), np.random.default_rng(7))
    assert not torch.equal(other.noise, redrawn().noise)


def test_rows_are_taken_by_what_they_change():
    """By hand: two errors of 4 and -2; the row that brings them to (1, 0) and then (0, 0)."""
    slopes = torch.eye(2, dtype=torch.float64)[:, None, :].expand(2, 3, 2)
    relative = Relative(np.array([4.0, -2.0]), slopes, np.array([0]), np.array([0.1]))
    changes = torch.tensor([[[-3.0, 2.0], [1.0, 1.0], [0.0, -1.0]],
                            [[0.0, 0.0], [5.0, 5.0], [-1.0, 0.0]]]).double()  # fmt: skip
    assert relative.taken(changes, most=5) == {0: 0, 2: 1}
    assert relative.taken(changes, most=1) == {0: 0}


def test_a_size_does_not_fall_below_zero_and_a_hazard_ratio_has_two_sides():
    relative = Relative(np.zeros(3), torch.zeros(3, 1, 1), np.array([0, 2]), np.array([0.5, 0.5]))
    values = np.array([[-2.0, 0.0], [-2.0, 0.0], [-2.0, 2.0]])  # two of one condition, one size
    np.testing.assert_allclose(relative._beyond(values), [1.5, 1.5])


def test_what_cannot_be_met_ends_at_the_best_iterate():
    """Zeros and ones have no mean of 1.2."""
    solution = redrawn(target=(1.2, 0.0), patience=3)
    assert solution.steps <= settings().redraws
    assert loss_of(solution.errors, settings().scales) > 0
    now = {
        k: v.square().mean().sqrt().item() for k, v in errors((1.2, 0.0))(solution.noise).items()
    }
    assert now == pytest.approx(solution.errors)


def test_a_search_goes_from_steps_to_exchanged_rows_and_on_to_adam():
    """Steps by a gradient that is zero lead nowhere; exchanges do, and Adam has nothing to do."""
    plain = settings(least_norm_steps=5, patience=5, steps=0)
    reached = []

    def exchange(noise):
        reached.append(noise)
        return redraw(errors((0.42, 0.05)), noise, plain, np.random.default_rng(0))

    of_design = errors((0.42, 0.05)).of_design
    flat = DesignErrors(lambda noise: rounded(noise) + 0 * noise, of_design)
    solution = solve(flat, start(), plain, redraw=exchange)
    assert loss_of(solution.errors, plain.scales) == 0
    assert torch.equal(reached[0], start())
    assert solution.steps > 5
    without = solve(flat, start(), replace(plain, path="", redraws=0), redraw=exchange)
    assert loss_of(without.errors, plain.scales) > 0
    assert len(reached) == 1
