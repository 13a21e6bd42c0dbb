from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from ck4gen.data.schema import DURATION, EVENT
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.cox_pair import fit_pair
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.evaluation.hazard import estimates
from ck4gen.evaluation.hazard_table import hazard_table
from ck4gen.evaluation.off_target import off_target
from ck4gen.evaluation.subgroups import subgroups
from ck4gen.survival.cox import CoxError, fit_cox
from ck4gen.survival.cox_data import cox_data_pair


def values(metrics, prefix):
    return {
        name.removeprefix(prefix): m.value for name, m in metrics.items() if name.startswith(prefix)
    }


@pytest.mark.slow
def test_a_table_against_itself_is_perfect(whas500, full):
    real, schema = whas500
    models_alone = replace(full, c2st_folds=0, reanalysis=replace(full.reanalysis, compute=False))
    found = values(evaluate(real, real, schema, settings=models_alone), "hazard/")
    for name in ("log_hr_mae", "log_hr_max", "log_hr_z", "ci_width_worst", "info_distance",
                 "degenerate", "risk_ks", "off_target_z", "subgroup_z"):  # fmt: skip
        assert found[name] == pytest.approx(0, abs=1e-9), name
    for name in ("ci_overlap", "ci_overlap_karr", "in_ci", "sign", "significance", "ph",
                 "ci_width_ratio", "risk_sd_ratio"):  # fmt: skip
        assert found[name] == pytest.approx(1), name


def test_row_order_does_not_matter(gbsg2, fast):
    real, schema = gbsg2
    synthetic = real.sample(frac=1, replace=True, random_state=1)
    shuffled = synthetic.sample(frac=1, random_state=2)
    one, two = (values(evaluate(real, t, schema, settings=fast), "") for t in (synthetic, shuffled))
    assert {name for name in one if one[name] is None} == {n for n in two if two[n] is None}
    for name, value in one.items():
        if value is not None:
            assert value == pytest.approx(two[name], rel=1e-6), name


def test_doubling_the_rows_halves_the_variance_but_not_the_width_ratio(whas500, fast):
    real, schema = whas500
    double = pd.concat([real, real])
    found = values(evaluate(real, double, schema, settings=fast), "hazard/")
    # Efron's ties differ a little once every time stands twice
    assert found["ci_width_ratio"] == pytest.approx(1, abs=0.01)
    assert found["log_hr_z"] < 0.05
    assert found["ci_overlap_karr"] < 0.9  # the narrower interval lies inside the wider one


@pytest.mark.slow
def test_bootstrap_error_is_the_theoretical_one(actg320, fast):
    """z of a bootstrap is |N(0, 1)| to first order: mean sqrt(2 / pi) = .80 a covariate."""
    real, schema = actg320
    errors = []
    for seed in range(20):
        other = real.sample(frac=1, replace=True, random_state=seed)
        compared = CoxComparison(real, other, schema, fast)
        sides = compared.real_data, compared.synthetic_data
        errors.append(estimates(compared.pair, *sides, fast)["hazard/log_hr_z"].value)
    # six correlated covariates of SD .6: SE of the mean at most .6 / sqrt(20) = .13
    assert np.mean(errors) == pytest.approx(np.sqrt(2 / np.pi), abs=0.3)


def test_constant_covariates_are_named_and_count_as_misses(whas500, fast):
    real, schema = whas500
    metrics = evaluate(real, real.assign(chf=0), schema, settings=fast)
    assert metrics["hazard/degenerate"].value == 1
    assert metrics["hazard/degenerate"].reason == "no estimate for chf"
    assert metrics["hazard/in_ci"].value <= 10 / 11
    assert metrics["hazard/log_hr_z"].value is not None
    assert metrics["hazard/info_distance"].value > 0.05
    table = hazard_table(CoxComparison(real, real.assign(chf=0), schema, fast)).set_index("term")
    assert np.isnan(table.loc["chf", "synthetic"])
    assert not table.loc["chf", "in_ci"]
    assert table.loc["age", "in_ci"]


