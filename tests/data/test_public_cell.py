"""Cells by what is publicly known: each is a number, a level or unknown, whatever others are."""

from datetime import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.public_cell import day_of, days_between, level_reader, number_reader
from ck4gen.data.public_column import PublicColumn
from ck4gen.data.public_table import PublicTable
from ck4gen.data.public_table_file import public_table
from ck4gen.settings import InputError

COLUMNS = {"columns": {"age": {"low": 0, "high": 1}}, "horizon": 10}


def public(**keys):
    return public_table(COLUMNS | keys, "PUBLIC")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("8.379", 8.379), ("8,379", None), ("1,5", None), (" 70 kg", 70), ("70kg", 70),
        ("70 lb", None), ("<0.5", 0.25), (">3", 3), ("90+", 90), ("1e3", 1000), ("-9", None),
        (-9.0, None), ("-9.0", None), ("", None), ("NA", None), (None, None), (np.nan, None),
        (np.inf, None), ("inf", None), (7, 7), (np.float32(0.5), 0.5), (Decimal("1.5"), 1.5),
        (True, 1), ("tall", None), ("007", 7),
    ],
)  # fmt: skip
def test_a_number_is_read_by_the_marks_that_are_stated(cell, value):
    read = number_reader(public(), "kg", ("-9",))(cell)
    assert np.isnan(read) if value is None else read == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("8,379", 8.379), ("1.234,5", 1234.5), ("1.5", None), ("12.34,5", None), ("<0,5", 0.25)],
)
def test_a_decimal_comma_and_points_between_thousands(cell, value):
    read = number_reader(public(decimal_mark=",", thousands_mark="."))(cell)
    assert np.isnan(read) if value is None else read == value


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("III", 2), (" iii ", 2), ("Iii.", 2), ("IV", None), ("", None), ("unknown", None),
        ("x  y", 3), ("X Y", 3), ("9", None), (9, None), (1.0, 4), ("1.0", 4), (True, 4),
    ],
)  # fmt: skip
def test_a_level_is_read_in_any_spelling(cell, code):
    read = level_reader(("I", "II", "III", "x y", "1"), ("9", "unknown"))(cell)
    assert np.isnan(read) if code is None else read == code


def test_levels_that_differ_in_case_alone_are_told_by_it():
    read = level_reader(("a", "A"))
    assert [read("a"), read("A")] == [0, 1]


def test_yes_and_no_are_what_yaml_makes_of_them():
    read = level_reader(("0", "1"))
    assert [read(cell) for cell in ("no", "Yes", "FALSE", True, 0.0)] == [0, 1, 0, 1, 0]


def test_days_between_dates():
    european = public(date_format="%d.%m.%Y")
    assert days_between("31.01.2020", "02.02.2020", european) == 2
    assert days_between(pd.Timestamp("2020-01-31 12:00"), datetime(2020, 2, 2), european) == 1
    assert np.isnan(days_between("02.02.2020", "31.01.2020", european))
    assert days_between("2020-01-31", "02.02.2020", european) == 2
    assert np.isnan(days_between("2020-01-31", "02.02.2020", public()))
    assert days_between("2020-01-31", "2020-02-02 08:00:00", public()) == 2
    assert day_of("9999-12-31", "") is None  # stands for no date
    assert day_of(pd.NaT, "") is None


def test_what_is_written_comes_back_from_its_state():
    columns = (PublicColumn("age", low=0, high=9, missing=True, codes=("-9",)),)
    made = PublicTable(
        columns, 10.0, decimal_mark=",", thousands_mark=".", date_format="%Y", happened="dead"
    )
    assert public_table(made.to_state(), "again") == made
    assert "event" not in public().to_state()
    assert "decimal_mark" not in public().to_state()


def test_zero_and_one_have_an_order():
    """Levels [1, 0] would make a 0 of each 1."""
    for levels in ([1, 0], [True, False]):
        with pytest.raises(InputError, match=r"levels of 0 and 1 are \[0, 1\]"):
            public(columns={"ill": {"levels": levels}})


def test_wrong_marks_and_events_are_refused():
    with pytest.raises(InputError, match=r"decimal_mark is '\.' or ','"):
        public(decimal_mark=",", thousands_mark=",")
    with pytest.raises(InputError, match="event must be"):
        public(event="dead")
    with pytest.raises(InputError, match="one value for happened and censored"):
        public(event={"happened": 1, "censored": 1.0})
