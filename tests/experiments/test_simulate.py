"""Simulation: measures by hand, a law that holds, and an interrupted run that goes on."""

import json

import numpy as np
import pandas as pd
import pytest
from omegaconf import OmegaConf
from scipy import stats

from ck4gen.cli.main import main
from ck4gen.cli.simulation import print_simulation, wide
from ck4gen.config import defaults
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.experiments import simulate, simulated_cohort
from ck4gen.experiments.simulated_population import Population
from ck4gen.experiments.simulation_measures import (
    Analyses,
    added_variance,
    bias,
    coverage,
    expected_coverage,
    measured,
    power,
    sd_ratio,
    type_1_error,
)
from ck4gen.experiments.simulation_table import factors
from ck4gen.methods.ck4gen.ck4gen import CK4Gen
from ck4gen.settings import InputError
from ck4gen.survival.cox import fit_cox
from conftest import compose

LAW = defaults(script="simulate")["data"]
SMALL = ["data.rows=150", "data.numeric=[0.5,0]", "data.binary=[-0.8,0]", "ratios=[1,2]"]


def simulated(folder, *overrides):
    config = compose("simulate", f"output_dir={folder}", *SMALL, *overrides)
    counts = []
    done = simulate.simulate(config, counts.append)
    report = json.loads((done / "report.json").read_text())
    return done, report, pd.read_csv(done / "measures.csv"), counts


@pytest.fixture
def by_hand():
    """Three cohorts of a null covariate and of one whose log hazard ratio is -1."""
    return Analyses(
        truth=np.array([0.0, -1.0]),
        estimates=np.array([[0.1, -1.5], [-0.3, -1.0], [0.5, -0.2]]),
        errors=np.array([[0.2, 0.2], [0.2, 0.2], [0.2, 0.2]]),
        real=np.array([[0.1, -1.4], [-0.2, -1.0], [0.5, -0.4]]),
        real_errors=np.full((3, 2), 0.1),
        significance=0.05,
    )


def test_measures_are_those_computed_by_hand(by_hand):
    # 1.96 * .2 = .392: of the nulls .5 is significant, of the others -1.5 and -1
    assert type_1_error(by_hand) == pytest.approx(1 / 3)
    assert power(by_hand) == pytest.approx(2 / 3)
    # errors .1, -.3, .5 and -.5, 0, .8: three of six within .392
    assert coverage(by_hand) == pytest.approx(3 / 6)
    # away from 0 by .5 and 0, towards it by .8
    assert bias(by_hand) == pytest.approx(-0.1)
    # sample SDs .4 and sqrt(.43) = .6557, over .2
    assert sd_ratio(by_hand) == pytest.approx((0.4 + np.sqrt(0.43)) / 2 / 0.2)
    # gaps 0, -.1, 0 and -.1, 0, .2: mean squares .01/3 and .05/3, over .01
    assert added_variance(by_hand) == pytest.approx((1 / 3 + 5 / 3) / 2)


def test_jackknife_of_a_mean_is_its_t_interval(by_hand):
    metric = measured(by_hand, 0.2)["coverage"]
    shares = np.array([0.5, 1.0, 0.0])  # of each cohort
    half = stats.t.ppf(0.6, 2) * shares.std(ddof=1) / np.sqrt(3)
    assert (metric.low, metric.high) == pytest.approx((0.5 - half, 0.5 + half))


def test_the_interval_of_a_share_ends_at_0_and_1(by_hand):
    metrics = measured(by_hand, 0.95)
    assert (metrics["coverage"].low, metrics["coverage"].high) == (0, 1)
    assert metrics["bias"].low < -1


def test_no_number_from_two_cohorts(by_hand):
    metric = measured(by_hand.without(0), 0.95)["power"]
    assert metric.value is None
    assert metric.reason == "2 cohorts with an estimate; 3 are needed"


@pytest.mark.parametrize(
    ("ratio", "factor", "added", "expected"),
    [
        (1, 1, 0, 0.950),
        (2, 1, 0, 0.834),  # 1.386 standard errors
        (5, 1, 0, 0.619),  # .877
        (5, np.sqrt(5), 0, 0.950),
        (1, 1, 1, 0.834),  # as much variance again
        (5, np.sqrt(6), 1 / 5, 0.950),  # new patients of the fitted model
    ],
)
def test_theory(ratio, factor, added, expected):
    assert expected_coverage(ratio, factor, added, 0.05) == pytest.approx(expected, abs=5e-4)