def test_separated_covariates_are_named_and_the_others_go_on(whas500, fast):
    real, schema = whas500
    synthetic = real.copy()
    synthetic.loc[synthetic[EVENT] == 1, "afb"] = 0
    metrics = evaluate(real, synthetic, schema, settings=fast)
    assert metrics["hazard/degenerate"].reason == "no estimate for afb (small ridge)"
    assert metrics["hazard/log_hr_z"].value < 1
    assert metrics["hazard/in_ci"].value == pytest.approx(10 / 11)


@pytest.mark.slow
def test_a_separated_numeric_is_named_too(whas500, fast):
    """The oldest die first, without exception: the likelihood rises in age for ever."""
    real, schema = whas500
    order = real["duration"].rank(method="first").astype(int)
    metrics = evaluate(real, real.assign(age=order.max() - order), schema, settings=fast)
    assert metrics["hazard/degenerate"].reason == "no estimate for age (small ridge)"
    assert metrics["hazard/in_ci"].value <= 10 / 11


def test_a_real_table_without_an_estimate_is_compared_under_a_ridge(whas500, fast):
    """As lifelines fits both sides; the default says which key it takes."""
    real, schema = whas500
    real = real.assign(afb=real["afb"].where(real[EVENT] == 0, 0))
    synthetic = real.sample(frac=1, replace=True, random_state=0)
    plain = evaluate(real, synthetic, schema, settings=fast)["hazard/log_hr_z"]
    assert plain.value is None
    assert plain.reason.endswith("; set evaluation.penalizer above 0")
    ridge = replace(fast, penalizer=0.01)
    fits = [
        CoxPHFitter(penalizer=0.01).fit(
            schema.design(t).join(t[[DURATION, EVENT]]), DURATION, EVENT
        )
        for t in (real, synthetic.reset_index(drop=True))
    ]
    gap = (fits[1].params_ - fits[0].params_).abs() / fits[0].standard_errors_
    metrics = evaluate(real, synthetic, schema, settings=ridge)
    assert metrics["hazard/degenerate"].value == 0
    assert metrics["hazard/log_hr_z"].value == pytest.approx(gap.mean(), rel=1e-3)
    table = hazard_table(CoxComparison(real, synthetic, schema, ridge)).set_index("term")
    for side, fit in zip(("real", "synthetic"), fits, strict=True):
        np.testing.assert_allclose(table[side], np.exp(fit.params_[table.index]), rtol=1e-3)


def test_fewer_rows_than_terms_have_reasons_not_numbers(whas500, fast):
    real, schema = whas500
    metrics = evaluate(real, real.head(10), schema, settings=fast)
    assert metrics["hazard/log_hr_z"].value is None
    assert metrics["hazard/log_hr_z"].reason
    assert metrics["hazard/risk_ks"].value > 0
    assert hazard_table(CoxComparison(real, real.head(10), schema, fast))["synthetic"].isna().all()


def test_aliased_covariates_are_named(whas500, fast):
    real, schema = whas500
    metrics = evaluate(real, real.assign(diasbp=real["sysbp"]), schema, settings=fast)
    assert "diasbp" in metrics["hazard/degenerate"].reason


def test_a_table_without_events_has_reasons_not_numbers(whas500, fast):
    real, schema = whas500
    metrics = evaluate(real, real.assign(event=0), schema, settings=fast)
    assert metrics["hazard/log_hr_z"].value is None
    assert "no events" in metrics["hazard/log_hr_z"].reason
    assert metrics["fidelity/ks"].value == 0
    assert metrics["hazard/risk_ks"].value == 0  # needs the real model alone


def test_table_shows_ratios_per_unit(whas500, fast):
    real, schema = whas500
    table = hazard_table(CoxComparison(real, real, schema, fast)).set_index("term").round(2)
    assert table.loc["age", ["real", "real_low", "real_high"]].tolist() == [1.05, 1.04, 1.06]
    assert table.loc["chf", ["synthetic", "synthetic_low", "synthetic_high"]].tolist() == [
        2.17, 1.62, 2.91,
    ]  # fmt: skip


