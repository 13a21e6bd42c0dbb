"""Published numbers come back in the table that is made from them, and nothing else is needed."""

import numpy as np
import pandas as pd
import pytest
import yaml

from ck4gen.api import load
from ck4gen.config import defaults
from ck4gen.described.published.follow_up import follow_up
from ck4gen.described.published.marginals import published_marginal
from ck4gen.described.published.reader import published_numbers
from ck4gen.settings import InputError

PAPER = {
    "patients": 240,
    "events": 110,
    "horizon": 60,
    "decimals": 1,
    "duration_unit": "months",
    "event_meaning": "death",
    "columns": {
        "age": {"mean": 61.5, "sd": 9.0, "low": 18, "high": 95, "decimals": 0, "unit": "years"},
        "marker": {
            "median": 40, "quartiles": [18, 90], "low": 1, "high": 2000, "decimals": 0,
            "scale": "log",
        },
        "treated": {"counts": {1: 90, 0: 150}},
        "stage": {"shares": {"I": 0.25, "II": 0.45, "III": 0.3}, "ordered": True},
    },
    "correlations": [["age", "stage", 0.4]],
    "hazard_ratios": {
        "stage[III]": 2.4,
        "stage[II]": 1.3,
        "treated": {"hr": 0.6, "interval": [0.4, 0.9]},
        "age": 1.03,
        "marker": 1.001,
    },
    "survival": {12: 0.82, 24: 0.66, 36: 0.55, 48: 0.47},
}  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("published") / "paper.yaml"
    path.write_text(yaml.safe_dump(PAPER, sort_keys=False))
    return path


def made(file, **keys):
    calibration = defaults("data=published")["data"]["calibration"] | {"steps": 60}  # for speed
    return load("published", path=str(file), pool=2000, calibration=calibration, **keys)


@pytest.fixture(scope="module")
def cohort(file):
    return made(file)


def test_published_numbers_come_back_in_the_table(cohort):
    found = cohort.comparison().set_index("what")
    assert len(cohort.train) == 240
    assert found.loc["hazard ratio", "error"].abs().max() < 0.1
    assert found.loc["survival", "error"].abs().max() < 0.5
    assert abs(cohort.train["event"].sum() - 110) <= 3
    assert found.loc["share", "error"].abs().max() < 0.4
    assert abs(found.loc["mean", "error"]) < 0.4
    assert found.loc["sd", "table"] == pytest.approx(9.0, rel=0.03)
    below = [(cohort.train["marker"] <= point).mean() for point in (18, 40, 90)]
    assert below == pytest.approx([0.25, 0.5, 0.75], abs=0.03)
    codes = cohort.train["stage"].map({"I": 0, "II": 1, "III": 2})
    assert cohort.train["age"].corr(codes, "spearman") == pytest.approx(0.4, abs=0.1)


def test_the_schema_is_that_of_the_file(cohort):
    assert cohort.schema.names == ["age", "marker", "treated", "stage"]
    assert cohort.schema["treated"].kind == "binary"  # 0 is the reference, although 1 came first
    assert cohort.schema["stage"].ordered
    assert cohort.schema["age"].integer
    assert cohort.schema["age"].unit == "years"
    assert cohort.schema.event_meaning == "death"
    assert cohort.train["duration"].max() <= 60


@pytest.mark.slow
def test_a_table_depends_on_its_file_and_seed_alone(file, cohort):
    again, other = (made(file, draw_seed=seed) for seed in (0, 1))
    pd.testing.assert_frame_equal(again.train, cohort.train, check_exact=True)
    assert not other.train.equals(cohort.train)


@pytest.mark.parametrize("node", ["calibration", "reselection"])
def test_a_wrong_value_is_named_by_the_key_that_was_given(node, file):
    keys = defaults("data=published")["data"][node]
    wrong = {"calibration": "ridge", "reselection": "pool"}[node]
    with pytest.raises(InputError, match=rf"^data\.{node}\.{wrong} is -1"):
        load("published", path=str(file), **{node: keys | {wrong: -1}})


