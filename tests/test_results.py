"""The committed numbers of all runs, and the tables that the pages show of them."""

import importlib
import json

import pandas as pd
import pytest
import yaml

from ck4gen.config import ROOT

COLUMNS = ["dataset", "method", "split", "seed", "verdict", "failed", "too_few", "commit"]


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("results_tables")


@pytest.fixture
def runs():
    """Two cohorts, two methods; GBSG2 has two seeds."""
    rows = [
        ("gbsg2", "cart", "release", 0, "not tested", "", "", "a", 1.0, 0.9),
        ("gbsg2", "cart", "release", 1, "fail", "privacy/leak/copies", "", "a", 2.0, 0.8),
        ("gbsg2", "cart", "release", 2, "fail", "privacy/leak/copies", "", "a", 3.0, 0.7),
        ("gbsg2", "bootstrap", "release", 0, "fail", "", "", "a", 1.0, 1.0),
        ("gbsg2", "bootstrap", "release", 1, "fail", "", "", "a", 1.2, 1.0),
        ("whas500", "cart", "release", 0, "pass", "", "", "b", 6.0, 0.5),
        ("whas500", "bootstrap", "release", 0, "fail", "", "", "b", 0.5, 1.0),
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, "hazard/log_hr_z", "hazard/in_ci"])


ERROR, INSIDE = "hazard/log_hr_z", "hazard/in_ci"


def test_a_block_has_the_mean_and_its_t_interval(tables, runs):
    shown = tables.cohorts(runs, ["cart"], {"error": ERROR, "in CI": INSIDE}, verdict=True)
    assert shown[""].tolist() == ["**GBSG2**, 3 seeds", "cart", "**WHAS500**, 1 seed", "cart"]
    # SD of 1, 2 and 3 is 1, its error 0.577, and t with two degrees of freedom 4.303
    assert shown["error"].tolist() == ["", "2.00 ± 2.48", "", "6.00"]
    assert shown["verdict"].tolist() == ["", "1 not tested, 2 fail", "", "pass"]
    two = tables.cohorts(runs[runs.seed < 2], ["bootstrap"], {"error": ERROR, "in CI": INSIDE})
    assert two.loc[1, ["error", "in CI"]].tolist() == ["1.00 / 1.20", "1.00"]


def test_a_pooled_mean_is_one_of_cohorts_not_of_runs(tables, runs):
    shown = tables.pooled(
        runs, ["cart"], {"error": ERROR}, verdict=True, judged=runs[runs.dataset == "whas500"]
    )
    assert shown["error"].tolist() == ["4.00"]  # of 2 and 6
    assert shown["verdict: WHAS500"].tolist() == ["pass"]
    assert shown["verdicts"].tolist() == ["1 pass, 1 not tested, 2 fail"]


def test_metrics_and_methods_stand_cohort_by_cohort(tables, runs):
    shown = tables.metrics(runs, "cart", {"both": [ERROR, INSIDE]})
    assert shown.iloc[0].tolist() == ["both", "2.00, 0.80", "6.00, 0.50"]
    shown = tables.methods(runs, ["cart"], [ERROR, INSIDE], {"mean": ERROR})
    assert shown.iloc[0].tolist() == ["cart", "2.00 (0.80)", "6.00 (0.50)", "4.00"]
    shown = tables.methods(runs[runs.seed == 2], ["cart"], "verdict")
    assert shown.iloc[0].tolist() == ["cart", "fail: copies"]


def test_the_battery_marks_what_exceeds_the_yardstick(tables):
    base = {"dataset": "gbsg2", "reanalysis/curve": 1.0, "reanalysis/events": 1.0}
    values = {"ck4gen_free": (2.00, 2.01, 2.02), "bootstrap": (1.0, 1.1, 1.2), "cart": (3, 3, 3)}
    rows = [
        base | {"method": method, "reanalysis/weibull": value, "reanalysis/events": value - 0.95}
        for method, found in values.items()
        for value in found
    ]
    runs = pd.DataFrame(rows)
    runs = runs.reindex(columns=[*runs, *(name for name in tables.METRICS if name not in runs)])
    runs["hazard/ph"] = 0.5
    keys = {"margin": 2.0, "shares": {"verdicts": "hazard/ph"}}
    shown = tables.battery(runs, list(values), large=[], **keys).set_index("analysis")["GBSG2"]
    assert shown["verdicts"] == "0.50, 0.50, 0.50"
    assert shown["Weibull AFT"] == "**2.01**, 1.10, 3.00"
    assert shown["Survival curve"] == "1.00, 1.00, 1.00"
    shown = tables.battery(runs, list(values), large=["gbsg2"], **keys)
    assert shown.set_index("analysis").loc["Weibull AFT", "GBSG2"] == "2.01, 1.10, 3.00"


@pytest.mark.slow
def test_the_pages_show_what_the_files_hold(monkeypatch, capsys):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    pages = importlib.import_module("docs_tables")
    monkeypatch.setattr("sys.argv", ["docs_tables.py", "--check"])
    with pytest.raises(SystemExit) as ended:
        pages.main()
    assert not ended.value.code, capsys.readouterr().out


def test_the_files_are_small_complete_and_name_their_code():
    folder = ROOT / "results"
    runs = pd.read_csv(folder / "runs.csv", index_col="run")
    values = pd.read_csv(folder / "metrics.csv")
    assert sum(file.stat().st_size for file in folder.iterdir()) < 5e6
    assert not runs.duplicated(["dataset", "method", "split", "seed"]).any()
    assert runs[["commit", "generation", "evaluation", "verdict"]].notna().all(axis=None)
    assert set(values["run"]) == set(runs.index)
    assert json.loads((folder / "machine.json").read_text())["packages"]["torch"]


def test_every_table_of_the_pages_is_specified_and_every_specification_shown():
    named = set(yaml.safe_load((ROOT / "results" / "tables.yaml").read_text()))
    text = "".join(page.read_text() for page in [ROOT / "README.md", *ROOT.glob("docs/*.md")])
    assert named == {part.split()[0] for part in text.split("<!-- table ")[1:]}
