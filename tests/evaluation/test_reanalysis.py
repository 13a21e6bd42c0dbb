"""Other analyses of two tables: each line's estimates, its error, and where it does not apply."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

import ck4gen
from ck4gen.cli.main import main
from ck4gen.config import defaults
from ck4gen.data.schema import DURATION, EVENT, Column, Schema
from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.reanalysis import (
    censoring,
    cox_models,
    event_by_horizon,
    moments,
    numeric_effects,
    survival_curves,
)
from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable
from ck4gen.evaluation.reanalysis.estimates import largest, named, root_mean_square, share_equal
from ck4gen.evaluation.reanalysis.lines import CAUSES, DELAYED
from ck4gen.evaluation.reanalysis.reanalysis import METRICS, reanalysis
from ck4gen.experiments.reanalysis import beside
from ck4gen.settings import InputError, build

BINARY = Schema((Column("drug", "binary"),))


@pytest.fixture(scope="module")
def full():
    return build(EvaluationSettings, "evaluation", defaults("evaluation=full")["evaluation"])


@pytest.fixture(scope="module")
def whas(whas500, full):
    table, schema = whas500
    return AnalysedTable(table, table, schema, full)


def outcomes(duration, event, settings, schema=BINARY, **columns):
    table = pd.DataFrame({**columns, DURATION: duration, EVENT: event})
    return AnalysedTable(table, table, schema, settings)


def by_lifelines(design, data, terms, **keys):
    rows = design.assign(**{DURATION: data.duration, EVENT: data.event})
    fitted = CoxPHFitter().fit(rows, DURATION, EVENT, **keys)
    return fitted.params_[terms], fitted.standard_errors_[terms]


def check(found, name, terms, reference):
    chosen = found.loc[[f"{name}: {term}" for term in terms]]
    np.testing.assert_allclose(chosen["estimate"], reference[0], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(chosen["standard_error"], reference[1], rtol=1e-3)


@pytest.mark.slow
def test_a_copy_has_no_error_on_any_line(whas):
    copy = whas.real.sample(frac=1, random_state=0).reset_index(drop=True)
    found = reanalysis(whas.real, copy, whas.schema, whas.evaluation)
    assert list(found) == list(METRICS)
    # the tolerance is that of lifelines' optimiser
    assert max(metric.value for metric in found.values()) < 1e-3
    assert {metric.reason for metric in found.values()} == {None}


def test_cox_models_are_those_of_lifelines(whas):
    design, data = whas.data.design, whas.data
    column = next(c for c in whas.schema if c.kind == "binary")
    terms = [term for term in design if term != column.name]
    reference = by_lifelines(design, data, terms, strata=[column.name])
    check(cox_models.stratified(whas), column.name, terms, reference)
    reference = by_lifelines(design.drop(columns=column.name), data, terms)
    check(cox_models.dropped(whas), column.name, terms, reference)
    name = whas.numerics[0]
    reference = by_lifelines(design.assign(square=design[name] ** 2), data, ["square"])
    check(numeric_effects.quadratic(whas), name, ["square"], reference)


def test_terms_of_a_numeric_have_the_cuts_of_the_real_table(whas):
    """The same rows on another scale would else get other thirds, ends and knots."""
    name = whas.numerics[0]
    values = whas.real[name]
    half = whas.real[values <= values.median()].reset_index(drop=True)
    found = numeric_effects.thirds(AnalysedTable(half, whas.real, whas.schema, whas.evaluation))
    assert not found.index.str.startswith(name).any()  # nobody of them is in the highest third
    splines = numeric_effects.splines(whas)
    assert splines.index.str.startswith(f"{name}: ").sum() == whas.settings.spline_df


def test_survival_and_its_mean_by_hand(full):
    """Events at 1 and 3 of four patients, one censored at 2; the mean up to 4."""
    duration, event = pd.Series([1.0, 2, 3, 4]), pd.Series([1, 0, 1, 0])
    found = survival_curves.at_times("all", duration, event, np.array([0.5, 1, 3.5]))
    np.testing.assert_allclose(found["estimate"], [1, 0.75, 0.375])
    greenwood = [0, 1 / (4 * 3), 1 / (4 * 3) + 1 / (2 * 1)]
    np.testing.assert_allclose(
        found["standard_error"], [0, 0.75 * greenwood[1] ** 0.5, 0.375 * greenwood[2] ** 0.5]
    )
    many = pd.concat([duration] * 10), pd.concat([event] * 10)
    settings = replace(full, reanalysis=replace(full.reanalysis, follow_up=0.999))
    table = outcomes(*(np.asarray(part) for part in many), settings, drug=np.zeros(40, int))
    mean = survival_curves.restricted_means(table).loc["drug=0"]
    assert mean["estimate"] == pytest.approx(1 + 0.75 * 2 + 0.375)
    after_1, after_3 = 0.75 * 2 + 0.375, 0.375
    variance = after_1**2 * 10 / (40 * 30) + after_3**2 * 10 / (20 * 10)
    assert mean["standard_error"] == pytest.approx(variance**0.5)


def test_odds_ratio_of_a_table_of_two_by_two_by_hand(full):
    """Everybody is followed past the horizon but 30 patients who are censored before it."""
    drug = np.repeat([0, 0, 1, 1, 1], [40, 60, 70, 30, 30])
    event = np.repeat([1, 0, 1, 0, 0], [40, 60, 70, 30, 30])
    duration = np.where(event == 1, 1.0, 2.0)
    duration[-30:] = 0.5
    found = event_by_horizon.logistic(outcomes(duration, event, full, drug=drug)).loc["drug"]
    assert found["estimate"] == pytest.approx(np.log(70 * 60 / (30 * 40)))
    assert found["standard_error"] == pytest.approx((1 / 70 + 1 / 30 + 1 / 40 + 1 / 60) ** 0.5)
    separated = outcomes(np.where(event == 1, 1.0, 2.0), event, full, drug=event)
    assert "drug" not in event_by_horizon.logistic(separated).index


def test_moments_by_hand(whas):
    z = (whas.data.design - whas.data.design.mean()) / whas.data.design.std()
    a, b, c = z.columns[:3]
    product = z[a] * z[b] * z[c]
    found = moments.triple_products(whas).loc[f"{a}, {b}, {c}"]
    assert found["estimate"] == pytest.approx(product.mean())
    assert found["standard_error"] == pytest.approx(product.std(ddof=0) / len(z) ** 0.5)
    ranks = whas.data.design.corr("spearman")
    assert moments.rank_correlations(whas)["estimate"][f"{a}, {b}"] == pytest.approx(ranks[a][b])
    name = whas.numerics[0]
    skewed = moments.square_correlations(whas)["estimate"][f"{name} squared, {name}"]
    assert skewed == pytest.approx(np.corrcoef(z[name] ** 2, z[name])[0, 1])
    shares = moments.triple_shares(whas)
    first, second, third = shares.index[0].split(", ")
    together = whas.data.design[[first, second, third]].all(axis=1)
    assert shares["estimate"].iloc[0] == pytest.approx(together.mean())
    assert together.sum() >= whas.evaluation.min_rows


def test_errors_of_estimates_by_hand():
    real = named(["a", "b", "c"], np.array([1.0, 2, 3]), np.array([0.5, 1, 0]))
    other = named(["b", "a"], np.array([4.0, 1.5]), np.array([9.0, 9]))
    assert root_mean_square(real, other).value == pytest.approx(((1 + 4) / 2) ** 0.5)
    assert largest(real, other).value == 2
    assert root_mean_square(real, other[1:]).reason == "1 of 2 estimates are missing in the table"
    assert share_equal(real, named(["a", "b"], np.array([1.0, 0]), np.ones(2))).value == 1 / 3
    with pytest.raises(ValueError, match="the table has no such estimate"):
        root_mean_square(real, other[:0])


def test_a_linear_table_of_a_curved_cohort_is_seen(full):
    """Risk is lowest in the middle of x. Shuffled against the times, the table keeps all but it."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=600)
    times = generator.exponential(np.exp(-(x**2))).round(3)
    schema = Schema((Column("x", "numeric"), Column("drug", "binary")))
    drug = generator.integers(0, 2, 600)
    real = outcomes(times, (times < 2).astype(int), full, schema, x=x, drug=drug).table
    table = real.assign(x=generator.permutation(x))
    found = reanalysis(real, table, schema, full)
    assert found["reanalysis/quadratic"].value > 5
    assert found["reanalysis/splines"].value > 3
    assert found["reanalysis/curve"].value == 0
    assert found["reanalysis/cox_dropped"].value < 3
    assert found["reanalysis/triple_products"].value is None
    assert found["reanalysis/triple_products"].reason == moments.TOO_FEW