def test_standard_errors_are_multiplied_by_what_the_rows_add():
    by = {"naive": 1, "corrected": np.sqrt(5), "independent": np.sqrt(6)}
    assert factors("calibrated", 5, 300, 0) == pytest.approx(by)
    assert list(factors("calibrated", 1, 300, 0)) == ["naive", "independent"]
    guarded = factors("calibrated", 2, 300, 0.5)
    assert guarded["corrected"] == pytest.approx(np.sqrt(2 * 1.25))
    assert factors("pooled", 1, 300, 0.5) == factors("real", 1, 300, 0.5) == {"naive": 1}


def test_cohorts_obey_the_law_that_they_are_drawn_from():
    law = Population(**LAW | {"rows": 20_000})
    drawn = law.draw(np.random.default_rng(0))
    fit = fit_cox(drawn[law.truth.index], drawn[DURATION], drawn[EVENT])
    z = (fit.coefficients - law.truth) / fit.standard_errors
    assert z.abs().max() < 3.5
    assert 0.5 < drawn[EVENT].mean() < 0.6  # the docs promise 40 to 50 % censored
    numeric = drawn.filter(like="numeric")
    assert numeric.corr().to_numpy()[np.triu_indices(11, 1)].mean() == pytest.approx(0.2, abs=0.02)
    assert drawn.filter(like="binary").mean().to_numpy() == pytest.approx(0.4, abs=0.02)


@pytest.mark.slow
def test_a_bootstrap_doubles_the_variance_of_the_real_analysis(tmp_path):
    """With b* - b as variable as b itself, SDs of estimates are sqrt(2) standard errors."""
    keys = ("method=bootstrap", "cohorts=24", "data.rows=400", "ratios=[1]")
    _, report, table, _ = simulated(tmp_path, *keys)
    rows = table.set_index(["arm", "ratio", "standard_errors", "measure"])
    added = rows.loc[("uncalibrated", 1, "naive", "added_variance"), "value"]
    assert added == pytest.approx(1, abs=0.35)
    naive, wide_enough = (
        rows.loc[("uncalibrated", 1, errors, "coverage"), "value"]
        for errors in ("naive", "independent")
    )
    assert naive < 0.9 < wide_enough
    assert rows.loc[("real", 1, "naive", "coverage"), "high"] > 0.95
    assert report["cohorts"] == report["cohorts_wanted"] == 24
    assert wide(table)[["arm", "standard_errors"]].to_numpy().tolist() == [
        ["real", "naive"],
        ["uncalibrated", "naive"],
        ["uncalibrated", "independent"],
    ]


def estimates(folder):
    files = sorted(folder.glob("cohorts/*.json"))
    return [json.loads(file.read_text())["tables"] for file in files]


@pytest.mark.slow
def test_finished_cohorts_are_kept_and_more_can_follow(tmp_path, monkeypatch):
    folder, first, _, counts = simulated(tmp_path, "method=bootstrap", "cohorts=4", "workers=2")
    assert counts == [0, 1, 2, 3, 4]
    serial, *_ = simulated(tmp_path / "serial", "method=bootstrap", "cohorts=4")
    assert estimates(folder) == estimates(serial)
    content = {file: file.read_text() for file in folder.glob("cohorts/*.json")}
    made = []
    make = simulate.make_cohort

    def recorded(config, population, number, file):
        made.append(number)
        make(config, population, number, file)

    monkeypatch.setattr(simulate, "make_cohort", recorded)
    again, more, _, counts = simulated(tmp_path, "method=bootstrap", "cohorts=5")
    assert (again, made, counts) == (folder, [4], [4, 5])
    assert {file: file.read_text() for file in content} == content
    assert (first["cohorts"], more["cohorts"]) == (4, 5)


@pytest.mark.slow
def test_a_report_on_what_is_finished_says_how_many(tmp_path, monkeypatch):
    folder, *_ = simulated(tmp_path, "method=bootstrap", "cohorts=4")
    (folder / "cohorts" / "1.json").unlink()
    monkeypatch.setattr(simulate, "make_cohort", None)
    _, report, table, _ = simulated(tmp_path, "method=bootstrap", "cohorts=9", "report_only=true")
    assert (report["cohorts"], report["cohorts_wanted"]) == (3, 9)
    assert set(table["cohorts"]) == {3}


