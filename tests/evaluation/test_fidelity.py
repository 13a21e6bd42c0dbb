from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.rules import Forbidden
from ck4gen.data.schema import Column, Schema
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.evaluation.fidelity import c2st, invalid, marginals, pmse_ratio
from ck4gen.evaluation.hazard_table import hazard_table

SCHEMA = Schema(
    (
        Column("dose", "numeric"),
        Column("visits", "numeric", integer=True),
        Column("ill", "binary"),
        Column("stage", "categorical", levels=("I", "II")),
    )
)


def cohort(seed, n=300):
    generator = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "dose": generator.normal(size=n),
            "visits": generator.poisson(5, n),
            "ill": generator.integers(0, 2, n),
            "stage": generator.choice(["I", "II"], n),
            "duration": generator.exponential(100, n),
            "event": generator.integers(0, 2, n),
        }
    )


def test_marginals_by_hand():
    real = pd.DataFrame(
        {"dose": [0.0, 1, 2, 3], "visits": [1, 2, 3, 4], "ill": [0, 0, 1, 1],
         "stage": ["I", "I", "I", "II"]}
    )  # fmt: skip
    synthetic = real.assign(dose=[0.0, 1, 2, 9], ill=[0, 1, 1, 1], stage=["II", "I", "II", "I"])
    found = marginals(real, synthetic, SCHEMA)
    assert found["fidelity/ks"].value == pytest.approx((0.25 + 0) / 2)
    assert found["fidelity/wasserstein"].value == pytest.approx(6 / 4 / real["dose"].std() / 2)
    assert found["fidelity/tvd"].value == pytest.approx((0.25 + 0.25) / 2)


@pytest.mark.parametrize("dtype", [float, bool, object])
def test_storage_of_a_binary_does_not_matter(dtype):
    real = cohort(0)
    found = marginals(real, real.assign(ill=real["ill"].astype(dtype)), SCHEMA)
    assert found["fidelity/tvd"].value == 0


def test_correlation_names_what_it_leaves_out():
    real = cohort(0)
    metric = marginals(real, real.assign(ill=0), SCHEMA)["fidelity/correlation"]
    assert metric.value == 0
    assert metric.reason == "without ill, constant in one table"


@pytest.mark.parametrize(
    "change",
    [
        {"dose": np.nan}, {"dose": 99.0}, {"visits": 2.5}, {"ill": 2}, {"stage": "III"},
    ],
)  # fmt: skip
def test_each_kind_of_impossible_record_counts(change):
    real = cohort(0)
    synthetic = real.copy()
    for name, value in change.items():
        synthetic[name] = synthetic[name].astype(object if name == "stage" else float)
        synthetic.loc[:2, name] = value
    assert invalid(real, synthetic, SCHEMA)["fidelity/invalid"].value == pytest.approx(3 / 300)
    assert invalid(real, real, SCHEMA)["fidelity/invalid"].value == 0


def test_a_broken_rule_makes_a_record_impossible():
    real = cohort(0).assign(visits=lambda t: t["visits"].clip(0, 4))
    schema = replace(SCHEMA, rules=(Forbidden("ill", 1.0, "stage", "II", "I"),))
    real.loc[real["ill"] == 1, "stage"] = "I"
    synthetic = real.copy()
    synthetic.loc[:4, ["ill", "stage"]] = [1, "II"]
    assert invalid(real, real, schema)["fidelity/invalid"].value == 0
    assert invalid(real, synthetic, schema)["fidelity/invalid"].value == pytest.approx(5 / 300)
    filled = real.copy()  # a blank that was filled broke it in the real table
    filled.loc[0, ["ill", "stage"]] = [1, "II"]
    assert invalid(filled, synthetic, schema)["fidelity/invalid"].value == 0


