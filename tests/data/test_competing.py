"""Causes that compete with the event: which values they are, and how they come back."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.reading import Source
from ck4gen.data.understanding import Question, Understanding, screen, understand
from ck4gen.data.understanding.competing import causes
from ck4gen.data.user_table import FrameDataModule
from ck4gen.settings import InputError

ROWS = 200


def understood(frame, **question):
    question = Question("days", "died", **question)
    return understand(Source(frame), question, Understanding.of(20))


def cycled(*values):
    return np.resize(np.array(values, dtype=object), ROWS)


def test_the_first_number_is_the_event_and_the_most_frequent_word():
    numbers = understood_causes(cycled(0, 1, 2, 2, 10))
    assert (numbers.happened, numbers.competing) == ("1", (("2",), ("10",)))
    words = pd.Series(cycled("none", "graft", "death", "death"))
    found = causes(words, ["none"], None, 10)
    assert (found.happened, found.competing) == ("death", (("graft",),))
    assert causes(words, ["none"], "graft", 10).happened == "graft"


def understood_causes(values):
    return causes(pd.Series(values).astype(str), ["0"], None, 10)


def test_rare_causes_are_one_under_a_name_that_none_of_them_decides():
    values = np.zeros(ROWS, int)
    values[:60], values[60:66], values[66:72] = 1, 2, 3
    assert understood_causes(values).competing == (("2", "2", "3"),)
    values[60:66] = 157
    assert understood_causes(values).competing == (("2", "3", "157"),)
    words = pd.Series(["none"] * 60 + ["death"] * 60 + ["graft"] * 6 + ["relapse"] * 6)
    assert causes(words, ["none"], None, 10).competing == (("other", "graft", "relapse"),)
    words = words.replace("graft", "other")
    assert causes(words, ["none"], None, 10).competing == (("other", "other", "relapse"),)
    values[60:66] = 2
    values[66:72] = 0  # six patients are too few even together
    found = understood_causes(values)
    assert found.competing == ()
    assert "2: 6 patients are too few" in found.notes[0]


def test_a_rare_cause_is_in_no_shared_file(cohort):
    values = np.array(cycled("0", "1", "2"))
    values[:6], values[6:12] = "7", "8"
    result = understood(cohort.assign(died=values))
    shown = result.plan.presentation.table(result.table)["died"]
    assert set(shown) == {0, 1, 2, 3}
    assert (shown.to_numpy()[:12] == 3).all()
    assert result.schema.causes == ("died is 2", "died is 3, which is any rarer cause")


def test_a_cause_comes_back_in_the_users_coding(cohort):
    words = cycled("censored", "death", "ltx", "death")
    result = understood(cohort.assign(died=words, cause=cohort["age"]))
    assert result.schema.causes == ("died is ltx",)
    assert result.schema.table_names[-3:] == ["duration", "event", "cause"]
    assert (result.table["event"] == (words == "death")).all()
    assert (
        result.table["cause"] == pd.Series(words).map({"censored": 0, "death": 1, "ltx": 2})
    ).all()
    back = result.plan.presentation.table(result.table)
    assert back["died"].tolist() == words.tolist()
    assert (back["cause"] == cohort["age"]).all()  # the user's own column of that name
    assert "50 rows (25%) with a competing cause: died is ltx" in screen(result.plan)


@pytest.mark.parametrize(
    ("values", "question", "sentence"),
    [
        (cycled(1, 2, 3), {}, "none is known to mean a censored row; say which one does by --cens"),
        (cycled(1, 2, 3), {"event_of_interest": "1"}, "or have all but the event censored by"),
        (cycled(0, 1, 2), {"censored": "5"}, "no row has the value of a censored row, '5'"),
        (cycled(0, 1, 2), {"censored": "1", "event_of_interest": "1"}, "cannot be both"),
        (cycled(0, 1, 2), {"competing": "censor"}, "name the event by --event-of-interest"),
        (cycled(*range(12)), {}, "holds 12 different values, so it is no event column"),
    ],
)
def test_what_cannot_be_told_is_asked_for(cohort, values, question, sentence):
    with pytest.raises(InputError, match=sentence):
        understood(cohort.assign(died=values), **question)


def test_the_censored_value_can_be_named(cohort):
    plan = understood(cohort.assign(died=cycled(1, 2, 3)), censored="2").plan
    assert plan.event.coding == {0: "2", 1: "1", 2: "3"}
    two = understood(cohort.assign(died=cycled("up", "down")), censored="up").plan
    assert two.event.happened == "down"


def test_those_who_are_lost_are_censored(cohort):
    plan = understood(cohort.assign(died=cycled("Alive", "Deceased", "Alive", "Lost to f/u"))).plan
    assert (plan.event.happened, plan.event.censored, plan.event.competing) == (
        "Deceased",
        "Alive",
        (),
    )


def test_other_causes_can_count_as_censored(cohort):
    result = understood(
        cohort.assign(died=cycled(0, 1, 2)), event_of_interest="2", competing="censor"
    )
    assert result.schema.causes == ()
    assert result.plan.events == 66
    assert "values other than '2' count as censored" in result.plan.event.notes[0]


def test_patients_are_held_out_from_every_cause(cohort):
    data = FrameDataModule(cohort.assign(died=cycled(0, 1, 1, 2)), "days", "died", split="audit")
    data.setup()
    assert data.holdout["cause"].value_counts().to_dict() == {0: 15, 1: 30, 2: 15}
