"""Some rows of a long table move for all of them; the others stay as they were drawn."""

from dataclasses import replace

import pytest
import torch

from ck4gen.calibration.design_errors import DesignErrors
from ck4gen.calibration.moved_rows import MovedRows, spread_rows, staying_rows, table_entries
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.survival.cox import fit_cox

ROWS, MOVING = 1500, 500


@pytest.mark.slow
def test_a_long_table_holds_by_the_rows_that_move(free_whas500):
    calibration = free_whas500.sampler.calibration
    settings = replace(calibration.settings, moved_rows=MOVING, moved_share=0.0, spare=0.0, path="")
    moved = free_whas500.calibrated(replace(calibration, settings=settings))
    table, drawn = moved.sample(ROWS, seed=1), free_whas500.uncalibrated().sample(ROWS, seed=1)
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


def looked_at(noise, rows, statistic):
    """The statistic of the rows that move beside those that stay."""
    stay = staying_rows(len(noise), rows)
    weight = torch.ones(len(rows) + len(stay))
    weight[len(rows) :] = (len(noise) - len(rows)) / len(stay)

    def part(moved):
        together = torch.cat([moved, noise[stay]])
        return {"statistic": statistic((weight[:, None] * together).sum(0) / weight.sum())}

    def whole(everyone):
        return {"statistic": statistic(everyone.mean(0))}

    moves = (DesignErrors(lambda noise: noise, errors) for errors in (part, whole))
    return MovedRows(rows, noise, *moves)


@pytest.mark.parametrize(
    ("statistic", "close"), [(torch.clone, 1e-6), (torch.exp, 0.1)], ids=["mean", "power"]
)
def test_errors_of_all_rows_follow_those_of_the_rows_that_move(statistic, close):
    """Also of a statistic that is no mean, and where rows go far: the mean by 0.3, theirs by 3."""
    noise = torch.randn(1000, 2, generator=torch.Generator().manual_seed(0))
    moving = looked_at(noise, spread_rows(1000, 100), statistic)
    further = moving.start + 3
    truth = statistic(moving.moved(further).mean(0))
    assert torch.allclose(moving.errors()(further)["statistic"], truth, atol=close)
    assert not torch.allclose(moving.errors()(moving.start)["statistic"], truth, rtol=0.1)
    renewed = moving.renewed_errors()(further)(further)["statistic"]
    assert torch.allclose(renewed, truth, atol=1e-6)


def test_rows_that_stay_are_others_and_all_of_them_where_they_are_few():
    rows = spread_rows(1000, 100)
    stay = staying_rows(1000, rows)
    assert len(stay) == 100
    assert not {*rows.tolist()} & {*stay.tolist()}
    assert {
        *spread_rows(150, 100).tolist(),
        *staying_rows(150, spread_rows(150, 100)).tolist(),
    } == {*range(150)}
    assert len(staying_rows(50, spread_rows(50, 50))) == 0


def test_records_of_many_rows_are_those_of_all_at_once(monkeypatch):
    noise = torch.randn(250, 3, generator=torch.Generator().manual_seed(1))
    offset = torch.arange(250.0)[:, None]
    whole = table_entries(lambda noise, rows: noise + offset[rows], noise)
    monkeypatch.setattr("ck4gen.calibration.moved_rows.AT_ONCE", 100)
    assert (table_entries(lambda noise, rows: noise + offset[rows], noise) == whole).all()
