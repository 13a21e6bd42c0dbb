"""From the raw file to the mechanism: what it gets of a patient hangs on this patient alone."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.config import defaults
from ck4gen.data.public_description import public_description
from ck4gen.data.user_table import CSVDataModule, FrameDataModule
from ck4gen.methods.private_ck4gen import PrivateCK4Gen
from ck4gen.private.mechanism import GRID, Mechanism, in_steps
from ck4gen.private.release import private_description
from ck4gen.private.settings import PrivateSettings
from ck4gen.settings import InputError, build

pytestmark = pytest.mark.filterwarnings("ignore:.*events per covariate", "ignore:left out")

PUBLIC = """\
horizon: 1500
event: {happened: dead, censored: alive}
columns:
  age: {low: 18, high: 110}
  marker: {low: 0.1, high: 20, decimals: 1, scale: log, missing: [-9], unit: mg/l}
  grp: {levels: [A, B, Z], missing: true}
  stage: {levels: [I, II, III], ordered: true}
  treated: {levels: [0, 1]}
"""
ROWS = 80
TEN = 10  # patients of a level that another reader merges where there is one fewer
QUICK = {"release": {"pool": 1000, "iterations": 2}, "calibration": {"steps": 5}}


def raw():
    """Cells as texts: levels of exactly ten patients, and columns that nobody describes."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "patient": [f"P{i}" for i in range(ROWS)],
            "age": generator.integers(40, 90, ROWS),
            "marker": generator.lognormal(0, 0.5, ROWS).clip(0.2, 15).round(1),
            "grp": ["Z"] * TEN + list(generator.choice(["A", "B"], ROWS - TEN)),
            "stage": ["I"] * 30 + ["II"] * (ROWS - 30 - TEN) + ["III"] * TEN,
            "treated": generator.integers(0, 2, ROWS),
            "days": generator.integers(5, 1400, ROWS),
            "died": generator.choice(["dead", "alive"], ROWS),
            "note": "",
        }
    ).astype(str)
    frame["marker"] = [f"{m} mg/l" if i % 3 else m for i, m in enumerate(frame["marker"])]
    return frame


ODD = {  # cells of the patient who leaves, and where: the first row is one of ten with Z
    "a level of ten patients": (0, {}),
    "an ordered level of ten patients": (ROWS - 1, {}),
    "a decimal comma": (0, {"marker": "1,5"}),
    "thousands": (0, {"marker": "1.234,5", "age": "1,000"}),
    "a text among numbers": (0, {"marker": "tall", "age": "old"}),
    "an odd spelling": (0, {"grp": " z ", "stage": "Iii", "died": "DEAD"}),
    "another unit": (0, {"marker": "12 ng"}),
    "no unit": (0, {"marker": "1.5"}),
    "a limit": (0, {"marker": "<0.3", "age": "90+"}),
    "a code for a blank": (0, {"marker": "-9", "grp": "NA", "stage": "unknown"}),
    "an enormous number": (0, {"marker": "1e12"}),
    "a fraction": (0, {"age": "61.25", "treated": "1.0"}),
    "a leading zero": (0, {"age": "061"}),
    "a value of two sides": (0, {"treated": "2"}),
    "totals": (ROWS - 1, {"patient": "Total", "age": "", "grp": ""}),
    "another encoding": (0, {"note": "m\udce4nnlich"}),
    "another delimiter": (0, {"note": "a;b;c;d;e;f;g;h;i"}),
    "a quote that does not close": (0, {"note": '"5 apart'}),
}


@pytest.fixture(scope="module")
def public_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("public") / "public.yaml"
    file.write_text(PUBLIC)
    return file


def odd(name):
    """The raw table, and the row that leaves."""
    row, cells = ODD[name]
    frame = raw()
    for column, cell in cells.items():
        frame.loc[row, column] = cell
    return frame, row


def of_csv(frame, folder, public_file):
    """Rows as the mechanism gets them."""
    file = folder / "cohort.csv"
    quoted = frame.map(lambda cell: f'"{cell}"' if "," in cell else cell)
    lines = [",".join(row) for row in [list(frame), *quoted.to_numpy()]]
    file.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    return given(of_file(file, public_file))


def of_file(file, public_file):
    return CSVDataModule(str(file), "days", "died", 20, public=str(public_file))


def of_excel(frame, folder, public_file):
    file = folder / "cohort.xlsx"
    numbers = frame.map(lambda cell: int(cell) if cell.isdigit() and cell[0] != "0" else cell)
    numbers.to_excel(file, index=False)
    return given(of_file(file, public_file))


def of_frame(frame, folder, public_file):
    typed = frame.apply(as_people_have_it)
    return given(FrameDataModule(typed, "days", "died", public=public_file))


