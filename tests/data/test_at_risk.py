"""Strata and delayed entry: how they are read, refused and given back."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.reading import Source
from ck4gen.data.understanding import Question, Understanding, screen
from ck4gen.data.understanding.understand import understand
from ck4gen.data.user_table import FrameDataModule
from ck4gen.settings import InputError


def understood(frame, **question):
    return understand(Source(frame), Question("days", "died", **question), Understanding.of(20))


def late(cohort):
    """The cohort, each patient seen from a sixth, a third or half of the time on."""
    days = cohort["days"] + 3
    start = days * np.resize([1, 2, 3], len(cohort)) // 6
    seen = (days - start).where(cohort.index != 7, 0)  # a mistake
    return cohort.assign(days=days, start=start, seen=seen)


def test_strata_have_no_term_and_stay_columns(cohort):
    site = np.resize([1, 2, 3], len(cohort))
    result = understood(cohort.assign(site=site), strata=("site", "smoker"))
    schema, table = result.schema, result.table
    assert schema.strata == ("smoker", "site")
    assert not {"site[2]", "smoker"} & {*schema.design_names}
    assert {"site[2]", "smoker"} <= {*schema.unstratified.design_names}
    assert schema["site"].levels == ("1", "2", "3")  # numbers, but categories here
    assert len(np.unique(schema.stratum(table))) == 6
    assert "stratified by site (3 levels) and smoker (2 levels): 6 strata" in screen(result.plan)
    book = result.plan.presentation.codebook(schema.codebook(200, 200))
    assert book.count("Cox models have a baseline hazard for each level") == 2
    shown = result.plan.presentation.table(table)
    assert [*shown] == [*cohort.drop(columns=["days", "died"]), "site", "days", "died"]


def test_a_code_for_a_blank_is_no_stratum(cohort):
    sex = np.resize([1, 2, 9], len(cohort))
    with pytest.raises(InputError, match="the stratum is missing"):
        understood(cohort.assign(sex2=sex), strata=("sex2",))


def test_terms_that_are_alike_within_strata_leave_the_design(cohort):
    site = np.resize(["a", "b", "c"], len(cohort))
    beds = pd.Series(site).map({"a": 10, "b": 50, "c": 20})
    data = FrameDataModule(cohort.assign(site=site, beds=beds), "days", "died", strata="site")
    with pytest.warns(UserWarning, match="beds is constant within every stratum"):
        data.setup()
    assert "beds" in data.schema.names
    assert "beds" not in data.schema.design_names


def test_an_entry_is_part_of_the_outcome(cohort):
    frame = late(cohort).rename(columns={"age": "entry"})  # a covariate of that name stays one
    frame["years"] = (frame["start"] / 365.25).round(2)
    result = understood(frame, entry="start")
    assert result.schema.outcome_names == ["duration", "event", "entry"]
    assert result.plan.internal["entry"] == "entry_"
    reasons = {column.name: column.drop for column in result.plan.columns if column.drop}
    assert reasons == {
        "seen": "the time under observation: the duration less the entry",
        "years": "the entry once more, in another unit",
    }
    assert "each row is at risk after 'start'" in screen(result.plan)
    shown = result.plan.presentation.table(result.table)
    assert [*shown][-3:] == ["start", "days", "died"]
    np.testing.assert_array_equal(shown["start"], frame["start"])
    assert "start:" in result.plan.presentation.codebook(result.schema.codebook(200, 200))


@pytest.mark.parametrize(
    ("change", "question", "sentence"),
    [
        ({"start": np.nan}, {"entry": "start"}, "the entry is missing or no number"),
        ({"start": -1}, {"entry": "start"}, "the entry is negative"),
        ({"start": 9999}, {"entry": "start"}, "the entry is not below the duration"),
        ({"start": "2020-01-01"}, {"entry": "start"}, "holds dates, and an entry time is needed"),
        ({}, {"entry": "begin"}, "there is no entry column 'begin'"),
        ({"start": 0}, {"entry": "start"}, "every entry is 0"),
        ({}, {}, "name it by --entry"),
        ({}, {"strata": ("marker",)}, "is numeric, and a stratum is a category"),
        ({}, {"strata": ("stage",), "drop": ("stage",)}, "cannot be a stratum and dropped"),
        ({"stage": "late"}, {"strata": ("stage",)}, r"is left out \(constant in every row"),
        ({}, {"strata": ("age", "marker", "smoker", "stage")}, "a stratum is a category"),
        ({}, {"cluster": "stage"}, "clusters are not supported"),
        ({"died": [0, 1, 2, 2] * 50}, {"entry": "start"}, "not supported where causes compete"),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(cohort, change, question, sentence):
    frame = late(cohort).drop(columns="seen")
    with pytest.raises(InputError, match=sentence):
        understood(frame.assign(**change), **question)


def test_a_blank_stratum_and_no_covariate_beside_strata_are_refused(cohort):
    blank = cohort["stage"].mask(np.arange(len(cohort)) < 12)
    with pytest.raises(
        InputError, match=r"rows 1, 2, 3, ... of the data \(12 in all\): the stratum is miss"
    ):
        understood(cohort.assign(stage=blank), strata=("stage",))
    with pytest.raises(InputError, match="no covariate beside the outcome and the strata"):
        understood(cohort[["stage", "days", "died"]], strata=("stage",))