def test_what_fills_a_blank_is_not_looked_at():
    """Rules hold of the cells that are no blank, in the real table and in the synthetic one."""
    rules = (Forbidden("ill", 1.0, "stage", "II", "I"),)
    blank = Column("stage is missing", "binary", blank_of=("stage",))
    schema = Schema((*SCHEMA.columns, blank), rules=rules)
    real = cohort(0).assign(**{"stage is missing": 0})
    real.loc[real["ill"] == 1, "stage"] = "I"
    real.loc[0, ["ill", "stage", "stage is missing"]] = [1, "II", 1]
    synthetic = real.copy()
    synthetic.loc[1:3, ["ill", "stage", "stage is missing"]] = [1, "III", 1]
    assert invalid(real, synthetic, schema)["fidelity/invalid"].value == 0
    synthetic.loc[1:3, ["stage", "stage is missing"]] = ["II", 0]
    assert invalid(real, synthetic, schema)["fidelity/invalid"].value == pytest.approx(3 / 300)


@pytest.mark.slow
def test_classifier_is_at_chance_on_fresh_rows_and_sees_a_shift(full):
    real, fresh = cohort(0), cohort(1)
    metric = c2st(real, fresh, SCHEMA, full)["fidelity/c2st_auc"]
    assert metric.low < metric.value < metric.high
    assert metric.value == pytest.approx(0.5, abs=4 * (metric.high - metric.low) / 3.92)
    shifted = fresh.assign(dose=fresh["dose"] + 3)
    assert c2st(real, shifted, SCHEMA, full)["fidelity/c2st_auc"].value > 0.9


@pytest.mark.slow
def test_propensity_error_has_its_null_expectation():
    """A bootstrap scores 1, a fresh cohort 1 / (1 - c) = 2; each a mean of 6 squares over 6."""
    seeds = range(30)
    noise = 4 * np.sqrt(2 / 6 / len(seeds))  # four standard errors, relative
    for table, expected in (
        (lambda s: cohort(s).sample(frac=1, replace=True, random_state=s), 1),
        (lambda s: cohort(s + 1000), 2),
    ):
        ratios = [pmse_ratio(cohort(s), table(s), SCHEMA)["fidelity/pmse_ratio"] for s in seeds]
        assert np.mean([ratio.value for ratio in ratios]) == pytest.approx(expected, rel=noise)


def test_a_table_of_categories_alone_says_so(gbsg2, fast):
    real, schema = gbsg2
    metrics = evaluate(real, real, schema, settings=fast)
    assert metrics["fidelity/ks"].value is None
    assert metrics["fidelity/ks"].reason == "no numeric covariate"


@pytest.mark.parametrize(
    ("column", "value"), [("age", np.nan), ("age", "old"), ("chf", np.nan), ("duration", np.nan)]
)
def test_an_unreadable_value_costs_its_metrics_not_the_run(whas500, fast, column, value):
    real, schema = whas500
    synthetic = real.astype({column: object if value == "old" else float})
    synthetic.loc[0, column] = value
    metrics = evaluate(real, synthetic, schema, settings=fast, source=np.arange(len(real)))
    assert list(metrics) == list(evaluate(real, real, schema, settings=fast))
    assert metrics["hazard/log_hr_z"].value is None
    assert metrics["hazard/log_hr_z"].reason
    assert metrics["fidelity/invalid"].value == pytest.approx((column != "duration") / len(real))
    table = hazard_table(CoxComparison(real, synthetic, schema, fast))
    assert table["real"].notna().all()
    assert table["synthetic"].isna().all()


@pytest.mark.slow
def test_every_run_has_the_same_metrics_and_every_gap_a_reason(gbsg2, whas500, fast, full):
    (gbsg, schema), (whas, other) = gbsg2, whas500
    names = list(evaluate(whas, whas, other, settings=fast))
    elsewhere = evaluate(gbsg, gbsg, schema, settings=fast)
    differing = {name.split("/")[-1] for name in {*names} ^ {*elsewhere}}
    assert differing <= {*schema.names, *other.names}
    degenerate = whas.assign(event=0, chf=1)
    for metrics in (
        evaluate(whas, degenerate, other, settings=full),
        evaluate(whas, whas.head(40), other, settings=fast, holdout=whas.tail(9)),
    ):
        assert list(metrics) == names
        for name, metric in metrics.items():
            assert metric.value is not None or metric.reason, name
