"""Some rows of a long table move for all of them; the others stay as they were drawn."""

from dataclasses import replace

import pytest
import torch

from ck4gen.calibration.moved_rows import MovedRows, spread_rows, table_entries
from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.methods.ck4gen import CK4Gen
from ck4gen.survival.cox import fit_cox

ROWS, MOVING = 1500, 500


@pytest.fixture(scope="module")
def method():
    keys: dict = {"encoder": {"steps": 200}, "decoder": {"steps": 200}}
    keys |= {"residuals": {"steps": 100}}
    return CK4Gen("ck4gen_free", **keys).fit(WHAS500DataModule(), secret=bytes(32))


def test_a_long_table_holds_by_the_rows_that_move(method):
    calibration = method.sampler.calibration
    settings = replace(calibration.settings, moved_rows=MOVING, moved_share=0.0, path="")
    moved = method.calibrated(replace(calibration, settings=settings))
    table, drawn = moved.sample(ROWS, seed=1), method.uncalibrated().sample(ROWS, seed=1)
    changed = (table != drawn).any(axis=1).to_numpy()
    stays = torch.ones(ROWS, dtype=torch.bool)
    stays[spread_rows(ROWS, MOVING)] = False
    assert not changed[stays.numpy()].any()
    assert changed[~stays.numpy()].mean() > 0.5
    analysis = calibration.conditions.analysis  # that of the guarded cohort
    fit = fit_cox(
        analysis.standardise(analysis.schema.design(table)), table[DURATION], table[EVENT]
    )
    errors = (fit.coefficients - analysis.coefficients) / analysis.errors
    assert errors.abs().max() < settings.max_error  # of all rows
    assert moved.diagnostics["calibration/met"] == 1


def test_errors_of_all_rows_follow_those_of_the_rows_that_move():
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(1000, 2, generator=generator)
    rows = spread_rows(1000, 100)

    def means(noise):
        return {"mean": noise.mean(0)}

    moving = MovedRows(rows, noise, means, means)
    further = moving.start + torch.randn(100, 2, generator=generator)
    expected = means(moving.moved(further))["mean"]  # means are linear: the first order is exact
    assert torch.allclose(moving.errors()(further)["mean"], expected, atol=1e-6)
    everyone = MovedRows(spread_rows(1000, 1000), noise, means, means)
    assert torch.equal(everyone.errors()(noise)["mean"], noise.mean(0))


def test_renewed_errors_are_exact_around_the_noise_that_they_are_taken_at():
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(1000, 2, generator=generator)

    def powers(noise):
        return {"power": noise.mean(0).exp()}

    moving = MovedRows(spread_rows(1000, 100), noise, powers, powers)
    further = moving.start + 3  # the mean of all rows by 0.3, that of the moved ones by 3
    truth = powers(moving.moved(further))["power"]
    assert (moving.errors()(further)["power"] > 2 * truth).all()
    assert torch.allclose(moving.renewed_errors()(further)(further)["power"], truth)
    assert replace(moving, rows=spread_rows(1000, 1000)).renewed_errors() is None


def test_records_of_many_rows_are_those_of_all_at_once(monkeypatch):
    noise = torch.randn(250, 3, generator=torch.Generator().manual_seed(1))
    offset = torch.arange(250.0)[:, None]
    whole = table_entries(lambda noise, rows: noise + offset[rows], noise)
    monkeypatch.setattr("ck4gen.calibration.moved_rows.AT_ONCE", 100)
    assert (table_entries(lambda noise, rows: noise + offset[rows], noise) == whole).all()
