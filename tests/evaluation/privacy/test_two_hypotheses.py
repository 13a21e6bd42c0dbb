"""Attackers who know all patients but some: by one table, and by the difference of two."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.evaluation.privacy import differencing
from ck4gen.evaluation.privacy.nearer_hypothesis import NearerHypothesis, mean_statistics

SCHEMA = Schema((Column("age", "numeric"),))


def four(ages=(50.0, 60.0, 70.0, 80.0)):
    table = pd.DataFrame({"age": ages, "duration": [1.0, 2.0, 3.0, 4.0], "event": [1, 0, 1, 1]})
    return WeightedCohort.of(table, SCHEMA)


def test_two_exact_means_give_those_removed():
    """4 * 65 - 2 * 60 = 140: the two who are gone have the mean 70."""
    first, second = pd.Series({"age": 65.0}), pd.Series({"age": 60.0})
    assert differencing.recovered(first, second, four(), [1, 3]) == {"age": 0.0}


def test_an_error_of_a_mean_grows_by_patients_over_removed():
    """0.5 years too much in the first release are 4 / 2 * 0.5 = 1 year, of an SD of 12.91."""
    first, second = pd.Series({"age": 65.5}), pd.Series({"age": 60.0})
    error = differencing.recovered(first, second, four(), [1, 3])["age"]
    assert error == pytest.approx(1 / np.std([50, 60, 70, 80], ddof=1))


def test_who_guesses_is_off_by_what_those_removed_differ():
    error = differencing.guessed(four(), [1, 3])["age"]
    assert error == pytest.approx((65 - 70) / np.std([50, 60, 70, 80], ddof=1))


def test_errors_are_squared_over_pairs_and_terms():
    pairs = [{"table": {"a": 3.0, "b": 0.0}}, {"table": {"a": -1.0, "b": 2.0}}]
    found = differencing.root_mean_squares(pairs)
    expected = {"table": np.sqrt(14 / 4), "table/a": np.sqrt(5), "table/b": np.sqrt(2)}
    assert found == pytest.approx(expected)


def test_others_are_as_many_and_none_of_those_removed():
    drawn = [differencing.others(20, [0, 7, 9], seed) for seed in range(50)]
    assert all(len(set(rows)) == 3 and not {0, 7, 9} & set(rows) for rows in drawn)
    assert set().union(*drawn) == set(range(20)) - {0, 7, 9}


def test_the_right_hypothesis_has_the_sign_of_its_own_statistics(whas500):
    """Half way is 0, so with and without are as far from it; 0 where there is nothing to read."""
    (patients, schema), rows = whas500, [3, 40, 41, 200]
    without = patients.drop(index=rows)
    known = NearerHypothesis.of(patients, rows, schema)
    for kind, one in known.items():
        read = [mean_statistics([table], patients, schema)[kind] for table in (patients, without)]
        present, absent = map(one.score, read)
        assert present > 0
        assert absent == pytest.approx(-present)
        assert one.score_of_difference(*read) == pytest.approx(present)
        assert one.score(None) == 0


def test_the_removed_are_told_from_others_by_exact_tables(whas500):
    (patients, schema), removed = whas500, [3, 40, 41, 200]
    without = patients.drop(index=removed)
    of_others = [differencing.others(len(patients), removed, seed) for seed in range(8)]
    first, second = (mean_statistics([table], patients, schema) for table in (patients, without))
    told = NearerHypothesis.of(patients, removed, schema)
    for rows in of_others:
        other = NearerHypothesis.of(patients, rows, schema)
        for kind, one in told.items():
            scores = [h.score_of_difference(first[kind], second[kind]) for h in (one, other[kind])]
            assert scores[0] > scores[1]


def test_the_mean_over_tables_loses_the_noise_of_a_draw(whas500):
    """Bootstrap tables: the mean of 25 is a fifth as far from the cohort as one, about."""
    patients, schema = whas500
    tables = [patients.sample(frac=1, replace=True, random_state=seed) for seed in range(25)]
    one, many, truth = (
        mean_statistics(some, patients, schema)["columns"]
        for some in (tables[:1], tables, [patients])
    )
    assert np.linalg.norm(many - truth) < 0.45 * np.linalg.norm(one - truth)