@pytest.mark.slow
def test_where_causes_compete_curves_are_left_out_and_they_do_not_censor(cohort, full):
    data = FrameDataModule(
        cohort.assign(died=cohort["died"] * np.resize([1, 2], 200)), "days", "died"
    )
    data.setup()
    one = replace(full, reanalysis=replace(full.reanalysis, bootstraps=1))
    found = beside(data.train, [data.train], data.schema, one).set_index("line")
    assert found.loc["curve", "table":"cart"].isna().all()
    assert found["reason"]["curve"] == CAUSES
    assert found["table"]["censoring_model"] == 0
    assert "draws no causes" in found["reason"]["censoring_model"]  # of CART
    table = AnalysedTable(data.train, data.train, data.schema, full)
    assert table.censored.sum() == (data.train["cause"] == 0).sum()
    assert len(censoring.censoring_model(table)) == len(data.schema.design_names)


def test_patients_who_enter_late_and_strata_are_in_the_cox_models(cohort, full):
    late = cohort.assign(days=cohort["days"] + 30, since=np.arange(len(cohort)) % 25)
    data = FrameDataModule(late, "days", "died", entry="since", strata="stage")
    data.setup()
    found = reanalysis(data.train, data.train, data.schema, full)
    without = {name for name, metric in found.items() if metric.reason == DELAYED}
    assert without == {
        f"reanalysis/{name}"
        for name in (
            "weibull",
            "curve",
            "group_curves",
            "group_means",
            "logistic",
            "censoring_curve",
        )
    }
    assert found["reanalysis/cox_dropped"].value == found["reanalysis/cox_stratified"].value == 0
    table = AnalysedTable(data.train, data.train, data.schema, full)
    rows = data.train.assign(both=data.train["smoker"].astype(str) + data.train["stage"])
    fit = CoxPHFitter().fit(
        table.data.design[["age", "marker"]].join(rows[["duration", "event", "entry", "both"]]),
        "duration",
        "event",
        strata=["both"],
        entry_col="entry",
    )
    terms = ["age", "marker"]
    reference = fit.params_[terms], fit.standard_errors_[terms]
    check(cox_models.stratified(table), "smoker", terms, reference)


