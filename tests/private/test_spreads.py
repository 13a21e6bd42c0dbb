"""The second look at numerics: within its bound, and worth what it costs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ck4gen.config import defaults
from ck4gen.data.public_column import PublicColumn
from ck4gen.data.public_table import PublicTable
from ck4gen.described.marginal import Marginal
from ck4gen.private.columns import private_marginals
from ck4gen.private.mechanism import Mechanism
from ck4gen.private.settings import PrivateSettings
from ck4gen.private.spreads import Circle, Errors, nearest
from ck4gen.settings import InputError, build

NUMBERS = arrays(
    float, 6, elements=st.floats(-1e99, 1e99) | st.sampled_from([np.nan, np.inf, -np.inf])
)
WIDE = PublicColumn("marker", low=0, high=100, decimals=1)
SEX, GRADE = PublicColumn("sex", ("0", "1")), PublicColumn("grade", low=0, high=3)
HISTOGRAM, POINTS = "histograms of the columns", "means and spreads of numerics"


@pytest.fixture(scope="module")
def settings():
    keys = defaults("method=ck4gen_private")["method"]["release"]
    keys = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
    return build(PrivateSettings, "release", keys)


class Watched(Mechanism):
    """Keeps what it is given."""

    def sum(self, name, rows, bound, share):
        self.seen = [*getattr(self, "seen", []), (name, rows, bound)]
        return super().sum(name, rows, bound, share)


def skewed(n, seed, unknown=0.0):
    generator = np.random.default_rng(seed)
    marker = np.where(generator.random(n) < unknown, np.nan, generator.gamma(4, 1.5, n).round(1))
    return pd.DataFrame(
        {
            "marker": marker,
            "sex": generator.integers(0, 2, n).astype(float),
            "grade": generator.integers(0, 4, n).astype(float),
        }
    )


def of(rows, settings, epsilon=3.0, columns=(WIDE, SEX, GRADE)):
    """Marginals and what the mechanism was given."""
    mechanism = Watched(epsilon, 1e-5)
    public = PublicTable(tuple(columns), 1000.0)
    return private_marginals(rows, public, settings, mechanism)[0], mechanism


@given(NUMBERS, st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.floats(0.01, 10))
def test_a_patient_is_a_point_of_norm_one_or_nothing(values, middle, spread, angle):
    norm = np.linalg.norm(Circle(middle, spread, angle).points(values), axis=-1)
    assert np.allclose(norm, ~np.isnan(values), atol=1e-12)


def test_no_patient_is_cut_and_none_moves_the_sum_by_more_than_the_bound(settings):
    rows = skewed(60, 0, 0.2)
    rows.loc[:2, "marker"] = [0, 100, np.nan]
    two = (WIDE, replace(WIDE, name="other", scale="log", missing=True), SEX, GRADE)
    _, mechanism = of(rows.assign(other=rows["marker"][::-1].to_numpy()), settings, columns=two)
    name, points, bound = mechanism.seen[-1]
    assert name == POINTS
    assert points.shape == (60, 4)
    moved = [np.linalg.norm(points.sum(0) - np.delete(points, i, 0).sum(0)) for i in range(60)]
    assert max(moved) == pytest.approx(bound)
    known = rows["marker"].notna().to_numpy().astype(int)
    assert np.allclose(moved, np.sqrt(known + known[::-1]))


def test_the_angle_turns_with_the_values_and_points_are_shorter_where_they_spread():
    generator = np.random.default_rng(0)
    normal = generator.normal(size=100_000)
    circle = Circle(0.0, 1.0, 0.7)
    sine, cosine = circle.points(normal + 0.3).mean(0)
    # characteristic function of a normal at 0.7, whose bends at 4.5 SDs hardly matter
    assert np.arctan2(sine, cosine) == pytest.approx(0.7 * 0.3, abs=0.01)
    assert np.hypot(sine, cosine) == pytest.approx(np.exp(-(0.7**2) / 2), abs=0.01)
    assert circle.points(normal * 1.5).mean(0)[1] < circle.points(normal).mean(0)[1] - 0.1


def test_a_skewed_column_of_a_wide_range_has_about_its_spread(settings, monkeypatch):
    noise = np.random.default_rng(0)
    monkeypatch.setattr(
        "ck4gen.private.mechanism.drawn",
        lambda numbers, scale: noise.normal(0, scale, numbers).round().astype(np.int64),
    )
    both = settings.columns + settings.spreads
    once, column = replace(settings, columns=both, spreads=0.0), replace(WIDE, missing=True)
    errors = {once: [], settings: []}
    for seed in range(20):
        rows = skewed(1000, seed, unknown=0.3)
        for keys, found in errors.items():
            marginals, _ = of(rows, keys, columns=(column, SEX, GRADE))
            drawn = marginals[0].values(np.linspace(0.0005, 0.9995, 1000))
            found.append(drawn.std() / rows["marker"].std() - 1)
    without, looked = (np.sqrt(np.mean(np.square(found))) for found in errors.values())
    assert without > 0.2
    assert looked < 0.13


def test_the_first_histogram_is_the_marginal_where_points_are_noise_alone():
    first = Marginal(WIDE, np.r_[0.5, 0.3, 0.2, 0.0], np.linspace(0, 100, 5))
    circle = Circle.around(first, 0.7)
    found = nearest(first, circle, 200.0, np.array([190.0, 0.0]), Errors(8.0, 8.0, 1e9, 0.3, 3.0))
    assert np.allclose(found.shares, first.shares)


def test_the_marginal_is_the_least_squares_one_and_never_negative():
    first = Marginal(WIDE, np.r_[0.1, 0.4, 0.3, 0.2, 0.0], np.linspace(0, 100, 6), unknown=0.5)
    circle = Circle.around(first, 0.7)
    means = circle.of_cells(first)
    target, counts = means[:4].T @ np.r_[12, 38, 33, 17.0], np.r_[10, 40, 30, 20.0]
    found = nearest(first, circle, 200.0, target, Errors(8.0, 3.0, 5.0, 0.3, 0.5))
    noise = np.r_[5.0, 8, 8, 8]  # no more than half of the patients of a cell
    weight = 1 / np.r_[np.sqrt(noise**2 + (0.3 * counts) ** 2), 3, 5, 5]
    equations = np.vstack([np.eye(4), np.ones(4), means[:4].T])
    values = np.r_[counts, 100, target]
    best = np.linalg.lstsq(equations * weight[:, None], values * weight, rcond=None)[0]
    assert best.min() > 0
    assert np.allclose(found.shares, np.r_[best, 0] / best.sum())
    assert found.unknown == 0.5
    # all are in the first cell: others are empty; the one beyond stays so, whatever points say
    found = nearest(first, circle, 200.0, means[0] * 100, Errors(8.0, 8.0, 1e-3, 0.0, 3.0))
    assert found.shares.min() >= 0
    assert found.shares[0] > 0.9
    found = nearest(first, circle, 200.0, means[4] * 100, Errors(8.0, 8.0, 1e-6, 0.0, 3.0))
    assert found.shares[4] == 0


def test_points_of_a_cell_are_those_of_values_that_a_table_can_have():
    column = PublicColumn("dose", low=0, high=40)
    marginal = Marginal(column, np.full(4, 0.25), np.array([0.5, 1.5, 2.5, 3.5, 4.5]))
    circle = Circle(2.0, 1.0, 0.7)
    assert np.allclose(circle.of_cells(marginal), circle.points(np.arange(1, 5.0)))


def test_histograms_have_the_whole_share_where_nothing_is_looked_at_twice(settings):
    rows = skewed(300, 1)
    marginals, mechanism = of(rows, settings, columns=(SEX, GRADE))
    assert [line.name for line in mechanism.ledger] == ["number of patients", HISTOGRAM]
    spent = settings.patients + settings.columns + settings.spreads
    assert mechanism.spent**2 == pytest.approx(mechanism.mu**2 * spent)
    assert [len(marginal.shares) for marginal in marginals] == [2, 4]
    _, looked = of(rows, settings)
    assert [line.name for line in looked.ledger][1:] == [HISTOGRAM, POINTS]
    assert looked.spent == pytest.approx(mechanism.spent)
    assert looked.ledger[1].noise > mechanism.ledger[1].noise


def test_the_error_of_the_number_of_patients_is_that_of_its_estimate(settings, monkeypatch):
    rows, seen = skewed(100, 0), []

    def watched(first, circle, patients, point, errors):
        seen.append((patients, errors.patients))
        return first

    monkeypatch.setattr("ck4gen.private.spreads.nearest", watched)
    for _ in range(300):
        of(rows, settings, columns=(WIDE, SEX))
    patients, error = np.array(seen).T
    # SD of 300 draws, four of its standard errors; cells differ a little from draw to draw
    assert patients.std() == pytest.approx(error.mean(), rel=0.17)


def test_an_angle_of_nothing_is_refused(settings):
    with pytest.raises(InputError, match="angle"):
        replace(settings, angle=0.0)