def as_people_have_it(cells):
    """Numbers where all cells of a column are, else texts, as pandas reads files."""
    try:
        return pd.to_numeric(cells)
    except ValueError:
        return cells


def given(data):
    data.setup()
    return public_description(data, None).read(data.observed)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("reader", [of_csv, of_frame])
def test_nobody_else_is_read_in_another_way(name, reader, tmp_path, public_file):
    frame, row = odd(name)
    if reader is of_frame:
        frame["note"] = ""  # a frame has no encoding
    everybody = reader(frame, tmp_path, public_file)
    others = reader(frame.drop(index=row).reset_index(drop=True), tmp_path, public_file)
    assert len(everybody) == ROWS
    pd.testing.assert_frame_equal(
        everybody.drop(index=row).reset_index(drop=True), others, check_exact=True
    )


@pytest.mark.filterwarnings("ignore:grp.Z. is constant")
def test_a_column_of_a_sheet_is_not_read_as_a_whole(tmp_path, public_file):
    """Texts that are all numbers are texts still; pandas makes 7 of 007 unless one is none."""
    frame = raw()
    frame.loc[0, "marker"] = "tall"
    frame["grp"] = frame["grp"].replace({"A": "001", "B": "1", "Z": "Z"})
    public = tmp_path / "public.yaml"
    public.write_text(PUBLIC.replace("[A, B, Z]", "['001', '1', Z]"))
    everybody = of_excel(frame, tmp_path, public)
    others = of_excel(frame.drop(index=range(TEN)).reset_index(drop=True), tmp_path, public)
    pd.testing.assert_frame_equal(everybody[TEN:].reset_index(drop=True), others, check_exact=True)
    assert set(others["grp"]) == {0.0, 1.0}


