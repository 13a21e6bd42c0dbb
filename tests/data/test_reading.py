"""Files as people have them give the same cells, whatever their delimiter, encoding or format."""

import gzip

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.reading import plain_frame, read_table_file
from ck4gen.data.reading.around import lines_above
from ck4gen.data.user_table import CSVDataModule
from ck4gen.settings import InputError

TEXT = "Alter,Größe,Tage\n61,1.5,200\n59,2.25,310\n"


def read(tmp_path, content, name="table.csv"):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table_file(file)


WRITTEN = {
    "comma": TEXT,
    "semicolon": TEXT.replace(",", ";"),
    "tab": TEXT.replace(",", "\t"),
    "bar": TEXT.replace(",", "|"),
    "blanks after the comma": TEXT.replace(",", ", "),
    "utf-8 with a mark": TEXT.encode("utf-8-sig"),
    "utf-16": TEXT.encode("utf-16"),
    "utf-16 without a mark": TEXT.encode("utf-16-le"),
    "latin-1": TEXT.encode("latin-1"),
    "lines of windows": TEXT.replace("\n", "\r\n"),
    "comment lines": "# exported on 3 May\n# from the registry\n" + TEXT,
    "a title": "Cohort of the north\n\n" + TEXT,
    "blank lines below": TEXT + "\n,,\n,,\n",
    "totals": TEXT + "Total,,510\nmean,1.9,\n",
    "a delimiter behind every row": TEXT.replace("0\n", "0,\n"),
    "gzip": gzip.compress(TEXT.encode()),
    "quotes": '"Alter","Größe","Tage"\n"61","1.5","200"\n"59","2.25","310"\n',
}


@pytest.mark.parametrize("way", WRITTEN)
def test_a_text_file_is_read_however_it_is_written(way, tmp_path):
    frame = read(tmp_path, WRITTEN[way]).frame
    assert list(frame) == ["Alter", "Größe", "Tage"]
    assert frame.to_numpy().tolist() == [["61", "1.5", "200"], ["59", "2.25", "310"]]


def test_row_names_of_r_become_a_column_of_their_own(tmp_path):
    frame = read(tmp_path, "age days\n".replace(" ", ",") + "1,61,200\n2,59,310\n").frame
    assert list(frame) == ["Unnamed: 0", "age", "days"]


def test_texts_after_many_numbers_are_kept(tmp_path):
    lines = "\n".join(["1,2"] * 3000 + ["late,2"])
    frame = read(tmp_path, "a,b\n" + lines).frame
    assert frame["a"].iloc[-1] == "late"
    assert len(frame) == 3001


def test_titles_of_a_sheet_stand_above_the_header():
    sheet = pd.DataFrame([["Registry", None, None], [None] * 3, ["age", "sex", None], [61, 1, 2]])
    assert lines_above(sheet) == 2
    assert lines_above(sheet.iloc[2:]) == 0


def test_a_last_patient_whose_answer_is_n_is_no_total(tmp_path):
    rows = "n,1.5,200\ny,2,310\nn,,90\n"
    assert len(read(tmp_path, "smoker,marker,days\n" + rows).frame) == 3
    assert len(read(tmp_path, "smoker,marker,days\ny,1.5,200\ny,2,310\nn,,90\n").frame) == 2


def test_texts_of_several_lines_are_one_cell(tmp_path):
    frame = read(tmp_path, 'note,age,days\n"fell, twice\nthen rose",61,200\nnone,59,310\n').frame
    assert frame["note"].tolist() == ["fell, twice\nthen rose", "none"]


BAD = {
    "a quote opens in row 2 and does not close": 'a,b,c\n1,2,x\n1,3,"see letter\n1,4,y\n1,5,z\n',
    "a quote opens in row 1 and does not close": 'a,b,c\n1,2,"x\n1,3,"z"\n1,4,y\n1,5,z\n1,6,z\n',
    "has 3 columns, but 3 rows": "a,b,c\n1,2,3,4\n1,2,3,4\n2,2,3,4\n",
    "has 2 columns, but 1 rows have more or fewer cells .rows 2.": "a,b\n1,2\n1,2,3\n4,5\n",
    "column name 'a' stands twice": "a,a\n1,2\n1,3\n",
    "is empty": "",
    "'table.csv' is no text; save the table as .csv or .xlsx": b"\xd0\xcf\x11\xe0 old Excel\0\0",
}


