"""The Cox model of the rows without blanks as a condition."""

import warnings

import numpy as np
import pytest
import torch

from ck4gen.calibration.conditions import Conditions
from ck4gen.survival.cox import fit_cox
from conftest import keeping_blanks

NAME = "complete_cases"


@pytest.fixture
def data(blanks):
    return keeping_blanks(blanks)


def conditions_of(data, min_events=20):
    return Conditions.of(data.cohort, {1: 0.0}, ["cox", NAME], min_events, 10, 10, 60)


def errors(conditions, table):
    z = conditions.analysis.standardise(conditions.analysis.schema.design(table))
    outcome = table["duration"].to_numpy(float), table["event"].to_numpy()
    return conditions.residuals(*outcome)(torch.from_numpy(z.to_numpy()))[NAME].numpy()


def complete(data):
    marks = [column.name for column in data.schema if column.blank_of]
    return (data.train[marks] == 0).all(axis=1).to_numpy(), marks


def test_errors_are_what_a_refit_of_the_complete_rows_finds(data):
    conditions, (whole, marks) = conditions_of(data), complete(data)
    assert np.abs(errors(conditions, data.train)).max() < 2e-3
    other = data.train.copy()
    moved = np.flatnonzero(whole)[:10]
    other.loc[moved, "age"] = data.train.loc[moved[::-1], "age"].to_numpy()
    fits = []
    for table in (data.train, other):
        rows = table[whole]
        z = conditions.analysis.standardise(data.schema.design(rows)).drop(columns=marks)
        fits.append(fit_cox(z, rows["duration"], rows["event"]))
    found = (fits[1].coefficients - fits[0].coefficients) / fits[0].standard_errors
    assert found.abs().max() > 0.1
    gap = errors(conditions, other) - found.to_numpy()
    assert np.abs(gap).max() < 0.25 * found.abs().max()


def test_rows_with_blanks_and_the_number_of_others_are_of_no_matter(data):
    conditions, (whole, _) = conditions_of(data), complete(data)
    other = data.train.copy()
    shuffled = other.loc[~whole, "age"].sample(frac=1, random_state=0).to_numpy()
    other.loc[~whole, "age"] = shuffled
    np.testing.assert_allclose(errors(conditions, other), errors(conditions, data.train), atol=1e-9)
    shifted = data.train.assign(age=data.train["age"] + np.where(data.train["event"] == 1, 5, 0))
    fewer = shifted[whole | (np.arange(len(shifted)) % 2 == 0)]
    np.testing.assert_allclose(errors(conditions, fewer), errors(conditions, shifted), atol=1e-9)
    assert np.abs(errors(conditions, shifted)).max() > 0.3


def test_a_row_moves_out_of_the_complete_ones_with_a_gradient(data):
    conditions, (_, marks) = conditions_of(data), complete(data)
    z = conditions.analysis.standardise(data.schema.design(data.train))
    design = torch.from_numpy(z.to_numpy()).requires_grad_()
    outcome = data.train["duration"].to_numpy(float), data.train["event"].to_numpy()
    conditions.residuals(*outcome)(design)[NAME].sum().backward()
    places = [z.columns.get_loc(name) for name in marks]
    assert design.grad.isfinite().all()
    assert design.grad[:, places].abs().max() > 0


def test_only_the_complete_rows_pay(data):
    conditions, (whole, _) = conditions_of(data), complete(data)
    about = conditions.patients(data.cohort)
    assert (about[NAME] == whole).all()
    assert about["cox"].all()
    slopes = conditions.slopes(data.cohort)[NAME]
    assert np.abs(slopes[~whole]).max() < 1e-6
    assert np.abs(slopes[whole]).max() > 1e-3


def test_too_few_complete_rows_are_a_sentence_and_no_blanks_none(data, cohort):
    with pytest.warns(UserWarning, match=r"without blanks are not calibrated: \d+ complete rows"):
        assert NAME not in conditions_of(data, min_events=10_000).kept
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert NAME not in conditions_of(keeping_blanks(cohort)).kept
