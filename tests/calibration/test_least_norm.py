"""The least move for which equations hold, against projections by hand and by numpy."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ck4gen.calibration.design_errors import DesignErrors, gradients
from ck4gen.calibration.least_norm import least_norm_step
from ck4gen.calibration.noise_search import _equations, solve
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.config import defaults

FAR = 1e9


def settings(**keys):
    """Of two conditions, named after what they are of."""
    node = defaults("method=ck4gen_calibrated")["method"]["calibration"]
    made = CalibrationSettings(**node | {"conditions": {"cox": 1.0, "moments": 1.0}})
    return replace(made, path="", **keys)


def of_noise(errors):
    """Errors of the noise itself."""
    return DesignErrors(lambda noise: noise, errors)


def whole_step(noise, rows, values):
    """Of linear equations, and of the whole length."""
    noise = noise.clone().requires_grad_(True)
    equations = [
        value + ((noise - noise.detach()) * row).sum()
        for row, value in zip(rows, values, strict=True)
    ]
    moved = least_norm_step(noise, noise, equations, 0, FAR)
    return 2 * (moved - noise.detach())  # the first step goes half of the way


def test_one_equation_moves_along_its_gradient_alone():
    noise, row = torch.zeros(3, 1), torch.tensor([[0.0], [3.0], [4.0]])
    move = whole_step(noise, [row], [torch.tensor(2.0)])  # gradient of norm 5
    assert torch.allclose(move, -row * 2 / 25, rtol=2e-3)  # the ridge takes a thousandth
    assert move[0] == 0


@given(seed=st.integers(0, 10_000), equations=st.integers(1, 4))
def test_the_move_is_the_least_for_which_all_hold(seed, equations):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(6, 2, generator=generator)
    rows = torch.randn(equations, 6, 2, generator=generator)
    values = torch.randn(equations, generator=generator)
    move = whole_step(noise, rows, values)
    flat = rows.reshape(equations, -1).double().numpy()
    least = -np.linalg.lstsq(flat, values.double().numpy(), rcond=None)[0]
    ridge = 1.5e-3 * np.linalg.cond(flat) ** 2  # what it may cost
    assert np.linalg.norm(move.flatten().numpy() - least) <= ridge * np.linalg.norm(least) + 1e-5


def test_an_equation_that_answers_to_nothing_moves_nothing():
    noise = torch.zeros(3, 1, requires_grad=True)
    deaf = torch.tensor(5.0, requires_grad=True) * 1
    assert torch.equal(least_norm_step(noise, noise, [deaf], 0, FAR), noise.detach())


@given(seed=st.integers(0, 10_000), equations=st.integers(1, 6))
def test_gradients_by_columns_are_those_of_each_equation(seed, equations):
    """A design of three columns: with more equations than that, the way back is gone by columns."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(5, 2, generator=generator, requires_grad=True)
    mixed = torch.randn(2, 2, generator=generator)
    held = torch.randn(5, 1, generator=generator)  # a column that no noise moves
    design = torch.cat([(noise @ mixed).sin() * noise[:, :1], held], 1)
    slopes = torch.randn(equations, 5, 3, generator=generator)
    values = [(design.square() * slope).sum() for slope in slopes]
    found = gradients(values, design, noise)
    for value, gradient in zip(values, found, strict=True):
        (direct,) = torch.autograd.grad(value, noise, retain_graph=True)
        torch.testing.assert_close(gradient, direct.double(), rtol=1e-4, atol=1e-5)


def test_hazard_ratios_come_back_each_by_itself_and_others_by_their_size():
    """What is near enough has no equation, and too many hazard ratios have one together."""
    noise = torch.zeros(3, 1, requires_grad=True)
    errors = {
        "cox": torch.tensor([0.4, -6.0, 3.0]) + noise.sum(),
        "moments": torch.tensor([3.0, 4.0]) + noise.sum(),
        "triples": torch.tensor([0.9]) + noise.sum(),
    }
    sizes = {name: error.square().mean().sqrt() for name, error in errors.items()}
    kept = settings(aim=0.95, equations=3)
    kept = replace(kept, path="", conditions={"cox": 0.5, "moments": 2.0, "triples": 1.0})
    found = [equation.item() for equation in _equations(errors, sizes, kept)]
    size = np.sqrt(12.5) / 2 - 0.95
    assert found == pytest.approx([0.8, -12.0, 6.0, size])
    many = replace(kept, path="", equations=2)
    found = [equation.item() for equation in _equations(errors, sizes, many)]
    assert found == pytest.approx([sizes["cox"].item() / 0.5 - 0.95, size])


def test_what_the_steps_bring_conditions_to_is_what_their_price_is_of():
    kept = settings(least_norm_steps=1, aim=0.9)
    assert kept.kept_to == {"cox": 0.9, "moments": 0.9}
    assert replace(kept, path="", least_norm_steps=0).kept_to == kept.scales


def test_no_entry_goes_further_than_it_may():
    noise = torch.zeros(3, 1, requires_grad=True)
    value = 100 - noise[0].sum() - 1e-3 * noise[1].sum()
    moved = least_norm_step(noise, noise, [value], 3, 0.2)
    assert moved[0].item() == pytest.approx(0.2)
    assert 0 < moved[1].item() < 0.2
    assert moved[2] == 0


def test_the_search_ends_where_all_holds_and_goes_less_far_than_adam():
    """Means of two columns of which one is left alone: Adam moves a row as far as any other."""
    start = torch.randn(50, 2, generator=torch.Generator().manual_seed(1))
    weight = torch.linspace(0, 1, 50)

    def errors(noise):
        return {"cox": ((noise[:, 0] * weight).mean() - 2).reshape(1) * 3, "moments": noise[:1, 1]}

    steep = settings(least_norm_steps=20, furthest=FAR, noise_weight=0.0)
    least = solve(of_noise(errors), start, steep)
    adam = solve(of_noise(errors), start, replace(steep, path="", least_norm_steps=0))
    for found in (least, adam):
        assert max(found.errors.values()) <= 1
    assert least.steps < adam.steps
    assert (least.noise - start).norm() < 0.95 * (adam.noise - start).norm()


def test_what_the_steps_leave_is_for_adam():
    """A condition that jumps, as a 0/1 column does, has no size to go to by its gradient."""
    start = torch.tensor([[-0.9], [0.0]])

    def errors(noise):
        hard = torch.where(noise[0] > 0, 0.5, 3.0)
        return {"cox": hard + 0.01 * (noise[0].detach() - noise[0])}

    steps = settings(least_norm_steps=2, furthest=0.2, noise_weight=0.0)
    found = solve(of_noise(errors), start, steps)
    assert found.steps > 2
    assert found.errors["cox"] <= 1


def test_where_the_steps_lead_nowhere_adam_has_the_whole_way_to_go():
    """A condition whose slope points the wrong way, since what it moves is no straight line."""
    start = torch.zeros(4, 1)

    def errors(noise):
        astray = 2 + noise.detach().abs().sum() + (noise - noise.detach()).sum()
        return {"cox": astray.reshape(1)}

    keys = {"least_norm_steps": 3, "steps": 1, "furthest": 0.2, "noise_weight": 0.0}
    seen = []

    def watched_errors(noise):
        seen.append(noise.detach().clone())
        return errors(noise)

    solve(of_noise(watched_errors), start, settings(**keys, learning_rate=0.01, rate_from_draw=0.3))
    assert torch.equal(seen[4], start)  # after the steps, from the draw on
    assert (seen[5] - start).abs().max().item() == pytest.approx(0.3, rel=1e-3)
