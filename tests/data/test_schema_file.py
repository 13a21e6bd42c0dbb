"""A schema file that a user edits is read as it says, or refused in a sentence."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.schema import Column, Schema
from ck4gen.data.understanding import schema_text
from ck4gen.data.user_table import FrameDataModule
from ck4gen.settings import InputError

ROWS = 120
RNG = np.random.default_rng(1)


@pytest.fixture(scope="module")
def frame():
    days = RNG.integers(30, 900, ROWS)
    return pd.DataFrame(
        {
            "age": RNG.integers(40, 90, ROWS),
            "stage": RNG.choice(["I", "II", "III"], ROWS),
            "days": days,
            "died": RNG.integers(0, 2, ROWS),
        }
    )


@pytest.fixture
def edited(frame, tmp_path):
    """The cohort, read by its own schema file after some words of it were replaced."""

    def edit(*replaced, **question):
        file = tmp_path / "schema.yaml"
        plan = FrameDataModule(frame, duration="days", event="died").plan
        text = schema_text(plan)
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text)
        question = {"duration": "days", "event": "died"} | question
        return FrameDataModule(frame, **question, schema=str(file))

    return edit


def test_the_event_and_the_unit_of_an_edited_file_count(frame, edited):
    cohort = edited(("happened: '1'", "happened: '0'"), ("unit: days", "unit: weeks"))
    assert (cohort.table["event"] == 1 - frame["died"]).all()
    assert cohort.schema.duration_unit == "weeks"


def test_an_option_goes_before_the_file(frame, edited):
    cohort = edited(("happened: '1'", "happened: '0'"), event_of_interest="1")
    assert (cohort.table["event"] == frame["died"]).all()


def test_strata_of_the_file_count(edited):
    assert edited(("  unit: days", "  unit: days\n  strata: stage")).schema.strata == ("stage",)


def test_one_value_stands_for_a_list_of_one(edited):
    cohort = edited(("  age:\n", "  age:\n    missing: 57\n"), missing="impute")
    assert next(plan for plan in cohort.plan.columns if plan.name == "age").missing == ("57",)


MISTAKES = {
    "the schema has the duration column age, and days is asked for": ("name: days", "name: age"),
    "duration has no key 'units'; its keys are name, unit": ("unit: days", "units: days"),
    "column 'age' has step: 1; it must be a number": ("step: 1", "step: '1'"),
    "column 'age' has merge: ..a..; it must be lines of": ("step: 1", "merge: [a]"),
    "column 'age' has integer: maybe; it must be true or": ("integer: true", "integer: maybe"),
    "column 'age' is a date and needs date_format": ("kind: numeric", "kind: date"),
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_an_edit_that_cannot_be_gets_a_sentence(sentence, edited):
    with pytest.raises(InputError, match=sentence):
        edited(MISTAKES[sentence])


def test_two_columns_with_one_term_are_named():
    stage = Column("stage", "categorical", levels=("I", "II"))
    with pytest.raises(InputError, match=r"two columns have the term 'stage\[II\]'"):
        Schema((stage, Column("stage[II]", "numeric")))


def test_a_duration_of_two_dates_takes_no_covariates_name(frame):
    day = pd.to_datetime("2010-01-01") + pd.to_timedelta(RNG.integers(0, 3000, ROWS), "D")
    end = day + pd.to_timedelta(frame["days"], "D")
    dates = frame.assign(start=day.astype(str), end=end.astype(str), days_since_start=frame["age"])
    cohort = FrameDataModule(
        dates.drop(columns="days"), duration="end", event="died", entry_date="start"
    )
    assert cohort.presentation.duration == "days_since_start_"
    shown = cohort.presentation.table(cohort.table)
    assert (shown["days_since_start"] == frame["age"]).all()
    assert (shown["days_since_start_"] == frame["days"]).all()


def test_rules_of_the_codebook_have_the_users_names(frame):
    stay = (frame["days"] * RNG.random(ROWS)).round()
    cohort = FrameDataModule(frame.assign(duration=stay), duration="days", event="died")
    cohort.setup()
    text = cohort.schema.codebook(ROWS, ROWS)
    assert "duration_ < days" in text
    assert "- duration < days" in cohort.presentation.codebook(text)


def test_the_plan_of_a_given_column_with_blanks_says_so(edited):
    cohort = edited(("  age:\n", "  age:\n    missing: 57\n"), missing="impute")
    age = next(plan for plan in cohort.plan.columns if plan.name == "age")
    assert age.facts.endswith("imputed")
    assert not age.facts.startswith(";")