@pytest.mark.slow
def test_a_wide_table_is_left_out_with_the_reason(whas):
    settings = replace(whas.evaluation, most_terms=3)
    found = reanalysis(whas.real, whas.real, whas.schema, settings)
    assert found["reanalysis/splines"].value is None
    assert "more than evaluation.most_terms" in found["reanalysis/splines"].reason
    assert found["reanalysis/curve"].value == 0


def test_a_wrong_key_is_refused(full):
    with pytest.raises(InputError, match=r"evaluation.reanalysis.tail is 2; it lies between 0"):
        replace(full, reanalysis=replace(full.reanalysis, tail=2))


@pytest.mark.slow
def test_the_command_prints_and_writes_the_same(cohort, tmp_path, capsys):
    other = cohort.sample(frac=1, replace=True, random_state=0)
    cohort.to_csv(tmp_path / "real.csv", index=False)
    other.to_csv(tmp_path / "other.csv", index=False)
    answers = tmp_path / "answers"
    files = [str(tmp_path / name) for name in ("real.csv", "other.csv")]
    command = ["reanalyse", *files, "--duration", "days", "--event", "died", "--out", str(answers)]
    main(command)
    printed = capsys.readouterr().out
    written = pd.read_csv(answers / "reanalysis.csv").set_index("line")
    assert f"| Number of events | {written['table']['events']:.2f} |" in printed
    assert 0.5 < written["bootstrap"].median() < 1.5
    assert (answers / "reanalysis.png").stat().st_size > 10_000
    with pytest.raises(SystemExit, match="answers is there already; name another --out"):
        main(command)


def test_no_synthetic_table_is_a_mistake(cohort):
    with pytest.raises(InputError, match="there is no synthetic table"):
        ck4gen.reanalyse(cohort, [], duration="days", event="died")


def test_a_comma_between_cells_is_none_of_numbers(cohort, tmp_path, monkeypatch):
    """Of a file with quoted thousands, as "3,512", beside a table with 3512."""
    cohort["marker"] = 1001 + np.arange(len(cohort)) * 7 % 900
    files = [str(tmp_path / "real.csv"), str(tmp_path / "other.csv")]
    cohort.assign(marker=cohort["marker"].map("{:,}".format)).to_csv(files[0], index=False)
    cohort.to_csv(files[1], index=False)
    seen = []

    def kept(real, synthetic, *_):
        seen.extend([real, *synthetic])
        return pd.DataFrame(columns=["label", "table", "bootstrap", "cart", "reason"])

    monkeypatch.setattr("ck4gen.api.beside", kept)
    main(["reanalyse", *files, "--duration", "days", "--event", "died"])
    assert [list(table["marker"]) for table in seen] == [list(cohort["marker"])] * 2