@pytest.mark.slow
def test_any_cells_at_all(tmp_path, public_file):
    """Cells drawn from all oddities, leaving out one row after the other."""
    generator = np.random.default_rng(1)
    pool = {name: [""] for name in raw()}
    for _, cells in ODD.values():
        for name, cell in cells.items():
            pool[name].append(cell)
    frame = raw()
    for name in ("age", "marker", "grp", "stage", "treated", "note"):
        rows = generator.choice(ROWS, ROWS // 3, replace=False)
        frame.loc[rows, name] = generator.choice(pool[name], len(rows))
    everybody = of_csv(frame, tmp_path, public_file)
    for row in generator.choice(ROWS, 12, replace=False):
        others = of_csv(frame.drop(index=row), tmp_path, public_file)
        left = everybody.drop(index=row).reset_index(drop=True)
        pd.testing.assert_frame_equal(left, others, check_exact=True)


def test_what_a_row_says(tmp_path, public_file):
    frame, _ = odd("a code for a blank")
    frame.loc[1, ["age", "marker", "grp"]] = ["200", "0.01", " a"]
    read = of_csv(frame, tmp_path, public_file)
    assert read.loc[0, ["marker", "grp", "stage"]].isna().all()
    assert read.loc[1, ["age", "marker", "grp"]].tolist() == [110, 0.1, 0]
    assert (read["event"] == (frame["died"] == "dead")).all()
    assert (read["duration"] == frame["days"].astype(float)).all()


def test_a_time_between_two_dates(tmp_path, public_file):
    frame = raw()
    start = pd.Timestamp("2020-02-01")
    frame["in"] = start.strftime("%d.%m.%Y")
    ends = start + pd.to_timedelta(frame["days"].astype(int), "D")
    frame["out"] = ends.dt.strftime("%d.%m.%Y")
    public = tmp_path / "public.yaml"
    public.write_text(PUBLIC + "date_format: '%d.%m.%Y'\n")
    frame = frame.drop(columns=["patient", "note", "days"])
    data = FrameDataModule(frame, "out", "died", entry_date="in", public=public)
    assert (given(data)["duration"] == raw()["days"].astype(float)).all()
    assert data.presentation.duration == "days_since_in"
    typed = frame.assign(**{"in": start, "out": ends})
    assert given(FrameDataModule(typed, "out", "died", entry_date="in", public=public)).equals(
        given(data)
    )
    public.write_text(PUBLIC + "duration_unit: months\n")
    with pytest.raises(InputError, match="from one date to another are days"):
        FrameDataModule(frame, "out", "died", entry_date="in", public=public)


def test_other_causes_are_censored_where_that_is_asked_for(public_file):
    frame = raw().drop(columns=["patient", "note"])
    frame.loc[:4, "died"] = "moved away"
    with pytest.raises(InputError, match="causes that compete are not kept"):
        FrameDataModule(frame, "days", "died", public=public_file)
    data = FrameDataModule(frame, "days", "died", competing="censor", public=public_file)
    assert (given(data)["event"] == (frame["died"] == "dead")).all()
    asked = {"event_of_interest": "alive", "censored": "dead"}  # which counts as public
    data = FrameDataModule(
        raw().drop(columns=["patient", "note"]), "days", "died", public=public_file, **asked
    )
    assert (given(data)["event"] == (raw()["died"] == "alive")).all()


REFUSED = {
    "row 1 of the data: neither 'dead', the event, nor 'alive'": {(0, "died"): "lost"},
    "row 1 of the data: no number of at least 0": {(0, "days"): "soon"},
    "row 80 of the data: no number of at least 0": {(79, "days"): ""},
    "most cells are no public number; correct levels, unit, decimal_mark": {"marker": "1,5"},
    "column 'grp', rows 1, 2, 3, ... of the data (80 in all): most cells are no": {"grp": "Y"},
    "1 rows have more or fewer cells (rows 4); each line is read by itself": {(2, "note"): "a\nb"},
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_read_is_refused_before_anything_is_released(
    sentence, tmp_path, public_file, monkeypatch
):
    frame = raw()
    for where, cell in REFUSED[sentence].items():
        if isinstance(where, tuple):
            frame.loc[where] = cell
        else:
            frame[where] = cell
    with pytest.raises(InputError) as caught:
        of_csv(frame, tmp_path, public_file)
    assert sentence in str(caught.value)


def test_a_table_that_was_read_by_rule_is_refused(cohort, public_file):
    data = FrameDataModule(cohort, "days", "died")
    with pytest.raises(InputError, match="read by rule, so that a patient may decide"):
        PrivateCK4Gen(public=str(public_file)).fit(data)


@pytest.mark.filterwarnings("default")
def test_columns_that_the_description_lacks_are_named(public_file):
    with pytest.warns(UserWarning, match=r"left out: patient \(the public description lacks it\)"):
        data = FrameDataModule(raw(), "days", "died", public=public_file)
    assert list(data.table) == ["age", "marker", "grp", "stage", "treated", "duration", "event"]


def test_a_patient_of_several_rows_is_refused(public_file):
    """The guarantee is one for a row."""
    frame = raw().drop(columns="note")
    frame.loc[1, "patient"] = "P0"
    frame = frame.rename(columns={"patient": "patient_no"})
    with pytest.raises(InputError, match="79 patients have 80 rows"):
        FrameDataModule(frame, "days", "died", public=public_file)


def test_roles_and_requests_that_a_public_reading_has_not(cohort, tmp_path, public_file):
    said = {
        "delayed entry": {"entry": "age"},
        "strata": {"strata": "stage"},
        "'stage' is to be dropped": {"drop": ["stage"]},
    }
    for sentence, keys in said.items():
        with pytest.raises(InputError, match=sentence):
            FrameDataModule(cohort, "days", "died", public=public_file, **keys)
    file = tmp_path / "public.yaml"
    file.write_text("horizon: 9\ncolumns: {event: {levels: [0, 1]}}\n")
    with pytest.raises(InputError, match="which is the outcome's name"):
        FrameDataModule(cohort, "days", "died", public=file)


class Replayed(Mechanism):
    """Keeps what it is given, and answers as another one did."""

    def __init__(self, answers=()):
        super().__init__(3.0, 1e-5)
        self.answers, self.found, self.steps = list(answers), [], []

    def sum(self, name, rows, bound, share):
        found = super().sum(name, rows, bound, share)
        self.steps.append(in_steps(rows, bound).sum(0))
        self.found.append(self.answers.pop(0) if self.answers else found)
        return self.found[-1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a level of ten patients", "a decimal comma", "totals"])
def test_no_sum_moves_by_more_than_its_bound(name, tmp_path, public_file):
    """Of the file with one patient and without, given the same earlier releases."""
    keys = defaults("method=ck4gen_private")["method"]["release"]
    keys = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
    settings = build(PrivateSettings, "release", keys | QUICK["release"])
    frame, row = odd(name)
    first = Replayed()
    for mechanism, rows in ((first, frame), (None, frame.drop(index=row))):
        of_csv(rows, tmp_path, public_file)
        data = of_file(tmp_path / "cohort.csv", public_file)
        data.setup()
        again = mechanism or Replayed(first.found)
        private_description(data.observed, data.public, settings, again, 0)
    assert len(first.steps) == len(again.steps) > 5
    for before, after in zip(first.steps, again.steps, strict=True):
        assert sum(int(v) ** 2 for v in before - after) <= GRID**2