@pytest.mark.slow
def test_univariable_part_by_hand(whas500, full):
    """Only sysbp is shuffled, so only its own model changes: one error over 11 covariates."""
    real, schema = whas500
    broken = real.copy()
    broken["sysbp"] = broken["sysbp"].sample(frac=1, random_state=0).to_numpy()
    metrics = off_target(*cox_data_pair(real, broken, schema), schema, full)
    fits = [
        CoxPHFitter().fit(t[["sysbp", DURATION, EVENT]], DURATION, EVENT) for t in (real, broken)
    ]
    error = abs(fits[1].params_ - fits[0].params_) / fits[0].standard_errors_
    univariable = metrics["hazard/off_target_z/univariable"].value
    assert univariable == pytest.approx(error["sysbp"] / 11, rel=1e-3)
    assert metrics["hazard/off_target_z/interactions"].value > univariable


@pytest.mark.slow
def test_subgroups_are_halves_of_numerics_and_levels_of_categories(gbsg2, whas500, full):
    for (real, schema), numerics in ((gbsg2, False), (whas500, True)):
        synthetic = real.sample(frac=1, replace=True, random_state=0)
        found = subgroups(*cox_data_pair(real, synthetic, schema), schema, full)[
            "hazard/subgroup_z"
        ]
        errors = []
        for name in schema.of_kind("numeric" if numerics else "categorical"):
            if numerics:
                groups = [t[name] >= real[name].median() for t in (real, synthetic)]
                levels = (False, True)
            else:
                groups, levels = [t[name] for t in (real, synthetic)], schema[name].levels
            for level in levels:
                both = [t[g == level] for t, g in zip((real, synthetic), groups, strict=True)]
                if both[0][EVENT].sum() < full.min_events:
                    continue
                designs = [schema.design(t) for t in both]
                terms = designs[0].columns[designs[0].nunique() > 1]
                try:
                    one, two = (
                        fit_cox(d[terms], t[DURATION], t[EVENT])
                        for d, t in zip(designs, both, strict=True)
                    )
                except CoxError:  # no young patient is past menopause
                    assert name == "age"
                    continue
                errors += list(abs(two.coefficients - one.coefficients) / one.standard_errors)
        assert len(errors) > 50
        assert found.value == pytest.approx(np.mean(errors), rel=1e-3)
        assert found.reason is None


def test_the_whole_table_is_no_subgroup_of_itself(whas500, full):
    """A column that is zero for most patients has nobody below its median."""
    real, schema = whas500
    numerics = schema.of_kind("numeric")
    flat = real.assign(
        **{name: (real[name] - real[name].quantile(0.7)).clip(0) for name in numerics}
    )
    other = flat.sample(frac=1, replace=True, random_state=0)
    found = subgroups(*cox_data_pair(flat, other, schema), schema, full)["hazard/subgroup_z"]
    assert found.value is None
    assert "no such model" in found.reason


def test_known_fit_where_newton_steps_go_astray():
    """lifelines' own steps end at log hazard ratios far off on this split of FLChain."""
    from ck4gen.data.benchmarks.flchain import FLChainDataModule

    data = FLChainDataModule(split="audit", split_seed=0)
    data.setup()
    design = data.schema.design(data.train)
    fit = fit_cox(design, data.train[DURATION], data.train[EVENT])
    assert fit.coefficients.abs().max() < 2
    assert fit.standard_errors.max() < 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.assign(gender=1.0), "constant columns: gender"),
        (lambda d: d.assign(hr=2 * d["age"] + 1), "columns that follow from the others: hr"),
    ],
)
def test_models_without_an_estimate_are_refused(whas500, change, message):
    real, schema = whas500
    with pytest.raises(CoxError, match=message):
        fit_cox(change(schema.design(real)), real[DURATION], real[EVENT])


def test_numerics_are_on_the_real_scale(whas500):
    real, schema = whas500
    older = real.assign(age=real["age"] + 10)
    sides = cox_data_pair(real, older, schema)
    shift = sides[1].design["age"].mean() - sides[0].design["age"].mean()
    assert shift == pytest.approx(10 / real["age"].std())
    assert fit_pair(sides[0].fit(), sides[1], 0.0, 0.001).degenerate == []
