import json
import warnings

import numpy as np
import pytest
import yaml

import ck4gen
from ck4gen.data.public_description import public_description
from ck4gen.experiments.ledger import note_spent
from ck4gen.experiments.prepare import prepared
from ck4gen.experiments.run import generate
from ck4gen.methods.private_ck4gen import RELEASE, PrivateCK4Gen
from ck4gen.private import release
from ck4gen.private.mechanism import total_mu
from ck4gen.settings import InputError
from conftest import compose

# few steps, after noise that no seed repeats
pytestmark = pytest.mark.filterwarnings("ignore:calibration was not met")

TABLES = "synthetic.csv", "synthetic-2.csv"
QUICK = {"release": {"pool": 2000, "iterations": 5}, "calibration": {"steps": 20}}


@pytest.fixture(scope="module")
def whas500():
    return ck4gen.load("whas500")


@pytest.fixture(scope="module")
def fitted(whas500):
    return PrivateCK4Gen(**QUICK).fit(whas500)


def test_a_table_is_within_the_public_description(fitted):
    table = fitted.sample(seed=1)
    assert len(table) == fitted.description.patients  # the real number is no public fact
    assert list(table) == [*fitted.table_schema.names, "duration", "event"]
    for column in fitted.description.public:
        values = table[column.name].to_numpy(float)
        if column.kind == "numeric":
            assert column.low <= values.min()
            assert values.max() <= column.high
            assert np.array_equal(values, values.round(column.decimals))
        else:
            assert set(values) <= {0.0, 1.0}


def test_what_is_shared_tells_no_more_than_the_release(fitted, whas500):
    book = yaml.safe_load(
        fitted.table_schema.codebook(300, fitted.patients, 0.0, fitted.standard_error_factors)
    )
    assert book["effective_n"] != len(whas500.train) or fitted.patients == len(whas500.train)
    assert "rules" not in book
    assert set(book["standard_error_factors"]) == set(fitted.table_schema.design_names)
    assert min(book["standard_error_factors"].values()) >= 1


@pytest.mark.slow
def test_a_stored_release_gives_the_same_bytes_and_spends_nothing(fitted, whas500, tmp_path):
    file = tmp_path / RELEASE
    file.write_text(fitted.files[RELEASE])
    again = PrivateCK4Gen(stored=str(file), **QUICK).fit(whas500)
    assert again.spent is None
    assert again.sample(100, seed=4).to_csv() == fitted.sample(100, seed=4).to_csv()


def test_the_account_names_all_reads_and_the_total(fitted):
    account = json.loads(fitted.files[RELEASE])["account"]
    assert len(account["releases"]) == 8
    assert account["spent_mu"] == pytest.approx(account["mu"])
    assert sum(line["mu"] ** 2 for line in account["releases"]) == pytest.approx(account["mu"] ** 2)


@pytest.mark.filterwarnings("ignore:.*events per covariate")
@pytest.mark.parametrize("name", ["gbsg2", "actg320", "flchain", "whas500"])
@pytest.mark.parametrize("coding", ["paper", "raw"])
def test_every_benchmark_has_a_public_description_of_its_columns(name, coding):
    data = ck4gen.load(name, coding=coding)
    described = public_description(data, None)
    assert [c.name for c in described] == data.schema.names
    for column in described:
        assert column.kind == data.schema[column.name].kind
        if column.kind == "categorical":
            assert column.levels == data.schema[column.name].levels
    assert described.horizon > data.train["duration"].max()


def test_an_own_table_needs_a_public_description(cohort):
    with pytest.raises(InputError, match="can't be read off the table itself"):
        PrivateCK4Gen().fit(cohort, "days", "died")


def test_a_description_that_does_not_fit_is_refused(cohort, tmp_path):
    file = tmp_path / "public.yaml"
    file.write_text("horizon: 2000\ncolumns: {age: {low: 0, high: 120}, bmi: {low: 1, high: 9}}\n")
    with pytest.raises(InputError) as caught:
        PrivateCK4Gen(public=str(file)).fit(cohort, "days", "died")
    assert "no column 'bmi'" in str(caught.value)


def test_the_ledger_adds_up_what_a_cohort_has_spent(fitted, whas500, tmp_path):
    rows = whas500.observed
    assert note_spent(tmp_path, rows, fitted.spent, "a") == pytest.approx(3.0, abs=0.01)
    with pytest.warns(UserWarning, match="1 private releases before"):
        twice = note_spent(tmp_path, rows, fitted.spent, "b")
    assert 4.2 < twice < 6.0  # mu grows with the root of two, epsilon faster
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        note_spent(tmp_path, rows.iloc[1:], fitted.spent, "another cohort")


@pytest.mark.slow
def test_what_a_failed_fit_released_is_noted(tmp_path, monkeypatch):
    def fails(*_):
        raise InputError("no events")

    monkeypatch.setattr(release, "private_hazard_ratios", fails)
    config = compose(
        "train", "data=whas500", "method=ck4gen_private", "method.release.pool=2000",
        f"output_dir={tmp_path}",
    )  # fmt: skip
    with pytest.raises(InputError, match="no events"):
        generate(config, tmp_path / "run", prepared(config))
    (line,) = json.loads((tmp_path / "ledger.json").read_text())
    shares = config.method.release
    of_columns = shares.patients + shares.columns + shares.spreads
    spent = of_columns + shares.correlations + shares.times
    assert line["mu"] == pytest.approx(total_mu(3.0, 1e-5) * spent**0.5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:calibration was not met")
def test_several_tables_of_a_run_come_from_one_release(tmp_path):
    """A second fit would spend the budget again, and nothing would say so."""
    quick = [
        "method.release.pool=2000", "method.release.iterations=5", "method.calibration.steps=3",
        "evaluation=fast",
    ]  # fmt: skip
    config = compose(
        "train", "data=whas500", "method=ck4gen_private", "tables=2", f"output_dir={tmp_path}",
        *quick,
    )  # fmt: skip
    generate(config, tmp_path / "run", prepared(config))
    (line,) = json.loads((tmp_path / "ledger.json").read_text())
    account = json.loads((tmp_path / "run" / RELEASE).read_text())["account"]
    assert line["mu"] == pytest.approx(account["mu"])
    tables = [(tmp_path / "run" / name).read_text() for name in TABLES]
    assert tables[0] != tables[1]