def test_all_faults_are_named_at_once():
    columns = PAPER["columns"] | {
        "treated": {"counts": {0: 150, 1: 80}},
        "stage": {"shares": {"I": 0.25, "II": 0.45, "III": 0.2}},
        "age": {"mean": 120, "sd": 9, "low": 18, "high": 95},
        "marker": {"mean": 5, "sd": 90, "low": 0, "high": 10},
    }
    wrong = PAPER | {
        "events": 300,
        "at_risk": {12: 230, 24: 235},
        "columns": columns,
        "survival": {12: 0.8, 24: 0.9, 70: 0.4, 48: 1.2},
        "hazard_ratios": {"age": -1, "sex": 2, "treated": {"hr": 0.6, "interval": [0.7, 0.9]}},
        "correlations": [["age", "weight", 0.4]],
        "hazard": 1,
    }
    with pytest.raises(InputError) as error:
        published_numbers(wrong, "paper.yaml")
    for sentence in (
        "hazard is no key",
        "more events (300) than patients (240)",
        "columns.treated.counts add up to 230 and not to 240",
        "columns.stage.shares add up to 0.9 and not to 1",
        "mean 120 is not between low 18 and high 95",
        "sd 90 is impossible: between low and high it is below 5",
        "survival rises from 0.8 at 12 to 0.9 at 24",
        "survival.70 is not between 0 and the horizon",
        "survival.48 is 1.2, and must be above 0",
        "at_risk.12 is 230, more than are free of the event then",
        "at_risk rises between 12 and 24",
        "hazard_ratios.age is -1",
        "hazard_ratios.sex is no term",
        "0.6 is not within its interval 0.7 to 0.9",
        "correlations has 'weight', which is no column",
    ):
        assert sentence in str(error.value), sentence


def test_terms_and_the_curve_are_checked_against_the_rest_of_the_file():
    ratios = {"age": 1.03, "marker": 1.001, "sex": 2, "stage[II]": 1.3, "stage[III]": 2.4}
    wrong = PAPER | {"hazard_ratios": ratios, "events": 200}
    wrong |= {
        "correlations": [["age", "marker", 0.9], ["age", "stage", 0.9], ["stage", "marker", -0.9]]
    }
    with pytest.raises(InputError) as error:
        published_numbers(wrong, "paper.yaml")
    assert "hazard_ratios.sex is no term" in str(error.value)
    assert "lacks treated; give 1 where none is published" in str(error.value)
    assert "the survival curve allows 60%" in str(error.value)
    assert "correlations contradict each other" in str(error.value)


@pytest.mark.parametrize("high", [100, 1e6])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_marginal_has_the_mean_and_sd_wherever_the_ends(scale, high):
    column = {"mean": 30, "sd": 22, "low": 2, "high": high, "decimals": 1, "scale": scale}
    numbers = published_numbers(
        PAPER | {"columns": {"x": column}, "hazard_ratios": {"x": 1}, "correlations": []}, "file"
    )
    marginal = published_marginal(numbers.columns[0], cells=400)
    values = marginal.values((np.arange(100_000) + 0.5) / 100_000)
    assert values.mean() == pytest.approx(30, abs=0.05)
    assert values.std() == pytest.approx(22, abs=0.05)
    assert values.min() >= 2
    assert values.max() <= high


def test_follow_up_has_the_events_and_the_curve():
    survival = {10.0: 0.8, 40.0: 0.5}
    found = follow_up(survival, 60, events=0.3, stretches=30)
    assert found.events.sum() == pytest.approx(0.3, abs=1e-3)
    at_risk = 1 - np.r_[0, (found.events + found.censored).cumsum()]
    hazard = found.events / ((at_risk[1:] + at_risk[:-1]) / 2)  # of a stretch, nearly
    until = np.searchsorted(found.cuts, 40.0)
    assert np.exp(-hazard[:until].sum()) == pytest.approx(0.5, abs=0.005)


def test_follow_up_keeps_the_numbers_at_risk_where_they_are_known():
    survival, at_risk = {10.0: 0.8, 40.0: 0.5}, {10.0: 0.7, 30.0: 0.3}
    found = follow_up(survival, 60, events=0.36, stretches=30, at_risk=at_risk)
    left = 1 - np.r_[0, (found.events + found.censored).cumsum()]
    assert np.interp([10, 30], found.cuts, left) == pytest.approx([0.7, 0.3], abs=1e-3)
    assert found.events.sum() == pytest.approx(0.36, abs=1e-3)
