"""Risks as regulators name them: a copy shows in each, new patients in none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.schema import DURATION, EVENT, Column, Schema
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.criteria import criteria
from ck4gen.evaluation.privacy.population_membership import scores
from ck4gen.evaluation.privacy.singling_out import chances, effective_guesses, risk, singling_out

GAINS = (
    "singling_out",
    "linkability",
    "repu_gain",
    "disco_gain",
    "membership_f1_gain",
)
SCHEMA = Schema((Column("sex", "binary"), Column("stage", "categorical", levels=("I", "II"))))


@pytest.fixture
def found(simulated, world, quick):
    def of(kind, population=6000):
        make, schema = simulated
        privacy = replace(quick.privacy, population=population, guesses=200, key_bands=30)
        settings = replace(quick, privacy=privacy)
        real, synthetic, holdout, _ = world(kind, make(900, 1), schema, 1)
        return criteria(AuditedTables(real, synthetic, holdout, None, schema, settings))

    return of


def test_a_copy_shows_in_each_and_new_patients_in_none(found):
    copied, fresh = found("bootstrap"), found("fresh")
    for name in GAINS:
        assert copied[f"privacy/{name}"].low > 0, name
        assert fresh[f"privacy/{name}"].low <= 0 <= fresh[f"privacy/{name}"].high, name
    shares = [t["privacy/singling_out_attack"].value for t in (copied, fresh)]
    assert shares[0] > 2 * shares[1]


def by_hand(real, synthetic, quick, **keys):
    outcome = {DURATION: 1.0, EVENT: 1}
    tables = [pd.DataFrame(t).assign(**outcome) for t in (real, synthetic)]
    settings = replace(quick, privacy=replace(quick.privacy, **keys))
    return criteria(AuditedTables(*tables, None, None, SCHEMA, settings))


def test_unique_and_disclosed_patients_are_counted_by_hand(quick):
    real = {"sex": [0, 0, 1, 1], "stage": ["I", "II", "I", "I"]}
    synthetic = {"sex": [0, 1, 1, 1], "stage": ["II", "I", "I", "I"]}
    metrics = by_hand(real, synthetic, quick)
    assert metrics["privacy/repu"].value == 1 / 4  # of the two who are unique the one with II
    # men tell II, right of one of two; women I, right of both; stage I tells a woman, of 2 of 3
    disco = metrics["privacy/disco"]
    assert (disco.value, disco.reason) == (3 / 4, "of sex")
    assert metrics["privacy/singling_out"].reason == "no patients were held out"
    known = by_hand(real, synthetic, quick, keys=("sex",))
    assert (known["privacy/repu"].value, known["privacy/disco"].reason) == (0, "of stage")
    wrong = by_hand(real, synthetic, quick, keys=("weight",))
    assert "keys names weight: no such covariate" in wrong["privacy/repu"].reason


def test_f1_of_guessing_and_of_certainty():
    hits, false = np.array([1.0, 1.0, 0.5]), np.array([1.0, 0.0, 0.0])
    precision, f1 = scores(hits, false, 0.1)
    assert precision == pytest.approx([0.1, 1, 1])
    assert f1 == pytest.approx([2 * 0.1 / 1.1, 1, 2 / 3])


@pytest.mark.slow
def test_what_half_the_patients_would_make_of_a_small_share(found):
    """At one patient in twenty the same attack is right far less often than at one in two."""
    small, even = (found("bootstrap", population=n) for n in (20 * 630, 2 * 630))
    name = "privacy/membership_precision"
    assert small[name].value < even[name].value
    assert small["privacy/membership_f1_guess"].value == pytest.approx(2 * 0.05 / 1.05)
    tiny = found("bootstrap", population=100)["privacy/membership_f1"]
    assert "the population, 100, is no larger than the 630 patients used" in tiny.reason


def test_the_risk_of_giomi_takes_out_what_holds_of_others():
    value, attack, control = risk(0.6, 0.2, (1000, 1000), 0.95)
    assert (value.value, attack.value, control.value) == pytest.approx((0.5, 0.6, 0.2))
    assert 0.44 < value.low < 0.5 < value.high < 0.56
    assert risk(1.0, 1.0, (50, 50), 0.95)[0].value is None


def test_guesses_that_hit_the_same_patient_are_not_independent(quick):
    """Of new patients the interval leaves zero out too often if they were taken to be."""
    generator, schema = np.random.default_rng(0), Schema(tuple(Column(x, "numeric") for x in "abc"))
    settings = replace(quick, privacy=replace(quick.privacy, guesses=100, guess_columns=2))

    def draw():
        rows = generator.normal(size=(60, 4)).round(1)
        return pd.DataFrame(rows, columns=[*"abc", DURATION]).assign(**{EVENT: 1})

    covered = {"effective": 0, "independent": 0}
    for _ in range(20):
        tables = AuditedTables(draw(), draw(), draw(), None, schema, settings)
        found, attack, control = singling_out(tables).values()
        naive = risk(attack.value, control.value, (100, 100), settings.confidence)[0]
        covered["effective"] += found.low <= 0 <= found.high
        covered["independent"] += naive.low <= 0 <= naive.high
    assert covered["effective"] >= 18  # of 20 at 0.95
    assert covered["independent"] < 17


def test_a_hundred_guesses_at_one_patient_are_worth_few():
    one = np.zeros((100, 50), bool)
    one[:40, 7] = True  # forty guesses single out the same patient
    each = np.zeros((100, 50), bool)
    each[np.arange(40), np.arange(40)] = True
    assert chances(one, 50).sum() == chances(each, 50).sum() == 40
    assert effective_guesses(one, 50) < 2 < 20 < effective_guesses(each, 50)