@pytest.mark.slow
def test_one_fit_is_sampled_with_and_without_calibration(tmp_path, monkeypatch):
    """Calibration keeps the estimates; the same fit without it does not."""
    fits = []
    fit = CK4Gen.fit
    monkeypatch.setattr(CK4Gen, "fit", lambda *a, **k: fits.append(1) or fit(*a, **k))
    others = ("univariable", "moments", "strata", "periods", "interactions", "information")
    short = [f"method.calibration.conditions.{name}=null" for name in others]
    short += ["method.encoder.steps=20", "method.decoder.steps=50", "ratios=[1]"]
    short += ["method.guard.noise=0", "method.guard.cap=null"]
    _, report, table, _ = simulated(tmp_path, *short, "cohorts=3")
    assert len(fits) == 3
    values = table.pivot_table("value", ["arm", "measure"], "standard_errors")["naive"]
    assert values["calibrated", "added_variance"] < 0.05
    assert values["uncalibrated", "added_variance"] > 0.2
    assert table.loc[table["arm"] == "calibrated", "calibration_met"].eq(1).all()
    assert table.loc[table["arm"] == "uncalibrated", "calibration_met"].isna().all()
    assert report["method"] == "ck4gen_free"


@pytest.mark.slow
def test_tables_of_a_cohort_are_pooled(tmp_path):
    """Each bootstrap has a variance like the real one's; of m together a share 1 / m is left."""
    keys = ("method=bootstrap", "cohorts=20", "ratios=[1]")
    _, _, table, _ = simulated(tmp_path, *keys, "tables=4")
    rows = table.set_index(["arm", "measure", "standard_errors"])["value"]
    assert rows["pooled", "added_variance", "naive"] == pytest.approx(0.25, abs=0.12)
    assert rows["pooled", "coverage", "naive"] > rows["uncalibrated", "coverage", "naive"]
    _, _, again, _ = simulated(tmp_path / "again", *keys, "tables=4", "workers=2")
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.slow
def test_a_table_without_an_estimate_is_counted(tmp_path, monkeypatch, capsys):
    analysis = simulated_cohort._analysis
    rows = iter(range(100))

    def sometimes(frame):  # tables 0, 1, 2 of a cohort are real, n and 2n
        return {"reason": "no events"} if next(rows) == 2 else analysis(frame)

    monkeypatch.setattr(simulated_cohort, "_analysis", sometimes)
    folder, _, table, _ = simulated(tmp_path, "method=bootstrap", "cohorts=4")
    counts = table.groupby(["arm", "ratio"])[["cohorts", "failed"]].first()
    assert counts.loc[("uncalibrated", 2)].tolist() == [3, 1]
    assert counts.loc[("uncalibrated", 1)].tolist() == [4, 0]
    print_simulation(folder)
    shown = capsys.readouterr().out
    assert "bootstrap: 4 of 4 simulated cohorts" in shown
    assert (
        "uncalibrated, 2 rows for each real one: tables without an estimate, left out: 1" in shown
    )
    assert shown.count("warning") == 1


@pytest.fixture(scope="module")
def config():
    return compose("simulate")


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ("cohorts=0", "cohorts is 0; it must be a whole number of at least 1"),
        ("workers=0", "workers is 0; it must be a whole number of at least 1"),
        ("ratios=[0]", "ratios is [0]; it must be a list of numbers above 0"),
        ("significance=5", "significance is 5; it lies between 0 and 1"),
        ("data.numeric=[0.5,a]", "data.numeric is [0.5, 'a']; it must be a list of log hazard"),
        ("data.correlation=1", "data.correlation is 1; it must be less than 1"),
        ("data.prevalence=0", "data.prevalence is 0; it lies between 0 and 1"),
        ("data.binary=[0] data.numeric=[0]", "data.numeric and data.binary hold zeros only"),
    ],
)
def test_a_wrong_value_gets_one_sentence(mistake, sentence, config):
    wrong = OmegaConf.merge(config, OmegaConf.from_dotlist(mistake.split()))
    with pytest.raises(InputError) as raised:
        simulate.simulate(wrong, None)
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ("cohort=3", "the configuration has no key 'cohort'; its keys are cohorts, ratios"),
        ("data.rowz=9", "'data' has no key 'rowz'; its keys are name, rows"),
        ("report_only=true", "no cohort is finished in "),
    ],
)
def test_a_mistake_gets_one_sentence(mistake, sentence, tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(["simulate", *mistake.split(), f"output_dir={tmp_path}"])
    assert str(stopped.value).startswith(f"error: {sentence}")
    assert not list(tmp_path.rglob("*.json"))
