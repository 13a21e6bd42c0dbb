import numpy as np
import pandas as pd
import pytest

from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.privacy.audit import leaks, privacy_metrics
from ck4gen.evaluation.privacy.leak import NAMES, Judge
from ck4gen.evaluation.privacy.page import attacked, audit_page
from ck4gen.evaluation.privacy.randomization import fold_gains, split_gains
from ck4gen.evaluation.privacy.verdict import MEANING, verdict
from ck4gen.guard.release import Release
from ck4gen.settings import InputError, build


def judged(metrics, settings, real=False, copied=False, **keys):
    return verdict(metrics, settings.verdict, real, copied, **keys)


@pytest.fixture
def clean():
    """Metrics of a table without a leak, measured on many patients."""
    metrics = {}
    for leak, needed in NAMES.values():
        metrics |= {leak: Metric(0.0, -0.02, 0.02), needed: Metric(900.0)}
    return metrics


def test_a_table_without_a_leak_passes_unless_its_rows_are_real(clean, full):
    found = judged(clean, full)
    assert (found["overall"], found["reason"], found["patients"]) == ("pass", None, None)
    assert judged(clean, full, real=True)["overall"] == "fail"


@pytest.mark.parametrize("attack", MEANING)
def test_each_attack_can_fail_a_table(clean, full, attack):
    found = judged(clean | {NAMES[attack][0]: Metric(0.3, 0.28, 0.32)}, full)
    assert found["overall"] == found["findings"][NAMES[attack][0]]["status"] == "fail"
    assert MEANING[attack] in found["summary"]


@pytest.mark.parametrize(
    ("attack", "metric", "status"),
    [
        ("attribute", Metric(0.05, 0.01, 0.08), "pass"),  # a leak, one of 0.09 is ruled out
        ("copies", Metric(0.05, 0.01, 0.08), "fail"),  # copies are no matter of degree
        ("attribute", Metric(0.05, 0.01, 0.12), "fail"),  # a leak, one of 0.09 is not ruled out
        ("attribute", Metric(0.12, -0.05, 0.29), "too few patients"),
        ("attribute", Metric(-0.2, -0.3, -0.1), "pass"),  # worse than chance is no leak
        ("attribute", Metric(None, reason="not computed under evaluation=fast"), "not tested"),
    ],
)
def test_a_leak_is_shown_or_ruled_out_or_neither(clean, full, attack, metric, status):
    found = judged(clean | {NAMES[attack][0]: metric}, full)
    assert found["findings"][NAMES[attack][0]]["status"] == found["overall"] == status
    assert found["patients"] == (900 if status == "too few patients" else None)
    assert ("About 900 patients" in found["summary"]) == (status == "too few patients")


def test_as_many_patients_as_there_are_are_not_asked_for(clean, full):
    metrics = clean | {NAMES["attribute"][0]: Metric(0.07, -0.01, 0.11)}
    found = judged(metrics, full, patients=1000)  # 900 usually do
    assert (found["overall"], found["patients"]) == ("too few patients", None)
    assert "there may be a small one" in found["summary"]


def test_high_risk_patients_and_distances_are_described_not_judged(clean, full):
    more = {"privacy/outcome_link_advantage/leverage": Metric(0.5, 0.2, 0.8)}
    more["privacy/closer_to_train"] = Metric(0.9, 0.88, 0.92)
    found = judged(clean | more, full)
    assert found["overall"] == "pass"
    assert "who move the hazard ratios a leak shows in outcome link" in found["summary"]


def test_the_worst_case_is_judged_where_the_noise_is_known(clean, full):
    names = [f"privacy/worst_case/{k}/{s}" for k in ("hazard_ratios", "columns") for s in
             ("mean", "max")]  # fmt: skip
    areas = clean | {name: Metric(0.55) for name in names}
    exposed = areas | {
        "privacy/worst_case/columns/max": Metric(0.99),
        "privacy/times_the_noise/columns": Metric(1.9),
        "privacy/times_the_noise/hazard_ratios": Metric(1.0),
    }
    known = Release(noise={"hazard_ratios": 1.0})
    assert judged(areas, full, release=known)["overall"] == "pass"
    found = judged(exposed, full, release=known)
    assert found["overall"] == "fail"
    assert "1.9 times as much noise (method.guard.noise) would hide that" in found["summary"]
    assert judged(exposed, full, release=Release())["overall"] == "pass"


