"""The event column of a user's table: its words, its doubtful values, and its copies."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.reading import Source
from ck4gen.data.understanding import Question, Understanding, screen, understand
from ck4gen.settings import InputError

ROWS = 200
RNG = np.random.default_rng(0)
SECT = "abroad, joined a sect in Peru"
DEAD_OR_NOT = {"event_of_interest": "dead", "competing": "censor"}


def understood(frame, event="died", settings=None, **question):
    question = Question("days", event, **question)
    return understand(Source(frame), question, Understanding.of(20, settings))


def shuffled(counts):
    """Each value so many times, in any order."""
    values = [value for value, count in counts.items() for _ in range(count)]
    return np.random.default_rng(0).permutation(np.array(values, dtype=object))


LABELS = {
    "a word for it": ({"dead": 100, "alive": 99, SECT: 1}, DEAD_OR_NOT, "alive"),
    "the most frequent": ({"dead": 100, "abroad": 60, "moved": 39, SECT: 1}, DEAD_OR_NOT, "abroad"),
    "none is said by many": ({"dead": 199, SECT: 1}, {}, "censored"),
    "a word of few": ({"dead": 195, "alive": 5}, {}, "alive"),
    "a number of few": ({1: 5, 2: 195}, {}, "1"),
    "beside causes": ({"dead": 80, "ltx": 60, "alive": 59, "lost in Peru": 1}, {}, "alive"),
    "as asked": ({"dead": 100, "alive": 60, "abroad": 40}, DEAD_OR_NOT | {"censored": "abroad"},
                 "abroad"),
}  # fmt: skip


@pytest.mark.parametrize("case", LABELS)
def test_a_censored_row_never_tells_of_a_single_patient(case, cohort):
    counts, question, label = LABELS[case]
    result = understood(cohort.assign(died=shuffled(counts)), **question)
    assert result.plan.event.coding[0] == label
    shown = result.plan.presentation.table(result.table)
    assert "Peru" not in shown.to_csv()
    if len(counts) - len(result.plan.event.coding) > 0:
        assert f"every censored row of the synthetic table says '{label}'" in screen(result.plan)


def test_spellings_of_the_event_are_one(cohort):
    values = shuffled({"Dead": 71, "dead": 15, "DEAD ": 5, "alive": 109})
    dead = pd.Series(values).str.strip().str.casefold() == "dead"
    for question in ({}, {"event_of_interest": "dead"}, {"censored": "Alive"}):
        result = understood(cohort.assign(died=values), **question)
        assert result.plan.event.coding == {0: "alive", 1: "Dead"}
        assert np.array_equal(result.table["event"], dead)
        assert "spellings of the event merged: 'DEAD' is Dead, 'dead' is Dead" in screen(
            result.plan
        )
    short = understood(cohort.assign(died=shuffled({"Y": 20, "yes": 60, "N": 120})))
    assert (short.plan.events, short.plan.event.coding) == (80, {0: "N", 1: "yes"})


NOT_KNOWN = {
    "a word beside dead and alive": ({"alive": 96, "unknown": 65, "dead": 39}, {}, "unknown"),
    "a word beside alive": ({"alive": 96, "Not known": 104}, {"censored": "alive"}, "Not known"),
    "9 beside 0 and 1": ({0: 96, 1: 65, 9: 39}, {}, "9"),
    "99 beside 1 and 2": ({1: 96, 2: 65, 99: 39}, {}, "99"),
    "9 beside words": ({"alive": 96, "dead": 65, "9": 39}, {}, "9"),
    "-9 beside causes": ({0: 96, 1: 50, 2: 30, -9: 24}, {"event_of_interest": "1"}, "-9"),
}


@pytest.mark.parametrize("case", NOT_KNOWN)
def test_an_event_that_nobody_knows_is_refused_like_a_blank(case, cohort):
    counts, question, value = NOT_KNOWN[case]
    with pytest.raises(InputError, match=f"the event is missing, by the value '{value}'; .*--cens"):
        understood(cohort.assign(died=shuffled(counts)), **question)


KNOWN = {
    "named as censored": ({"dead": 96, "unknown": 104}, {"censored": "unknown"}, 96),
    "censored beside others": ({"alive": 96, "unknown": 65, "dead": 39}, DEAD_OR_NOT, 39),
    "named as the event": ({0: 96, 9: 65, 1: 39}, {"event_of_interest": "9"}, 65),
    "one of several causes": ({0: 96, 1: 50, 2: 30, 9: 24}, {}, 50),
    "none means no event": ({"none": 96, "relapse": 104}, {}, 104),
}


@pytest.mark.parametrize("case", KNOWN)
def test_a_doubtful_value_may_be_named_by_the_user(case, cohort):
    counts, question, events = KNOWN[case]
    assert understood(cohort.assign(died=shuffled(counts)), **question).plan.events == events


NAMES = {
    ("alive", 1, 0): True,
    ("Survived", "yes", "no"): True,
    ("lebend", "ja", "nein"): True,
    ("überlebt", "True", "False"): True,
    ("vital_alive", 1, 0): True,
    ("not_alive", 1, 0): False,
    ("alive_or_dead", 1, 0): False,
    ("alive", 2, 1): False,  # 2 is no after 1, which is yes
    ("alive", "dead", "alive"): False,
}


@pytest.mark.parametrize("case", NAMES)
def test_one_is_no_event_in_a_column_that_is_called_alive(case, cohort):
    name, one, zero = case
    frame = cohort.assign(**{name: cohort["died"].map({1: one, 0: zero})}).drop(columns="died")
    result = understood(frame, name)
    assert result.plan.event.happened == str(zero if NAMES[case] else one)
    assert ("a guess: " in result.plan.event.reason) == (NAMES[case] or one == 2)
    assert understood(frame, name, event_of_interest=str(one)).plan.event.happened == str(one)
    assert understood(frame, name, censored=str(zero)).plan.event.happened == str(one)


def copies(died):
    """Columns that are the event once more."""
    cause = np.where(RNG.random(ROWS) < 0.5, "cancer", "heart").astype(object)
    dates = pd.Series(pd.date_range("2015-01-01", periods=ROWS)).where(died == 1)
    dates[np.flatnonzero(died)[0]] = None  # one patient's is not known
    slip = died.copy()
    slip[5] = 1 - slip[5]
    return {
        "vital": died.map({0: "alive", 1: "dead"}),
        "event": died,
        "living": 1 - died,
        "typed": died.map({0: "alive", 1: "Dead"}).where(np.arange(ROWS) % 3 > 0, "dead").where(
            died == 1, "alive"
        ),
        "cause_of_death": np.where(died, cause, "alive"),
        "place": np.where(died, cause, "not applicable"),
        "deaths_day": np.where(died, RNG.integers(1, 900, ROWS), 0),
        "date_of_death": dates,
        "slip": slip,
    }  # fmt: skip


def left_out(frame, **question):
    plan = understood(frame, **question).plan
    return {column.name: column.drop for column in plan.columns if column.drop}


def test_the_event_once_more_is_left_out(cohort):
    again = copies(cohort["died"])
    dropped = left_out(cohort.assign(**again))
    assert set(dropped) == set(again)
    assert dropped["vital"] == "the event once more, told by 'dead'"
    assert dropped["place"] == "the event once more, told by 'not applicable'"
    assert dropped["date_of_death"] == "the date of the event itself"
    causes = cohort.assign(died=np.resize([0, 1, 2], ROWS))
    assert set(left_out(causes.assign(graft=causes["died"] == 2, any=causes["died"] > 0))) == {
        "graft",
        "any",
    }


def test_how_near_the_event_a_column_may_be_can_be_said(cohort):
    near = cohort["died"].where(np.arange(ROWS) % 25 > 0, 1 - cohort["died"])  # 4 % other
    assert not left_out(cohort.assign(near=near))
    assert left_out(cohort.assign(near=near), settings={"outcome_share": 0.8})


@pytest.mark.parametrize("events", [1, 2, 4, 6])
def test_a_common_value_is_not_the_event_where_that_is_rare(events, cohort):
    died = (np.arange(ROWS) < events).astype(int)
    rare = {f"rare_{k}": (np.arange(ROWS) % 50 == 7 * k + 1).astype(int) for k in range(3)}
    frame = cohort.assign(died=died, **rare, continuous=RNG.normal(size=ROWS))
    assert not left_out(frame)


def test_a_follow_up_of_one_unit_leaves_all_columns(cohort):
    months = np.where(cohort["died"] & (cohort["age"] % 3 > 0), RNG.random(ROWS).round(2), 1.0)
    frame = cohort.assign(
        days=months, crp=RNG.random(ROWS), il6=RNG.random(ROWS), bmi=RNG.normal(25, 4, ROWS),
        lesions=RNG.integers(1, 6, ROWS), points=RNG.integers(0, 6, ROWS),
    )  # fmt: skip
    assert not left_out(frame)
    start = RNG.random(ROWS) / 2
    late = frame.assign(start=start, days=start + 0.01 + RNG.random(ROWS) / 2)
    assert not left_out(late, entry="start")


@pytest.mark.parametrize("whole", [True, False])
def test_ages_at_both_ends_are_the_follow_up(whole, cohort):
    start, years = RNG.uniform(40, 80, ROWS), RNG.exponential(1, ROWS) + 0.01
    ages = {"age": start, "left_at": start + years}
    if whole:
        ages = {name: np.floor(age) for name, age in ages.items()}
    assert left_out(cohort.assign(**ages, days=years)) == {
        "left_at": "the end of follow-up: age and the duration"
    }
