"""Bad input gets one sentence that says what, where and what to do."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.user_table import CSVDataModule, FrameDataModule
from ck4gen.settings import InputError


def module(frame, **keys):
    keys = {"duration": "days", "event": "died", "max_levels": 20, **keys}
    return FrameDataModule(frame, **keys)


def test_kinds_are_inferred(cohort):
    cohort["drug"] = cohort["smoker"].astype(bool)
    cohort["ordered"] = pd.Categorical(cohort["stage"], ["late", "early", "middle", "never"])
    data = module(cohort)
    with pytest.warns(UserWarning, match="drug follows from smoker"):
        data.setup()
    kinds = {column.name: (column.kind, column.integer, column.levels) for column in data.schema}
    assert kinds == {
        "age": ("numeric", True, ()),
        "marker": ("numeric", False, ()),
        "smoker": ("binary", False, ()),
        "stage": ("categorical", False, ("early", "middle", "late")),
        "drug": ("binary", False, ()),
        "ordered": ("categorical", False, ("late", "early", "middle")),
    }
    assert list(data.train)[-2:] == ["duration", "event"]
    assert (data.train["duration"] == 0).sum() >= 2


def change(column, rows, value):
    def apply(frame):
        frame[column] = frame[column].astype(object)
        frame.loc[rows, column] = value
        return frame

    return apply


BAD = {
    "column 'marker', row 5 of the data: nan is missing": change("marker", [4], np.nan),
    "column 'stage', row 2 of the data: .* is missing": change("stage", [1], None),
    "column 'marker', row 8 of the data: is infinite": change("marker", [7], np.inf),
    "column 'marker', row 8 of the data: 1000000000000 is more than 1e.06 times": change(
        "marker", [7], 1e12
    ),
    "column 'marker', rows 1, 2, 3, ... of the data .200 in all.: holds lists": lambda f: f.assign(
        marker=[[1]] * len(f)
    ),
    "column 'days', rows 3, 10 of the data: -4 is negative": change("days", [2, 9], -4),
    "column 'days', row 3 of the data: nan is missing": change("days", [2], np.nan),
    "column 'days', rows 1, 2, 3, ... of the data .200 in all.: soon is missing": change(
        "days", slice(None), "soon"
    ),
    "column 'days', row 2 of the data: inf is infinite": change("days", [1], np.inf),
    "column 'days': every duration is 0": lambda f: f.assign(days=0),
    "column 'days': every duration is 365": lambda f: f.assign(days=365),
    "column 'marker': all values lie within 5.9e-08": lambda f: f.assign(marker=f["age"] * 1e-9),
    "column 'days': holds dates": lambda f: f.assign(days=pd.date_range("2020", periods=len(f))),
    "column 'died': holds the values 1, 2, 3, and none is known": lambda f: f.assign(
        died=1 + f.died + (f.age > 60)
    ),
    "column 'died', row 6 of the data: the event is missing": change("died", [5], np.nan),
    "column 'died': holds 'up' and 'down', and neither is a known word": lambda f: f.assign(
        died=f.died.map({0: "up", 1: "down"})
    ),
    "column 'died': has no events": lambda f: f.assign(died=0),
    "column name 'age' stands twice": lambda f: pd.concat([f, f[["age"]]], axis=1),
    "no duration column 'days'; the columns are age, marker": lambda f: f.drop(columns="days"),
    "no event column 'died'; the columns are age, marker": lambda f: f.drop(columns="died"),
    "no covariate": lambda f: f[["days", "died"]],
    "there are 12 rows; at least 20 are needed": lambda f: f.head(12),
    "a table is expected, not ndarray": lambda f: f.to_numpy(),
    "'cohort.csv' is a path": lambda f: "cohort.csv",
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_tables_get_one_sentence(cohort, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        module(BAD[sentence](cohort))
    assert "\n" not in str(caught.value)


def test_all_faults_are_named_at_once(cohort):
    cohort = cohort.astype({"days": float, "marker": float})
    cohort.loc[3, "days"], cohort.loc[7, "marker"] = -1, np.inf
    with pytest.raises(InputError) as caught:
        module(cohort.assign(died=2, listed=[[1]] * len(cohort)))
    first, *lines = str(caught.value).splitlines()
    assert first == "the table cannot be used, for 4 reasons:"
    assert [line.split("'")[1] for line in lines] == ["days", "died", "marker", "listed"]


def test_columns_may_be_numbered(cohort):
    numbered = cohort.set_axis(range(cohort.shape[1]), axis=1)
    data = module(numbered, duration=4, event=5)
    data.setup()
    assert data.schema.names == ["0", "1", "2", "3"]
    assert np.array_equal(data.train["duration"], cohort["days"])


def test_times_of_other_outcomes_are_left_out():
    rng = np.random.default_rng(0)
    n = 200
    entry, days = rng.integers(600, 900, n), rng.integers(1, 400, n)
    frame = pd.DataFrame({"age": rng.integers(30, 90, n), "entry_month": entry})
    frame["leaving"] = entry + days
    frame["death_time"] = np.where(rng.random(n) < 0.5, days, days + rng.integers(1, 50, n))
    frame["relapse_time"] = np.where(rng.random(n) < 0.7, days, days // 2)
    frame["stay"] = np.where(rng.random(n) < 0.1, days, days // 4)
    frame.loc[0, "leaving"] += 100  # somebody's slip
    frame = frame.assign(days=days, died=rng.integers(0, 2, n))
    with pytest.warns(UserWarning, match="left out"):
        data = FrameDataModule(frame, "days", "died")
    reasons = {column.name: column.drop for column in data.plan.columns}
    assert reasons["leaving"] == "the end of follow-up: entry_month and the duration"
    assert reasons["death_time"] == "the time of another outcome"
    assert reasons["relapse_time"] == "the time of another outcome"
    data.setup()
    assert data.schema.names == ["age", "entry_month", "stay"]


def test_blanks_are_filled_from_training_rows_and_told_by_an_indicator(cohort):
    cohort["stage"] = pd.Categorical(cohort["stage"].where(cohort.index % 4 > 0))
    cohort["smoker"] = cohort["smoker"].where(cohort.index % 5 > 0)
    data = module(cohort, missing="keep", split="audit")
    data.setup()
    whole = pd.concat([data.train, data.holdout])
    assert whole.notna().all(axis=None)
    assert set(whole["smoker"]) == {0, 1}
    assert set(whole["stage"]) == {"early", "middle", "late"}
    assert whole["smoker is missing"].sum() == 40
    assert whole["stage is missing"].sum() == 50
    imputed = module(cohort, missing="impute")
    assert imputed.schema.names == ["age", "marker", "smoker", "stage"]


def test_rules_are_found_in_cells_that_are_no_blank(cohort):
    half = cohort["age"] // 2
    data = module(
        cohort.assign(half=half.where(cohort.index % 4 > 0), twice=2 * half), missing="keep"
    )
    data.setup()
    sentences = [rule.sentence for rule in data.schema.rules]
    assert "twice = 2 half" in sentences
    assert not any("is missing" in sentence for sentence in sentences)


def test_few_events_are_a_warning_that_names_the_ratio(cohort):
    few = pd.concat([cohort[cohort["died"] == 0], cohort[cohort["died"] == 1].head(20)])
    with pytest.warns(UserWarning, match=r"4\.0 events per covariate \(20 events, 5 terms\)"):
        module(few).setup()


def test_csv_round_trip(cohort, tmp_path):
    file = tmp_path / "cohort.csv"
    cohort.to_csv(file, index=False)
    data = CSVDataModule(str(file), duration="days", event="died", max_levels=20)
    data.setup()
    reference = module(cohort)
    reference.setup()
    pd.testing.assert_frame_equal(data.train, reference.train)


def test_csv_headers_and_paths_are_checked(cohort, tmp_path):
    keys = {"duration": "days", "event": "died", "max_levels": 20}
    with pytest.raises(InputError, match="is no file"):
        CSVDataModule(str(tmp_path / "none.csv"), **keys)
    twice = tmp_path / "twice.csv"
    twice.write_text("age,age,days,died\n1,2,3,1\n")
    with pytest.raises(InputError, match="column name 'age' stands twice"):
        CSVDataModule(str(twice), **keys)
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(InputError):
        CSVDataModule(str(empty), **keys)


def test_a_sum_of_columns_with_few_values_has_none_of_its_own(cohort):
    """Patients have 10 and 50 alone; a synthetic one may have 30 in one item and 5 in the other."""
    first = np.resize([5, 5, 30, 30], len(cohort))
    second = np.resize([5, 5, 20, 20], len(cohort))
    moved = np.arange(len(cohort)) % 20 == 0  # a few are otherwise, so that no item follows
    second[moved] = 25 - second[moved]
    data = module(cohort.assign(first=first, second=second, total=first + second))
    with pytest.warns(UserWarning, match="total follows from first, second"):
        data.setup()
    assert "total = first + second" in [rule.sentence for rule in data.schema.rules]
    assert data.schema["first"].values == (5, 30)
    assert data.schema["total"].values == ()
