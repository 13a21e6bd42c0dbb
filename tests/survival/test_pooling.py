"""Estimates of several synthetic tables, combined."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import ck4gen
from ck4gen.cli.main import main
from ck4gen.settings import InputError
from ck4gen.survival.pooling import pool


def estimates(values: list[float], error: float) -> list[pd.DataFrame]:
    return [
        pd.DataFrame({"estimate": [value], "standard_error": [error]}, index=["age"])
        for value in values
    ]


def test_rule_by_hand():
    found = estimates([0.1, 0.2, 0.6], 0.2)
    pooled = pool(found, lambda table: table, 0.95).loc["age"]
    # q = 0.3, u = 0.04, b = 0.07: T = 0.04 + 0.07 / 3, degrees of freedom 2 (1 + 3 x 0.04 / 0.07)^2
    assert pooled["estimate"] == pytest.approx(0.3)
    assert pooled["standard_error"] == pytest.approx(np.sqrt(0.04 + 0.07 / 3))
    freedom = 2 * (1 + 0.12 / 0.07) ** 2
    assert pooled["degrees_of_freedom"] == pytest.approx(freedom)
    half = stats.t.ppf(0.975, freedom) * np.sqrt(0.04 + 0.07 / 3)
    assert (pooled["low"], pooled["high"]) == pytest.approx((0.3 - half, 0.3 + half))


def test_tables_that_agree_give_the_interval_of_one():
    pooled = pool(estimates([0.5, 0.5], 0.1), lambda table: table, 0.95).loc["age"]
    assert pooled["high"] - pooled["low"] == pytest.approx(2 * 1.96 * 0.1, rel=1e-4)


@pytest.mark.parametrize("noise", [0.3, 0.5, 1.0])
def test_pooled_intervals_cover_the_truth(noise):
    """4,000 cohorts: the SD of a coverage of 0.95 is 0.0034."""
    generator = np.random.default_rng(0)
    real = generator.normal(size=4000)  # estimates of cohorts whose truth is 0, standard error 1
    tables = [
        pd.DataFrame(
            {"estimate": real + noise * generator.normal(size=4000), "standard_error": 1.0}
        )
        for _ in range(5)
    ]
    pooled = pool(tables, lambda table: table, 0.95)
    covered = (pooled["low"] < 0) & (pooled["high"] > 0)
    assert covered.mean() == pytest.approx(0.95, abs=0.014)


def test_one_table_or_other_terms_are_refused():
    with pytest.raises(InputError, match="at least two tables"):
        pool(estimates([0.1], 0.1), lambda table: table, 0.95)
    other = estimates([0.1], 0.1)[0].rename(index={"age": "sex"})
    with pytest.raises(InputError, match="age, sex"):
        pool([*estimates([0.1], 0.1), other], lambda table: table, 0.95)


def test_public_function_fits_cox_models(cohort):
    halves = [cohort.iloc[:100], cohort.iloc[100:]]
    pooled = ck4gen.pool(halves, duration="days", event="died")
    assert set(pooled.index) == {"age", "marker", "smoker", "stage[late]", "stage[middle]"}
    assert (pooled["low"] < pooled["estimate"]).all()


def test_causes_that_compete_are_said_to_count_as_censored(cohort):
    frame = cohort.assign(died=cohort["died"] * np.resize([1, 2], len(cohort)))
    with pytest.warns(
        UserWarning, match=r"of died=1; patients of whom died is 2 count as censored"
    ):
        pooled = ck4gen.pool([frame, frame], duration="days", event="died")
    censored = frame.assign(died=(frame["died"] == 1).astype(int))
    alone = ck4gen.pool([censored, censored], duration="days", event="died")
    pd.testing.assert_frame_equal(pooled, alone)


def test_a_level_of_intervals_and_tables_are_checked(cohort):
    outcome = {"duration": "days", "event": "died"}
    with pytest.raises(InputError, match="confidence is 95; it lies between 0 and 1"):
        ck4gen.pool([cohort, cohort], **outcome, confidence=95)
    with pytest.raises(InputError, match=r"table 2 has other columns than table 1 \(age, zip\)"):
        ck4gen.pool([cohort, cohort.rename(columns={"age": "zip"})], **outcome)
    with pytest.raises(InputError, match="table 2 has no rows"):
        ck4gen.pool([cohort, cohort.head(0)], **outcome)
    with pytest.raises(InputError, match="at least two tables; there are 0"):
        ck4gen.pool([], **outcome)
    with pytest.raises(InputError, match="at least two tables; there are 1"):
        ck4gen.pool(cohort, **outcome)
    with pytest.raises(InputError, match=r"'a\.csv' is a path"):
        ck4gen.pool(["a.csv", "b.csv"], **outcome)


def test_pooled_files_are_read_alike(cohort, tmp_path):
    """A comma between cells is none of numbers; 3,512 beside 983 in one table is so in all."""
    cohort["marker"] = 1001 + np.arange(len(cohort)) * 7 % 900
    plain = [cohort.iloc[:100], cohort.iloc[100:]]
    files = []
    for number, table in enumerate(plain):
        files.append(str(tmp_path / f"{number}.csv"))
        table.assign(marker=table["marker"].map("{:,}".format)).to_csv(files[-1], index=False)
    estimates = tmp_path / "estimates.csv"
    main(["pool", *files, "--duration", "days", "--event", "died", "--out", str(estimates)])
    wanted = ck4gen.pool(plain, duration="days", event="died")
    found = pd.read_csv(estimates, index_col="term")
    pd.testing.assert_frame_equal(found, wanted)


def test_a_file_that_cannot_be_written_or_read_is_named_before_the_models(tmp_path):
    none = [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    with pytest.raises(SystemExit, match=r"no such file: '.*a\.csv', '.*b\.csv'"):
        main(["pool", *none])
    with pytest.raises(SystemExit, match=r"--out .* lies in no folder that is there"):
        main(["pool", *none, "--out", str(tmp_path / "nowhere" / "out.csv")])
    with pytest.raises(SystemExit, match=r"--out .* is a folder; name a file"):
        main(["pool", *none, "--out", str(tmp_path)])


def test_what_is_left_out_is_said_in_a_line(cohort, tmp_path, capsys, recwarn):
    files = [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    for file, half in zip(files, (cohort.iloc[:100], cohort.iloc[100:]), strict=True):
        half.assign(site="a").to_csv(file, index=False)
    main(["pool", *files, "--duration", "days", "--event", "died", "--confidence", "0.995"])
    printed = capsys.readouterr().out
    assert "note: left out: site (constant in every row)" in printed
    assert "2 tables, 99.5% intervals" in printed
    assert not list(recwarn)