def test_where_no_noise_would_do_none_is_named(clean, full):
    names = [f"privacy/worst_case/{k}/{s}" for k in ("hazard_ratios", "columns") for s in
             ("mean", "max")]  # fmt: skip
    exposed = clean | {name: Metric(0.99) for name in names}
    exposed |= {
        "privacy/times_the_noise/columns": Metric(1.9),
        "privacy/times_the_noise/hazard_ratios": Metric(None, reason="more than 10 times"),
    }
    found = judged(exposed, full, release=Release(noise={"hazard_ratios": 1.0}))
    assert "Its statistics tell who knows all other patients" in found["summary"]
    assert "as much noise" not in found["summary"]


@pytest.mark.parametrize(("kind", "overall"), [("bootstrap", "fail"), ("fresh", "pass")])
def test_copies_fail_and_fresh_patients_pass(simulated, world, quick, kind, overall):
    make, schema = simulated
    real, synthetic, holdout, source = world(kind, make(4000, 0), schema, 0)
    metrics = leaks(real, synthetic, holdout, source, schema, quick)
    found = judged(metrics, quick)
    assert found["overall"] == overall, found


def test_without_controls_copies_fail_and_nothing_passes(simulated, quick):
    make, schema = simulated
    real, other = make(200, 0), make(200, 1)
    copied = judged(privacy_metrics(real, real, None, None, schema, quick), quick)
    assert copied["overall"] == "fail"
    found = judged(privacy_metrics(real, other, None, None, schema, quick), quick)
    assert found["overall"] == "not tested"
    assert found["reason"].startswith("no patients were held out: what an attacker learns")


def test_adjustment_finds_the_same_gain_with_less_noise():
    generator = np.random.default_rng(0)
    known = generator.normal(size=(600, 3))
    train = np.arange(600) < 400
    success = known @ [[0.4], [0.0], [0.0]] + 0.1 * train[:, None]
    success = success + generator.normal(0, 0.1, (600, 1))
    keys = {"draws": 200, "seed": 0}
    plain, adjusted = (split_gains(success, train, known, s, **keys) for s in (1e-9, 0.05))
    assert adjusted.value == pytest.approx(0.1, abs=0.03)
    assert adjusted.null.std() < plain.null.std() / 2


def test_a_patient_is_compared_with_him_or_herself_across_folds(full):
    generator = np.random.default_rng(0)
    fold = np.repeat(np.arange(5), 40)
    base = generator.uniform(0, 1, 200)  # easy and hard patients
    success = np.tile(base, (5, 1)) + generator.normal(0, 0.05, (5, 200))
    clean = fold_gains(success[:, :, None], fold, 400, 0)
    assert abs(clean.value[0]) < 0.02
    leaking = success.copy()
    leaking[fold, np.arange(200)] -= 0.1  # the table without the patient knows less
    found = fold_gains(leaking[:, :, None], fold, 400, 0)
    assert found.value[0] == pytest.approx(clean.value[0] + 0.1 * 5 / 4 - 0.1 / 4, abs=1e-9)
    metrics = Judge(full.verdict, 4).of_gains("attribute", found)
    assert metrics["privacy/leak/attribute"].low > 0.05


def test_the_page_lists_findings_and_small_cells(clean, full):
    metrics = {name: metric.as_dict() for name, metric in clean.items()}
    metrics["privacy/exact_copy"] = Metric(0.02, 0.01, 0.03).as_dict()
    metrics["privacy/exact_copy_chance"] = Metric(0.03, 0.02, 0.04).as_dict()
    report = {
        "dataset": "d", "method": "m", "seed": 0, "split": "audit", "verdict": judged(clean, full),
        "metrics": metrics, "config": {"evaluation": {"verdict": {"level": 0.05}}},
    }  # fmt: skip
    page = audit_page(report, pd.DataFrame({"stage": ["a|b"], "real": [1], "synthetic": [2]}), 5)
    assert "**Verdict: pass**" in page
    assert r"| a\|b | 1 | 2 |" in page
    assert "| rows back to their patient | pass | 0.000 (-0.020 to 0.020) |" in page
    assert "0.020 (0.010 to 0.030); without a leak 0.030 (0.020 to 0.040)" in page
    assert "None to list: no binary" in audit_page(report, "no binary", 5)


def test_the_page_says_of_how_many_patients_attacks_are():
    assert attacked(700, 300, 5000) == ""
    assert attacked(70_000, 0, 5000) == ""
    said = attacked(70_000, 3000, 5000)
    assert said.startswith("Attacks were tried on 5,000 of 70,000 patients used and 3,000 of 3,000")


def test_a_limit_out_of_range_is_refused(full):
    keys = vars(full.verdict) | {"worst_case_max": 0.4}
    with pytest.raises(InputError, match=r"evaluation\.verdict\.worst_case_max is 0\.4; it lies"):
        build(type(full.verdict), "evaluation.verdict", keys)
