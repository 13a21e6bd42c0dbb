"""Arms as a whole: what planted tables must score, and what has no score."""

import re
from dataclasses import replace

import numpy as np
import pytest

from ck4gen.config import defaults
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.base.utility_settings import MODELS
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.evaluation.utility.arms import names, utility
from ck4gen.evaluation.utility.models import capped, fit
from ck4gen.settings import InputError, build
from ck4gen.survival.cox_data import cox_data

TREES_SLOW = ["coxph", *(pytest.param(m, marks=pytest.mark.slow) for m in MODELS if m != "coxph")]


def bootstrap(table, seed=0):
    return table.sample(frac=1, replace=True, random_state=seed).reset_index(drop=True)


@pytest.mark.parametrize("model", TREES_SLOW)
def test_a_copy_loses_nothing_and_shuffled_outcomes_lose_everything(model, audit, full):
    train, holdout, schema = audit
    copied = utility(model, train, train.copy(), holdout, schema, full)
    assert set(copied) == set(names(model))
    assert copied[f"utility/loss/{model}/c_index"].value == 0  # two fits, the same numbers
    assert copied[f"utility/trtr/{model}/c_index"].value > 0.7
    shuffled = train.copy()
    order = np.random.default_rng(0).permutation(len(train))
    shuffled[["duration", "event"]] = train[["duration", "event"]].to_numpy()[order]
    lost = utility(model, train, shuffled, holdout, schema, full)
    assert lost[f"utility/loss/{model}/c_index"].value > 0.1
    assert all(metric.value is not None for metric in lost.values())


def test_differences_are_those_of_the_arms(audit, full):
    train, holdout, schema = audit
    found = utility("coxph", train, bootstrap(train), holdout, schema, full)

    def value(name):
        return found[f"utility/{name}"].value

    assert value("loss/coxph/c_index") == pytest.approx(
        value("trtr/coxph/c_index") - value("tstr/coxph/c_index")
    )
    assert value("gain/coxph/c_index") == pytest.approx(
        value("augmented/coxph/c_index") - value("trtr/coxph/c_index")
    )
    errors = [abs(1 - value(f"{arm}/coxph/slope")) for arm in ("trtr", "augmented")]
    assert value("gain/coxph/slope_error") == pytest.approx(errors[0] - errors[1])


@pytest.mark.parametrize("model", TREES_SLOW)
def test_a_fit_that_fails_is_null_with_its_reason(model, audit, full):
    train, holdout, schema = audit
    found = utility(model, train, train.assign(event=0), holdout, schema, full)
    metric = found[f"utility/tstr/{model}/c_index"]
    assert metric.value is None
    assert metric.reason == f"no {model} model: no events"
    assert found[f"utility/trtr/{model}/c_index"].value > 0.7
    assert "tstr has no c_index" in found[f"utility/loss/{model}/c_index"].reason
    broken = train.astype({"age": object})
    broken.loc[0, "age"] = "old"
    found = utility(model, train, broken, holdout, schema, full)
    assert found[f"utility/augmented/{model}/ibs"].value is None


def test_without_held_out_rows_everything_is_null(audit, full):
    train, _, schema = audit
    for model in MODELS:
        found = utility(model, train, bootstrap(train), None, schema, full)
        assert tuple(found) == names(model)
        assert {metric.value for metric in found.values()} == {None}
        assert {metric.reason for metric in found.values()} == {"no patients were held out"}


@pytest.mark.slow
def test_fresh_patients_train_a_model_that_is_tested_on_others(audit, fast):
    """Trained on the rows it is tested on, a model of 75 patients would beat the training rows'."""
    train, holdout, schema = audit
    table = holdout.sample(frac=1, random_state=0)
    found = evaluate(train, table, schema, settings=fast, holdout=holdout)
    half = len(table) // 2
    direct = utility("coxph", train, table.iloc[:half], table.iloc[half:], schema, fast)
    name = "utility/tstr/coxph/c_index"
    assert found[name].value == pytest.approx(direct[name].value)
    seen = utility("coxph", train, table, table, schema, fast)
    assert seen[name].value > found[name].value + 0.02


def test_a_constant_column_is_named(audit, full):
    train, holdout, schema = audit
    found = utility("coxph", train, train.assign(chf=1), holdout, schema, full)
    assert found["utility/tstr/coxph/slope"].reason == "constant in training: chf"
    assert found["utility/tstr/coxph/slope"].value is not None
    assert found["utility/augmented/coxph/slope"].reason is None


def test_fast_leaves_out_the_slow_models_and_no_name(audit, full, fast):
    train, holdout, schema = audit
    tables = train, bootstrap(train), schema
    quick = evaluate(*tables, settings=fast, holdout=holdout)
    assert set(quick) == set(evaluate(*tables, settings=fast))
    assert quick["utility/trtr/coxph/c_index"].value > 0.7
    for model in ("rsf", "gbcox"):
        assert {quick[name].reason for name in names(model)} == {
            "not computed under evaluation=fast"
        }


def test_the_cap_keeps_the_event_rate(full, patients):
    rows = patients(5000, 0)
    few, caveat = capped(rows, full.utility)
    assert caveat == "trained on 2000 of 5000 rows"
    assert len(few.design) == len(few.event) == 2000
    assert few.event.mean() == pytest.approx(rows.event.mean(), abs=1e-3)
    assert capped(few, full.utility) == (few, None)


@pytest.mark.parametrize("model", MODELS)
def test_scores_of_a_risk_are_on_the_log_hazard_scale(model, full, patients):
    """Against the planted linear predictor; trees smooth, so they get more room."""
    fitted = fit(model, patients(800, 0), full.utility)
    held = patients(500, 1)
    risk = fitted.predict(held.design).risk
    gradient = np.polyfit(held.design["x"], risk, 1)[0]
    assert gradient == pytest.approx(1, abs=0.15 if model == "coxph" else 0.3)


def test_standardisation_comes_from_the_training_rows(audit):
    train, holdout, schema = audit
    held = cox_data(holdout, train, schema).design["age"]
    expected = (holdout["age"] - train["age"].mean()) / train["age"].std()
    np.testing.assert_allclose(held, expected)


MISTAKES = {
    "models=[coxnet]": "evaluation.utility.models is 'coxnet'; choose one of coxph, rsf, gbcox",
    "subsample=0": "evaluation.utility.subsample is 0; it is a share above 0",
    "trees=0": "evaluation.utility.trees is 0; it must be a whole number of at least 1",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_sentence(mistake):
    keys = defaults(f"evaluation.utility.{mistake}")["evaluation"]
    with pytest.raises(InputError) as raised:
        build(EvaluationSettings, "evaluation", keys)
    assert str(raised.value).startswith(MISTAKES[mistake])


def test_many_held_out_rows_are_scored_by_some_and_the_error_is_said(audit, full):
    train, holdout, schema = audit
    some = replace(full, utility=replace(full.utility, test_rows=80))
    found, whole = (utility("coxph", train, train, holdout, schema, s) for s in (some, full))
    metric = found["utility/tstr/coxph/c_index"]
    said = re.fullmatch(
        rf"scored on 80 of {len(holdout)} held-out rows, drawn at random; "
        r"the standard error of a C-index is at most (0\.\d{3})",
        metric.reason,
    )
    assert abs(metric.value - whole["utility/tstr/coxph/c_index"].value) < 2 * float(said[1])
    assert found["utility/loss/coxph/c_index"].value == 0
    assert whole["utility/tstr/coxph/c_index"].reason is None
