"""What a column is, decided by rule: one table per question, with the answer of a person."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.reading import Source
from ck4gen.data.understanding import (
    Question,
    Understanding,
    read_schema,
    schema_text,
    screen,
    understand,
)
from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.raw_column import number
from ck4gen.data.understanding.understand import raw_columns
from ck4gen.data.user_table import FrameDataModule
from ck4gen.experiments.read_pair import read_pair
from ck4gen.settings import InputError

ROWS = 200
RNG = np.random.default_rng(0)


def understood(frame, settings=None, **question):
    question = {"duration": "days", "event": "died", **question}
    return understand(Source(frame), Question(**question), Understanding.of(20, settings))


@pytest.fixture
def added(cohort):
    """The plan, the clean column and the schema's column of one column beside the cohort's."""

    def add(values, name="x", **question):
        result = understood(cohort.assign(**{name: values}), **question)
        plan = next(column for column in result.plan.columns if column.name == name)
        return plan, None if plan.drop else result.table[name]

    return add


def some(*values):
    """The values in turn."""
    return np.resize(np.array(values, dtype=object), ROWS)


NUMBERS = {
    ("12", "."): 12,
    ("-1.5e3", "."): -1500,
    ("1,234", "."): 1234,
    ("1,234,567.5", "."): 1234567.5,
    ("1,5", ","): 1.5,
    ("1.234,5", ","): 1234.5,
    ("<0.5", "."): 0.25,
    ("< 0,5", ","): 0.25,
    (">100", "."): 100,
    ("\u22123", "."): -3,
}


@pytest.mark.parametrize("written", NUMBERS)
def test_a_number_is_read_as_it_is_meant(written):
    assert number(*written) == NUMBERS[written]


@pytest.mark.parametrize("text", ["", "n/d", "12 mg", "1-2", "1,2,3", "0x10", "1_000"])
def test_what_is_no_number_is_none(text):
    assert np.isnan(number(text))


def table(values, delimiter="", beside=None):
    """The number columns of a table whose first column is x."""
    frame = pd.DataFrame({"x": values} | (beside or {}), dtype=object)
    return raw_columns(Source(frame, delimiter=delimiter))["x"]


MARKS = {  # cells, delimiter, another column: the last number, and whether it is a guess
    "a fraction beside": (["1,5", "3,512"], "", None, 3.512, False),
    "a leading zero": (["0,512", "3,512"], "", None, 3.512, False),
    "two groups": (["1.234.567", "3.512"], "", None, 3512, False),
    "thousands of a comma": (["1,234,567", "3,512"], ";", None, 3512, False),
    "both marks": (["1.234,567", "3.512"], "\t", None, 3512, False),
    "semicolons": (["4,101", "3,512"], ";", None, 3.512, False),
    "points in semicolons": (["4.101", "3.512"], ";", None, 3.512, True),
    "points in commas": (["4.101", "3.512"], ",", None, 3.512, False),
    "commas in commas": (["4,101", "3,512"], ",", None, 3512, True),
    "commas in tabs": (["4,101", "3,512"], "\t", None, 3.512, True),
    "commas before zeros": (["410,000", "35,000"], "", None, 35000, True),
    "the shorter beside": (["983", "1.051"], ";", None, 1051, False),
    "the shorter in commas": (["983", "1.051"], ",", None, 1051, True),
    "a slip beside": (["4", "3.512"], ",", None, 3.512, False),
    "codes beside": (["-9", "999", "0", "3.512"], ",", None, 3.512, False),
    "another column": (["4.101", "3.512"], ";", ["1,5", "2,5"], 3512, True),
    "points elsewhere": (["4.101", "3.512"], ";", ["1.5", "2.5"], 3.512, False),
    "words elsewhere": (["4.101", "3.512"], ",", ["1,2", "a"], 3.512, False),
    "round thousands": (["1,5", "2.000"], ";", None, 2000, False),
    "numbers among texts": (["3,1", 4.573], "", None, 4.573, False),
    "a unit": (["1,5 mg", "3,512 mg"], "", None, 3.512, False),
}


@pytest.mark.parametrize("case", MARKS)
def test_the_decimal_mark_is_that_of_the_column(case):
    cells, delimiter, beside, value, guess = MARKS[case]
    other = {"y": np.resize(np.array(beside, dtype=object), len(cells))} if beside else {}
    column = table(cells, delimiter, other)
    assert column.numbers[-1] == value
    assert bool(column.doubt) == guess


def test_a_guess_of_the_decimal_mark_is_said(added):
    assert "(a guess)" in added(some("4,101", "3,512"))[0].notes[0]
    assert table(["1,2", "2,3", "1"], ",").decimal == "."  # answers 1 and 2
    assert table(["1,2", "2,1", "1"], ",").doubt


def test_a_second_table_is_read_by_its_own_delimiter(cohort, tmp_path):
    file = tmp_path / "cohort.csv"
    platelets = [f"{n},345" for n in RNG.integers(100, 150, ROWS)]
    cohort.drop(columns="marker").assign(platelets=platelets).to_csv(file, index=False)
    pair = read_pair(str(file), str(file), duration="days", event="died")
    assert (pair.synthetic["platelets"] >= 100_000).all()


IDENTIFIERS = {
    "a running number": ("x", np.arange(1, ROWS + 1)),
    "a running number in any order": ("x", RNG.permutation(ROWS) + 40_001),
    "a hospital number": ("x", RNG.choice(9_000_000, ROWS, replace=False) + 1_000_000),
    "by its name": ("MRN", RNG.choice(5000, ROWS, replace=False)),
    "in two words": ("PatientNo", RNG.choice(5000, ROWS, replace=False)),
    "a row number": ("Unnamed: 0", np.arange(ROWS)),
    "codes": ("x", [f"Q{n:05d}x" for n in RNG.permutation(ROWS)]),
    "names": ("surname", [f"Smith{n % 60}" for n in range(ROWS)]),
    "e-mail addresses": ("x", [f"p{n % 30}@mail.org" for n in range(ROWS)]),
    "phone numbers": ("x", [f"+49 30 {n % 15 + 100:06d}" for n in range(ROWS)]),
    "postcodes": ("x", [f"SW{n % 9 + 1}A {n % 9 + 1}AB" for n in range(ROWS)]),
    "names with titles": ("x", some("Dr. Abel", "Prof. Braun", "Dr. Conrad")),
    "surgeons": ("surgeon", some("Abel", "Braun")),
    "contacts": ("contact", some("Anna Abel", "Berta Braun")),
    "doctors by surname": ("gp", some("Abel, Otto", "Braun, Ida", "Öztürk, Uwe")),
    "IP addresses": ("x", some("10.0.0.1", "10.0.0.2", "10.0.1.4")),
    "free text": ("x", [f"seen on ward {n} with family" for n in range(ROWS)]),
    "postcodes as numbers": ("PLZ", RNG.integers(10_000, 99_999, ROWS)),
    "coordinates": ("ycoord", RNG.normal(size=ROWS)),
    "a birth in German": ("Geburtsdatum", pd.date_range("1940-01-01", periods=ROWS)),
    "a date of birth": ("DateOfBirth", pd.date_range("1940-01-01", periods=ROWS)),
}


@pytest.mark.parametrize("kind", IDENTIFIERS)
def test_what_names_a_patient_is_never_released(kind, added):
    name, values = IDENTIFIERS[kind]
    plan, _ = added(values, name)
    assert plan.drop


HARMLESS = {
    "platelets": RNG.choice(400_000, ROWS, replace=False) + 60_000,
    "a measurement": RNG.normal(size=ROWS),
    "few identical numbers": RNG.integers(20, 90, ROWS),
    "valid": RNG.integers(0, 3, ROWS),  # the name holds "id", but not as a word
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_measurement_is_no_identifier(name, added):
    plan, clean = added(HARMLESS[name], name)
    assert plan.kind == "numeric"
    assert np.array_equal(clean, HARMLESS[name])


AGES = RNG.integers(20, 90, ROWS)


def coded(values, *codes, rows=5):
    """The values, with each code in so many rows."""
    return np.r_[np.repeat(codes, rows), values[rows * len(codes) :]]


MISSING = {
    "888 and 999": (coded(AGES, 888, 999), 10),
    "-88 and -99": (coded(AGES, -88, -99), 10),
    "-999 beside negative ones": (coded(AGES - 50, -999), 5),
    "98 and 99": (coded(AGES % 6, 98, 99), 10),
    "98, 99 and 9": (coded(AGES % 4, 9, 98, 99), 15),
    "7 and 9": (coded(AGES % 3, 7, 9), 10),
    "777 and 999": (coded(AGES, 777, 999, rows=1), 2),
    "-9": (np.where(np.arange(ROWS) % 10, RNG.normal(50, 5, ROWS), -9), 20),
    "999": (np.where(np.arange(ROWS) % 10, RNG.integers(20, 90, ROWS), 999), 20),
    "9": (np.where(np.arange(ROWS) % 10, RNG.integers(0, 4, ROWS), 9), 20),
    "a point": (np.where(np.arange(ROWS) % 10, RNG.integers(0, 90, ROWS).astype(str), "."), 20),
    "a late word": (["n/d", *RNG.integers(0, 90, ROWS - 1).astype(str)], 1),
    "unknown": (np.where(np.arange(ROWS) % 2, RNG.integers(0, 90, ROWS).astype(str), "unk"), 100),
}


@pytest.mark.parametrize("code", MISSING)
def test_a_code_for_a_blank_is_a_blank(code, added):
    values, blanks = MISSING[code]
    plan, clean = added(values)
    assert plan.kind == "numeric"
    assert clean.isna().sum() == blanks


VALUES = {
    "88 of ages": np.r_[RNG.integers(20, 97, ROWS - 20), [77, 88, 66, 96] * 5],
    "777 of one": coded(AGES, 777, rows=1),
    "7 without a 9": coded(AGES % 3, 7),
    "7 and 9 of one": coded(AGES % 3, 7, 9, rows=1),
    "scores": RNG.choice([6, 7, 8, 9, 10], ROWS),
    "99 of a count": np.r_[RNG.integers(0, 98, ROWS - 5), [99] * 5],
    "a site called 9": RNG.choice([1, 2, 3, 4, 5, 9], ROWS),
    "negative numbers": RNG.integers(-12, 12, ROWS),
    "minus one beside 0 and 1": RNG.choice([-1, 0, 1], ROWS),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_number_that_may_be_a_value_is_one(case, added):
    _, clean = added(VALUES[case])
    assert not clean.isna().any()


def test_none_and_unknown_are_levels_of_a_column_of_texts(added):
    plan, clean = added(some("None", "radiotherapy", "unknown"))
    assert set(plan.levels) == {"None", "radiotherapy", "unknown"}
    assert not clean.isna().any()


def test_spellings_are_merged_to_the_most_frequent_word(added):
    plan, clean = added(some("male", "female", "male", "Male", "male ", "M", "FEMALE", "f"))
    assert plan.levels == ("female", "male")
    assert (clean == "male").sum() == ROWS * 5 / 8


def test_levels_that_only_look_alike_are_said_and_kept(added):
    plan, _ = added(some("adenocarcinoma", "adenocarcinomas", "other"))
    assert len(plan.levels) == 3
    assert "look alike" in plan.notes[0]


ORDERS = {
    ("severe", "mild", "moderate"): ("mild", "moderate", "severe"),
    ("III", "I", "IV", "II"): ("I", "II", "III", "IV"),
    ("Stage IIb", "Stage IIa", "Stage I"): ("Stage I", "Stage IIa", "Stage IIb"),
    ("high", "low", "medium"): ("low", "medium", "high"),
    ("65+", "<50", "50-64"): ("<50", "50-64", "65+"),
}


@pytest.mark.parametrize("levels", ORDERS)
def test_words_with_an_order_have_it(levels, added):
    plan, _ = added(some(*levels))
    assert plan.levels == ORDERS[levels]
    assert plan.ordered


def test_rare_levels_are_pooled(added):
    values = some("ductal", "lobular")
    values[:10] = ["mucinous", "mucinous", "tubular", "tubular", *"stuvwx"]
    plan, clean = added(values)
    assert plan.levels == ("ductal", "lobular", "other")
    assert (clean == "other").sum() == 10
    assert "8 rare levels (10 rows) merged into other" in plan.notes


@pytest.mark.parametrize("rare", [["x"], ["x", "X"], ["A", "y"], ["Other"], ["Other"] * 9])
@pytest.mark.parametrize("levels", ["ab", "abcd"])
def test_fewer_patients_of_rare_levels_than_a_level_needs_change_no_other(rare, levels, added):
    values = some(*levels, "b", "b")
    without, before = added(values)
    values[: len(rare)] = rare
    plan, clean = added(values)
    assert plan.column() == without.column()
    assert clean[: len(rare)].isin(list(levels)).all()
    assert clean[len(rare) :].tolist() == before[len(rare) :].tolist()


def test_a_rare_stratum_joins_the_most_frequent_one(cohort):
    site = np.resize(["a", "b", "b"], ROWS).astype(object)
    site[7] = "z"
    result = understood(cohort.assign(site=site), strata=("site",))
    assert result.table["site"][7] == "b"


@pytest.mark.parametrize(("odd", "told"), [(9, False), (10, True)])
def test_the_recipient_is_told_of_merged_spellings_of_ten_rows(odd, told, cohort):
    sex = np.resize(["male", "female"], ROWS).astype(object)
    sex[:odd] = "Male"
    (column,) = (
        c for c in understood(cohort.assign(sex=sex)).plan.presentation.columns if c.name == "sex"
    )
    assert column.merged == told


def test_rare_levels_join_the_columns_own_word_for_others(added):
    values = some("Other", "ductal", "lobular")
    values[:2] = "tubular"
    assert added(values)[0].levels == ("ductal", "lobular", "Other")


def test_levels_that_are_all_rare_are_not_kept(added):
    plan, _ = added([f"clinic {k}" for k in np.resize(np.arange(60), ROWS)])
    assert (plan.kind, plan.drop) == ("", "no two levels have enough patients")


def test_a_rare_level_with_an_order_goes_to_its_neighbour(added):
    values = some("I", "II", "III")
    values[:3] = "IV"
    plan, clean = added(values)
    assert plan.levels == ("I", "II", "III")
    assert (clean == "III").sum() == (values == "III").sum() + 3


def mostly(common, *others):
    """A column of one value but for the first cells."""
    values = some(common)
    values[: len(others)] = others
    return values


LONE = ("jumped from Rhine bridge 3 May", "daughter of the mayor of Bonn", "likes to sing a lot")
ALONE = {
    "sentences beside blanks": ("x", mostly("", *LONE[:2])),
    "one sentence": ("x", mostly("none", LONE[0])),
    "several sentences": ("x", mostly("none", *LONE)),
    "a diagnosis": ("x", mostly("no", "Prader-Willi")),
    "one truth": ("x", mostly(False, True)),
    "one 1": ("x", mostly(0, 1)),
    "three extremes": ("x", mostly(0, 3, 12, 37)),
    "an extreme of two values": ("x", mostly(0, 37, 37, 37)),
    "few surnames": ("surname", some("Smith", "Kohl")),
    "few names of patients": ("pat_name", some("A. Smith", "B. Kohl")),
    "few cities": ("city", some("Bonn", "Kiel")),
    "few postcodes": ("plz", some(53111, 53113, 53115)),
}


@pytest.mark.parametrize("kind", ALONE)
def test_what_single_patients_have_is_left_out(kind, added):
    name, values = ALONE[kind]
    plan, _ = added(values, name)
    assert plan.drop
    assert not any(text in plan.drop for text in (*LONE, "Prader-Willi", "12", "37"))


def test_a_warning_of_a_column_that_is_left_out_quotes_no_cell(cohort):
    note = np.where(np.arange(ROWS) == 7, "patient Maria Testpatient called", "")
    frame = cohort.assign(note=note, ward="north", dose=np.where(np.arange(ROWS) == 7, 37, np.nan))
    with pytest.warns(UserWarning, match="left out: note") as said:
        data = FrameDataModule(frame, "days", "died", missing="keep")
    assert not any(cell in str(said[0].message) for cell in ("Maria", "north", "37"))
    assert "note: one value or blank (patient Maria Testpatient called)" in screen(data.plan)


def test_the_rarer_of_two_levels_keeps_a_plain_name_only(added):
    assert added(mostly("no", *["yes"] * 6))[0].levels == ("no", "yes")
    plan, clean = added(mostly("no", *["Prader-Willi"] * 6))
    assert (plan.levels, (clean == "other").sum()) == (("no", "other"), 6)
    plan, _ = added(mostly(0, *[1] * 6))
    said = "only 6 rows are 1: a table may have none; --drop leaves it out"
    assert (plan.kind, plan.notes) == ("binary", (said,))
    assert added(mostly(1, *[2] * 6))[0].kind == "numeric"


def test_a_name_of_people_that_is_asked_with_yes_or_no_is_a_level(added):
    assert added(some("yes", "no"), "mobile")[0].levels == ("no", "yes")
    assert added(some(1, 2, 3), "zip")[0].kind == "numeric"


BANDS = {
    "beside a common one": (("20-29",) * 80 + ("30-39",) * 116 + ("100-104",) * 4, "30-39"),
    "all rare": (("20-29",) * 189 + ("90-99",) * 7 + ("100-104",) * 4, "90-99"),
    "two rare ends": (("<20",) * 8 + ("20-29",) * 190 + ("30+",) * 2, "other"),
}


@pytest.mark.parametrize("case", BANDS)
def test_neighbours_have_the_name_of_their_common_level(case, added):
    bands, name = BANDS[case]
    assert added(np.array(bands, object))[0].levels == ("20-29", name)


def test_more_levels_than_allowed_leave_the_most_frequent(added):
    plan, clean = added([f"clinic {int(n)}" for n in np.minimum(RNG.exponential(8, ROWS), 60)])
    assert len(plan.levels) <= 20
    assert plan.levels[-1] == "other"
    assert clean.value_counts().drop("other").min() >= 10


GRIDS = {
    "tens": (RNG.choice([50, 60, 70, 80, 90, 100], ROWS), 10, ()),
    "whole": (RNG.integers(0, 40, ROWS), 1, ()),
    "hundredths": (RNG.integers(0, 4000, ROWS) / 100, 0.01, ()),
    "continuous": (RNG.normal(size=ROWS), 0, ()),
    "gaps": (RNG.choice([1, 2, 3, 5, 9], ROWS), 1, (1, 2, 3, 5, 9)),
    "halves": (RNG.integers(0, 9, ROWS) / 2, 0.5, ()),
}


@pytest.mark.parametrize("grid", GRIDS)
def test_a_number_has_the_grid_that_its_values_lie_on(grid, added):
    values, step, own = GRIDS[grid]
    plan, _ = added(values)
    assert plan.step == step
    assert plan.values == own


ODD = {
    "a decimal among whole numbers": (RNG.normal(26, 3, ROWS).round(), 27.14159265, 27),
    "a whole number among tens": (RNG.integers(10, 19, ROWS) * 10.0, 123, 120),
    "a third decimal": (RNG.integers(100, 4000, ROWS) / 100, 7.123, 7.12),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_cell_does_not_decide_the_grid(kind, added):
    values, odd, moved = ODD[kind]
    values[3] = moved
    plan, clean = added(values)
    values[3] = odd
    with_odd, clean_odd = added(values)
    assert with_odd.column() == plan.column()
    assert clean_odd.tolist() == clean.tolist()
    assert "1 values beside the steps are moved to them" in with_odd.notes
    values[:20] = odd  # more than a few
    assert added(values)[0].step != plan.step


def test_a_few_numbers_among_zeros_are_no_odd_cells(added):
    values = np.zeros(ROWS)
    values[:12] = [13, 17, 22, 29, 31, 37, 41, 47, 53, 59, 60, 70]
    plan, clean = added(values)
    assert (plan.step, clean[0]) == (1, 13)


def test_a_blank_pattern_that_few_rows_break_is_one(cohort):
    marker = cohort["marker"].mask(np.arange(ROWS) % 4 == 0)
    for broken in (0, 1, 9, 10):
        frame = cohort.assign(crp=marker, il6=marker.mask(np.arange(ROWS) % 20 == 1, np.nan))
        frame.loc[frame.index % 20 == 1, "il6"] = 2.0
        frame.loc[frame.index[1 : 4 * broken : 4], "il6"] = np.nan
        plan = understood(frame, missing="keep").plan
        together = [of for of in plan.blanks.values() if "crp" in of]
        assert together == ([("crp", "il6")] if broken < 10 else [("crp",)])
        said = f"crp, il6 are blank together but for {broken} rows, where blanks are filled"
        assert (said in plan.notes) == (0 < broken < 10)


def test_a_thin_tail_leaves_no_gaps_of_codes(added):
    creatinine = np.r_[np.repeat([0.7, 0.8, 0.9, 1.0], ROWS // 4 - 1), 1.3, 1.7, 2.5, 6.4]
    assert added(creatinine)[0].values == ()
    assert added(np.repeat([0.0, 3.0, 12.0, 37.0], [173, 9, 9, 9]))[0].values == ()
    site_like = np.r_[np.repeat([1.0, 2.0, 3.0, 4.0], ROWS // 4)[1:], 9.0]
    assert added(site_like)[0].values == (1, 2, 3, 4)


def test_integers_that_name_a_site_are_categories(added):
    plan, clean = added(RNG.choice([1, 2, 3, 9], ROWS), "site")
    assert plan.kind == "categorical"
    assert set(clean) == {"1", "2", "3", "9"}


def test_many_codes_of_places_are_pooled_and_number_no_patients(added):
    codes = np.minimum(RNG.exponential(8, ROWS).astype(int), 30)
    for name in ("site", "centre_no", "hospital_code"):
        plan, clean = added(codes, name)
        assert (plan.kind, plan.levels[-1]) == ("categorical", "other")
        assert clean.value_counts().drop("other").min() >= 10
    assert added(codes, "treatment_days")[0].kind == "numeric"
    assert "enough patients" in added(np.resize(np.arange(40), ROWS), "hospital_code")[0].drop


CODES = {
    "leading zeros": ("007", "042", "101"),
    "sites": ("001", "002", "003"),
    "places on a plate": ("1E2", "1E3", "2E2"),
    "letters": ("1a", "2a", "3a"),
    "scores with a plus": ("0", "1+", "2+", "3+"),
}


@pytest.mark.parametrize("kind", CODES)
def test_numbers_that_are_codes_stay_as_they_are_written(kind, added):
    plan, clean = added(some(*CODES[kind]))
    assert (plan.kind, plan.levels) == ("categorical", CODES[kind])
    assert clean.iloc[0] == CODES[kind][0]


def test_one_leading_zero_is_a_slip_and_a_schema_file_may_say_so_of_many(added):
    plan, clean = added(["05", *AGES[1:].astype(str)])
    assert (plan.kind, clean[0]) == ("numeric", 5)
    given = {"x": ColumnPlan("x", "numeric")}
    assert added(some("007", "042"), column_plans=given)[1].iloc[0] == 7


def test_what_is_above_all_others_is_a_number(added):
    plan, clean = added([*AGES[5:].astype(str), *["90+"] * 5])
    assert (plan.kind, clean.iloc[-1]) == ("numeric", 90)
    assert plan.notes == ("90+ is read as 90",)


def test_detection_limits_are_numbers(added):
    values = RNG.lognormal(0, 1, ROWS).round(1)
    plan, clean = added([f"{v}" if v >= 0.5 else "<0.5" for v in values])
    assert plan.kind == "numeric"
    assert (clean[values < 0.5] == 0.25).all()
    assert plan.meaning == "0.25 stands for <0.5"
    few, _ = added(["<0.5"] * 9 + [f"{v}" for v in values[9:]])  # would tell of nine patients
    assert few.meaning == ""
    assert added(some("<=2cm", ">2cm"))[0].kind == "categorical"
    assert added(some("<65", ">=65"))[0].levels == ("<65", ">=65")


def test_a_unit_behind_every_number_is_the_units(added):
    plan, clean = added(some("5 %", "12.5 %", "40 %", ""))
    assert (plan.kind, plan.unit, clean[1]) == ("numeric", "%", 12.5)
    assert added(some("5 mg", "5 ml"))[0].kind == "categorical"
    assert [added(some(f"5{u}", f"7{u}"))[0].unit for u in ("mg", "mmol/l", " pk")] == [
        "mg",
        "mmol/l",
        "pk",
    ]
    assert added(some("+", "-"))[0].levels == ("+", "-")
    bare = np.array([f"{n} mg" for n in RNG.integers(1, 50, ROWS)], object)
    bare[0] = "12"
    plan, clean = added(bare)
    assert (plan.kind, plan.unit, clean[0]) == ("numeric", "mg", 12)
    assert "1 numbers without a unit count as mg" in plan.notes


def test_a_word_beside_few_codes_is_a_level_where_it_has_enough_patients(added):
    values = some("1", "2", "3")
    values[:10] = "anaplastic"
    assert added(values)[0].levels == ("1", "2", "3", "anaplastic")
    values[:1] = "1"
    plan, clean = added(values)
    assert (plan.kind, clean.isna().sum()) == ("numeric", 9)


def test_what_may_be_a_name_and_is_none_is_a_level(added):
    assert added(some("direct", "indirect"), "contact")[0].levels == ("direct", "indirect")
    assert added(some("A", "B", "C"), "surgeon")[0].levels == ("A", "B", "C")
    assert added(some("DR4", "DR 7"), "hla")[0].levels == ("DR 7", "DR4")


def test_the_plan_shows_what_the_file_says_of_a_column_and_who_reads_it(cohort):
    question = Question("days", "died")
    source = Source(cohort, meanings={"age": "age in years, oldest is M. Testpatient"})
    said = screen(understand(source, question, Understanding.of(20)).plan)
    assert "goes to the recipient, as the meaning of a column:\n  age: age in years, oldest" in said


DATES = {
    "%Y-%m-%d": ("2015-03-31", "2016-01-02"),
    "%d.%m.%Y": ("31.03.2015", "02.01.2016"),
    "%d/%m/%Y": ("31/03/2015", "02/01/2016"),
    "%m/%d/%Y": ("03/31/2015", "01/02/2016"),
    "%Y%m%d": (20150331, 20160102),
}


@pytest.mark.parametrize("form", DATES)
def test_a_date_becomes_days_since_1970(form, added):
    plan, clean = added(some(*DATES[form]))
    assert (plan.kind, plan.date_format, plan.origin) == ("date", form, "1970-01-01")
    assert clean.iloc[:2].tolist() == [16525, 16802]


def test_the_first_date_does_not_decide_the_origin(added):
    dates = pd.Series(pd.date_range("2015-01-01", periods=ROWS))
    early = dates.where(dates.index > 0, pd.Timestamp("1987-03-17"))
    assert added(early)[0].column() == added(dates)[0].column()
    assert added(early)[1][1:].tolist() == added(dates)[1][1:].tolist()


@pytest.mark.parametrize(
    "name", ["gebdat", "geb", "birth", "date_naiss", "born", "nascita", "fecha_nac", "Geburt"]
)
def test_dates_called_as_births_are_left_out_and_weights_at_birth_are_not(name, added):
    assert "birth" in added(pd.date_range("1940-01-01", periods=ROWS), name)[0].drop
    assert not added(RNG.normal(3300, 400, ROWS).round(), name + "_weight")[0].drop


STAND_INS = {
    "1900-01-01": "%Y-%m-%d",
    "31.12.9999": "%d.%m.%Y",
    "11111111": "%Y%m%d",
    "09/09/9999": "%d/%m/%Y",
}


@pytest.mark.parametrize("text", STAND_INS)
def test_a_date_that_stands_for_none_is_a_blank_or_a_fault(text, added, cohort):
    days = pd.Series(pd.date_range("2015-01-01", periods=ROWS))
    dates = days.dt.strftime(STAND_INS[text]).where(days.index >= 12, text)
    plan, clean = added(dates)
    assert (plan.kind, plan.missing, plan.origin) == ("date", (text,), "1970-01-01")
    assert (clean.isna().sum(), clean[12]) == (12, 16448)
    frame = cohort.drop(columns="days").assign(seen="2014-01-01", last=dates)
    with pytest.raises(InputError, match=f"{text} is far from all other dates"):
        understood(frame, duration="last", entry_date="seen")


def test_a_date_near_others_is_one(added):
    with_years = pd.Series(pd.date_range("1901-06-01", periods=ROWS)).astype(str)
    with_years[:3] = "1900-01-01"
    assert added(with_years)[0].missing == ()
    excel = pd.Series(pd.date_range("2015-01-01", periods=ROWS))
    excel[:3] = pd.Timestamp("1900-01-01")
    assert added(excel)[1].isna().sum() == 3


def test_a_code_in_the_time_is_refused_where_rows_share_it(cohort):
    days = cohort["days"]
    with pytest.raises(
        InputError, match=r"rows 1, 2, 3 of the data: 99999 is far beyond all other times"
    ):
        understood(cohort.assign(days=days.where(days.index > 2, 99999)))
    one = understood(cohort.assign(days=days.where(days.index > 0, 99999))).plan
    assert "99999 is far beyond" in one.duration.notes[0]


def test_constant_and_empty_columns_are_left_out(added):
    assert "constant" in added(["north"] * ROWS)[0].drop
    assert added([None] * ROWS)[0].drop == "every cell is blank"


def test_the_outcome_once_more_is_left_out(cohort):
    died_on = pd.Series(pd.date_range("2015-01-01", periods=ROWS)).where(cohort["died"] == 1)
    frame = cohort.assign(months=(cohort["days"] / 30.4).round(1), died_on=died_on)
    frame["died_in"], frame["log_days"] = died_on.dt.month, np.log(cohort["days"] + 1).round(3)
    frame["seen"] = pd.date_range("2012-01-01", periods=ROWS)
    frame["left"] = frame["seen"] + pd.to_timedelta(cohort["days"], unit="D")
    dropped = {c.name: c.drop for c in understood(frame).plan.columns if c.drop}
    assert set(dropped) == {"months", "died_on", "died_in", "log_days", "left"}
    assert dropped["died_in"] == "known of events only"
    everyone = understood(cohort.assign(died=1)).plan
    assert [c.name for c in everyone.kept] == ["age", "marker", "smoker", "stage"]


def test_dates_that_fall_with_the_age_are_births(cohort):
    born = pd.Timestamp("2015-01-01") - pd.to_timedelta(cohort["age"] * 365 + 100, unit="D")
    seen = pd.date_range("2015-01-01", periods=ROWS)
    plans = understood(cohort.assign(first=born, seen=seen)).plan.columns
    assert {c.name for c in plans if c.drop} == {"first"}


EVENTS = {
    "0 and 1": ({0: 0, 1: 1}, ""),
    "true and false": ({0: False, 1: True}, "by its word"),
    "yes and no": ({0: "no", 1: "Yes"}, "by its word"),
    "Y and N": ({0: "N", 1: "Y"}, "by its word"),
    "dead and alive": ({0: "alive", 1: "dead"}, "by its word"),
    "R's 1 and 2": ({0: 1, 1: 2}, "a guess: 1 and 2 as R codes them"),
    "SPSS": ({0: "0=censored", 1: "1=death"}, "by its word"),
    "floats": ({0: 0.0, 1: 1.0}, ""),
    "-1 and 1": ({0: -1, 1: 1}, "a guess: 1 beside -1"),
    "German": ({0: "nein", 1: "ja"}, "by its word"),
    "sentences": ({0: "Alive with disease", 1: "Dead of disease"}, "by its word"),
}


@pytest.mark.parametrize("coding", EVENTS)
def test_the_event_is_read_and_written_in_the_users_coding(coding, cohort):
    words, reason = EVENTS[coding]
    result = understood(cohort.assign(died=cohort["died"].map(words)))
    assert result.plan.event.reason == reason
    assert np.array_equal(result.table["event"], cohort["died"])
    back = result.plan.presentation.table(result.table)["died"]
    assert back.astype(str).tolist() == [str(words[d]).removesuffix(".0") for d in cohort["died"]]


@pytest.mark.parametrize("name", ["start", "start_time", "tstart", "entry days"])
def test_the_start_of_an_interval_is_told_by_the_whole_name(name, cohort):
    frame = cohort[cohort["days"] > 0].reset_index(drop=True)
    with pytest.raises(InputError, match="looks like the start of an interval"):
        understood(frame.assign(**{name: frame["days"] // 2}))
    understood(frame.assign(km_from_clinic=frame["days"] // 2))


def test_a_doubtful_direction_is_said(cohort):
    notes = understood(cohort.rename(columns={"died": "censored"}), event="censored").plan.event
    assert "the name says censoring" in notes.notes[0]
    rare = cohort.assign(died=(np.arange(ROWS) < 3).astype(int))
    assert "1.5% of the rows have the event" in understood(rare).plan.event.notes[0]


def test_two_dates_make_a_duration(cohort):
    entry = pd.Series(pd.date_range("2015-01-01", periods=ROWS))
    end = entry + pd.to_timedelta(cohort["days"], unit="D")
    frame = cohort.drop(columns="days").assign(
        seen=entry.dt.strftime("%d.%m.%Y"), last=end.dt.strftime("%Y-%m-%d")
    )
    result = understood(frame, duration="last", entry_date="seen")
    assert np.array_equal(result.table["duration"], cohort["days"])
    assert result.plan.duration.unit == "days"
    assert "days_since_seen" in result.plan.presentation.table(result.table)
    with pytest.raises(InputError, match=r"the date lies before that in 'last'.* exchange"):
        understood(frame, duration="seen", entry_date="last")
    with pytest.raises(InputError, match=r"'days': holds numbers.* give no --entry-date"):
        understood(frame.assign(days=cohort["days"]), duration="days", entry_date="seen")


def test_levels_whose_hazard_ratio_rests_on_one_or_two_patients_are_named(cohort):
    died = np.flatnonzero(cohort["died"] == 1)
    censored = np.flatnonzero(cohort["died"] == 0)
    rare, arm, marker = np.zeros(ROWS, int), np.full(ROWS, "plain", object), cohort["marker"].copy()
    rare[[*died[:2], *censored[:30]]] = 1
    arm[[*died[:3], *censored[:30]]] = "with three"
    marker[[*died[:1], *censored[:20]]] = np.nan
    frame = cohort.assign(rare=rare, arm=arm, marker=marker)
    events = len(died)
    (note,) = (n for n in understood(frame, missing="keep").plan.notes if "hardly" in n)
    assert note.startswith(
        f"hardly an event: rare = 1 (2 of {events}), marker is missing (1 of {events});"
    )
    assert not any("hardly" in note for note in understood(cohort).plan.notes)


def test_repeated_patients_and_start_times_are_refused(cohort):
    repeated = cohort.assign(patient_id=np.repeat(np.arange(ROWS // 2), 2))
    with pytest.raises(
        InputError, match=r"'patient_id', rows 2, 4, 6, ... of the data .100 in all.: 100 pati"
    ):
        understood(repeated)
    with pytest.raises(InputError, match="column 'start': looks like the start of an interval"):
        understood(cohort[cohort["days"] > 0].assign(start=lambda f: f["days"] // 2))


def test_what_should_be_looked_at_is_said(cohort):
    frame = pd.concat([cohort, cohort.head(5)], ignore_index=True)
    same = frame.index % 4 == 0  # mostly the same would be left out
    frame["pfs_days"] = np.where(same, frame["days"], frame["days"] // 2)
    frame["stop"] = frame["days"] + 1 + frame["age"] % 7 * 200
    notes = understood(frame).plan.notes
    assert "is --duration stop --entry days" in notes[1]
    assert notes[::2] == (
        "5 rows stand in the table before, cell by cell",
        "pfs_days looks like a second follow-up time; drop it if it is an outcome",
    )


def test_blanks_of_one_pattern_share_an_indicator_and_come_back(cohort):
    rows = cohort.index % 5 == 0
    frame = cohort.astype({"marker": object, "stage": object})
    frame.loc[rows, ["marker", "stage"]] = None
    frame.loc[:2, "age"] = np.nan
    result = understood(frame)
    assert result.plan.blanks == {"marker is missing": ("marker", "stage")}
    frame["stage"] = frame["stage"].where(~rows, "missing")
    word = understood(frame)
    assert (word.plan.presentation.table(word.table)["stage"] == "missing").sum() == rows.sum()
    own = understood(frame.assign(**{"marker is missing": cohort["smoker"]}))
    assert list(own.plan.blanks) == ["marker is missing_"]
    back = result.plan.presentation.table(result.table)
    assert np.array_equal(back["marker"].isna(), rows)
    assert np.array_equal(back["stage"].isna(), rows)


def test_a_covariate_may_have_the_name_of_the_outcome(cohort):
    result = understood(cohort.assign(event=cohort["smoker"], duration=cohort["age"]))
    assert result.schema.names[-2:] == ["event_", "duration_"]
    assert list(result.plan.presentation.table(result.table))[-4:] == [
        "event",
        "duration",
        "days",
        "died",
    ]


def test_the_screen_says_rows_events_columns_and_what_is_left_out(cohort):
    text = screen(understood(cohort.assign(mrn=np.arange(ROWS)), drop=["smoker"]).plan)
    assert text.startswith(f"200 rows, {cohort['died'].sum()} events (")
    assert "\n  stage: categorical, 3 levels in order: early, middle, late\n" in text
    assert "\nleft out:\n  smoker: as asked\n  mrn: " in text
    assert len(text.splitlines()) < 20


def test_a_schema_file_reads_the_table_as_it_says(cohort, tmp_path):
    file = tmp_path / "schema.yaml"
    frame = cohort.assign(mrn=np.arange(ROWS), site=np.resize([1, 2, 3], ROWS))
    plan = understood(frame).plan
    file.write_text(schema_text(plan))
    again = understood(frame, column_plans=read_schema(file).columns)
    assert schema_text(again.plan) == schema_text(plan)
    edited = schema_text(plan).replace("- early\n    - middle\n    - late", "- late\n    - early")
    file.write_text(edited.replace("    ordered: true\n", "    merge: {middle: early}\n"))
    stage = understood(frame, column_plans=read_schema(file).columns).schema["stage"]
    assert stage.levels == ("late", "early")


GIVEN = {
    "two levels": ("kind: categorical, levels: [none, Prader-Willi]", mostly("none", LONE[0])),
    "levels": ("kind: categorical, levels: [b, a, LONE]", some("a", "b")),
    "a side": ("kind: binary", mostly(0, 1)),
    "values": ("kind: numeric, values: [0, 3, 12]", mostly(0, 12, *[3] * 20)),
}


@pytest.mark.parametrize("kind", GIVEN)
def test_what_single_patients_have_is_left_out_of_a_given_plan(kind, cohort, tmp_path):
    entry, values = GIVEN[kind]
    values = np.where(values == LONE[0], "Prader-Willi", values).astype(object)
    if kind == "levels":
        values[0] = "LONE"
    file = tmp_path / "schema.yaml"
    file.write_text(f"columns: {{x: {{{entry}}}}}")
    plan = understood(cohort.assign(x=values), column_plans=read_schema(file).columns).plan
    x = next(column for column in plan.columns if column.name == "x")
    left = {"levels": ("b", "a"), "values": (0, 3)}
    assert (x.levels or x.values) == left.get(kind, ())
    assert bool(x.drop) == (kind not in left)


def test_too_many_columns_are_refused_before_they_are_looked_at(cohort):
    few = {"max_columns": 4, "wide_columns": 5, "wide_rows": ROWS - 1}
    with pytest.raises(InputError, match="there are 6 columns; at most 4 can be used"):
        understood(cohort, few)
    understood(cohort, few, drop=["age", "smoker"])
    with pytest.raises(InputError, match=f"at most 5 can be used with {ROWS} rows"):
        understood(cohort, few | {"wide_rows": ROWS})
    understood(cohort, few | {"wide_rows": ROWS}, drop=["age"])


WRONG = {
    "column 'age' has kind 'number'; choose one of numeric": "columns: {age: {kind: number}}",
    "column 'age' has no key 'level'": "columns: {age: {kind: numeric, level: 1}}",
    "has no columns; start from": "age: numeric",
    "is no YAML": "columns: {",
    "has no key 'outcome'": "columns: {}\noutcome: 1",
}


@pytest.mark.parametrize("sentence", WRONG)
def test_a_wrong_schema_file_gets_a_sentence(sentence, tmp_path):
    file = tmp_path / "schema.yaml"
    file.write_text(WRONG[sentence])
    with pytest.raises(InputError, match=sentence):
        read_schema(file)


def test_a_cell_that_does_not_fit_the_schema_is_named(cohort, tmp_path):
    file = tmp_path / "schema.yaml"
    file.write_text("columns: {stage: {kind: categorical, levels: [early, late]}}")
    with pytest.raises(InputError, match=r"column 'stage', rows .*'middle' does not fit the plan"):
        understood(cohort, column_plans=read_schema(file).columns)
