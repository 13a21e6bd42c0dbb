"""What a method of a user's own returns is looked at before anything is made of it."""

import re

import numpy as np
import pandas as pd
import pytest

from ck4gen import Synthesizer
from ck4gen.data.schema import Column, Schema
from ck4gen.methods.drawn_table import check_drawn
from ck4gen.settings import InputError
from conftest import keeping_blanks

ROWS = 4


class Same(Synthesizer):
    """Its rows are those of the cohort, after a change."""

    def __init__(self, change=lambda table: table):
        super().__init__()
        self.change = change

    def _fit(self, data, training):
        pass

    def _sample(self, draw):
        return self.change(self.data.observed.iloc[draw.source_rows()].copy())


def put(name, value, rows=1):
    """A change of the first values of a column."""

    def change(table):
        table[name] = table[name].astype(object)
        table.iloc[:rows, table.columns.get_loc(name)] = value
        return table

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put("marker", np.nan), "'marker' is blank in 1 row;"),
        (put("marker", np.inf, 2), "'marker' is no finite number in 2 rows;"),
        (put("marker", "high"), "'marker' is no finite number in 1 row;"),
        (put("smoker", 0.5), "'smoker' is neither 0 nor 1 in 1 row;"),
        (put("stage", "last", 3), "'stage' is none of its levels in 3 rows;"),
        (put("duration", np.nan), "'duration' is no finite number in 1 row;"),
        (put("duration", -5, 2), "'duration' is below 0 in 2 rows;"),
        (put("event", 2, 5), "'event' is none of 0, 1 in 5 rows;"),
        (lambda table: table.head(10), "it has 10 rows and not 200;"),
        (lambda table: table.rename(columns={"age": "Age"}), "it lacks 'age'; it has 'Age', which"),
        (lambda table: pd.concat([table, table[["age"]]], axis=1), "it has 'age' twice;"),
        (lambda table: table.to_numpy(), "Same._sample returned an object of type ndarray; it"),
        (lambda table: None, "object of type NoneType; it must return a pandas.DataFrame with the"),
    ],
)
def test_a_table_of_an_own_class_that_cannot_be_used_is_refused(cohort, change, sentence):
    method = Same(change).fit(cohort, "days", "died")
    with pytest.raises(InputError, match=re.escape(sentence)) as raised:
        method.sample()
    assert "Same._sample returned" in str(raised.value)


def test_all_faults_are_named_at_once(cohort):
    method = Same(lambda t: put("event", 2)(put("age", np.nan)(t)).drop(columns="stage"))
    with pytest.raises(InputError) as raised:
        method.fit(cohort, "days", "died").sample(n=7)
    for fault in ("lacks 'stage'", "'age' is blank", "'event' is none of 0, 1"):
        assert fault in str(raised.value)


def test_as_many_rows_as_asked_for_and_other_spellings_of_a_value_are_fine(cohort):
    spelled = Same(lambda t: t.astype({"stage": "category", "smoker": bool, "age": "Int64"}))
    assert len(spelled.fit(cohort, "days", "died").sample(n=7)) == 7


def test_a_column_that_keeps_blanks_may_have_them(blanks):
    table = Same().fit(keeping_blanks(blanks)).sample()
    assert table["marker"].isna().sum() == blanks["marker"].isna().sum()
    with pytest.raises(InputError, match="'age' is blank in 1 row"):
        Same(put("age", np.nan)).fit(keeping_blanks(blanks)).sample()


def test_causes_and_entries_are_those_of_the_cohort():
    schema = Schema((Column("arm", "binary"),), causes=("relapse",), delayed_entry=True)
    table = pd.DataFrame(
        {"arm": 0, "duration": 2.0, "event": 0, "cause": [0, 1, 2, 2], "entry": [0, 0, 0, 1.9]}
    )
    check_drawn(table, schema, ROWS, "Mine")
    wrong = table.assign(cause=[0, 1, 2, 3], entry=[0, 0, 2.0, 3.0])
    with pytest.raises(InputError) as raised:
        check_drawn(wrong, schema, ROWS, "Mine")
    assert "'cause' is none of 0, 1, 2 in 1 row" in str(raised.value)
    assert "'entry' is not below 'duration' in 2 rows" in str(raised.value)