@pytest.mark.parametrize("sentence", BAD)
def test_a_file_that_cannot_be_read_gets_a_sentence(sentence, tmp_path):
    with pytest.raises(InputError, match=sentence):
        read(tmp_path, BAD[sentence])


def test_a_damaged_stata_file_gets_a_sentence(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read as a \.dta file"):
        read(tmp_path, b"no stata file", "table.dta")


def test_stata_gives_labels_and_meanings(cohort, tmp_path):
    file = tmp_path / "cohort.dta"
    frame = cohort.assign(stage=cohort["stage"].astype("category"))
    frame.to_stata(file, write_index=False, variable_labels={"age": "age at entry"})
    data = CSVDataModule(str(file), "days", "died", 20)
    assert data.schema["age"].meaning == "age at entry"
    assert data.schema["stage"].levels == ("early", "late", "middle")


@pytest.mark.slow
def test_every_format_gives_the_same_cohort(cohort, tmp_path):
    """Texts, factors, dates, blanks and truth values, as each format keeps them."""
    pyreadr, pyreadstat = pytest.importorskip("pyreadr"), pytest.importorskip("pyreadstat")
    first = pd.Timestamp("2019-03-01") + pd.to_timedelta(cohort["age"] * 9, unit="D")
    last = first + pd.to_timedelta(cohort["days"] + 1, unit="D")
    frame = cohort.drop(columns="days").assign(first=first, last=last)
    frame = frame.assign(stage=frame["stage"].astype("category"))
    frame.loc[5:30, "marker"] = np.nan
    dates = frame.assign(first=first.dt.date, last=last.dt.date)
    coded = dates.assign(stage=frame["stage"].cat.codes + 1.0)
    labels = {"stage": dict(enumerate(frame["stage"].cat.categories, 1))}
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    frame.to_stata(tmp_path / "a.dta", write_index=False)
    pyreadr.write_rds(str(tmp_path / "a.rds"), dates)
    pyreadr.write_rdata(str(tmp_path / "a.rda"), dates)
    pyreadstat.write_sav(coded, str(tmp_path / "a.sav"), variable_value_labels=labels)
    pyreadstat.write_xport(dates, str(tmp_path / "a.xpt"))
    tables = {}
    for file in sorted(tmp_path.iterdir()):
        data = CSVDataModule(str(file), "last", "died", 20, missing="keep", entry_date="first")
        data.setup()
        tables[file.suffix] = data.table
    assert len(tables) == 8
    for table in tables.values():
        pd.testing.assert_frame_equal(table, tables[".csv"], check_dtype=False)


@pytest.mark.parametrize("ending", [".xlsx", ".parquet", ".sav", ".sas7bdat", ".xpt", ".rds"])
def test_a_damaged_file_of_any_format_gets_a_sentence(ending, tmp_path):
    pytest.importorskip("pyreadr")
    with pytest.raises(InputError, match=rf"cannot be read as a \{ending} file"):
        read(tmp_path, b"no such file", f"table{ending}")


def test_every_pandas_dtype_becomes_a_plain_one():
    frame = pd.DataFrame(
        {
            0: pd.arrays.SparseArray([0, 0, 1]),
            1: pd.array([1, 2, None], dtype="Int64"),
            2: pd.array([True, False, None], dtype="boolean"),
            3: pd.array(["a", None, "b"], dtype="string"),
            4: pd.to_timedelta([1, 2, 3], unit="D"),
            5: pd.date_range("2020-01-01", periods=3, tz="UTC"),
        },
        index=[7, 7, 7],
    )
    plain = plain_frame(frame)
    assert [str(plain[name].dtype) for name in "012345"] == [
        "int64",
        "float64",
        "object",
        "object",
        "float64",
        "datetime64[ns]",
    ]
    assert plain["4"].tolist() == [1.0, 2.0, 3.0]
    assert np.isnan(plain["1"].iloc[2])
    assert plain["3"].tolist() == ["a", None, "b"]


class Foreign:
    """A frame of another library: all it has is the interchange protocol."""

    def __init__(self, frame):
        self.frame = frame

    def __dataframe__(self, **keys):
        return self.frame.__dataframe__(**keys)


def test_a_frame_of_another_library_comes_through_the_protocol(cohort):
    pd.testing.assert_frame_equal(plain_frame(Foreign(cohort)), plain_frame(cohort))
