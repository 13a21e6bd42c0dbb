from dataclasses import replace

import pandas as pd
import pytest

from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.privacy.audit import privacy_metrics
from ck4gen.evaluation.privacy.page import audit_page
from ck4gen.evaluation.privacy.verdict import MEANING, verdict
from ck4gen.settings import InputError

HALF = {"closer_to_train", "membership_auc"}


def judged(metrics, settings, real=False, copied=False):
    return verdict(metrics, settings.verdict, 300, real, copied)


@pytest.fixture
def clean():
    """Metrics of a table without a leak, measured on many patients."""
    half, none = (0.5, 0.48, 0.52), (0.0, -0.02, 0.02)
    values = {name: half if name in HALF else none for name in MEANING}
    values |= {
        "dcr_ratio": (1.0, 0.95, 1.05),
        "nndr": (0.5, 0.45, 0.55), "nndr_holdout": (0.5, 0.45, 0.55),
        "exact_copy": (0.01, 0.005, 0.015), "exact_copy_chance": (0.01, 0.005, 0.015),
        "exact_copy_holdout": (0.005, 0.0, 0.01), "self_link": (0.003, 0.001, 0.01),
    }  # fmt: skip
    return {f"privacy/{name}": Metric(*ends) for name, ends in values.items()}


def test_a_table_without_a_leak_passes_unless_its_rows_are_real(clean, full):
    assert judged(clean, full)["overall"] == "pass"
    assert judged(clean, full, real=True)["overall"] == "fail"


@pytest.mark.parametrize("name", MEANING)
def test_each_metric_can_fail_a_table(clean, full, name):
    small = name in ("dcr_ratio", "nndr")
    leak = Metric(0.1, 0.08, 0.12) if small else Metric(0.9, 0.88, 0.92)
    found = judged(clean | {f"privacy/{name}": leak}, full)
    assert found["overall"] == "fail"
    assert found["findings"][f"privacy/{name}"]["status"] == "fail"
    assert MEANING[name] in found["summary"]


@pytest.mark.parametrize(
    ("metric", "status"),
    [
        (Metric(0.05, 0.01, 0.08), "caution"),  # a leak, below the limit of .09
        (Metric(0.02, -0.10, 0.14), "caution"),  # one of the limit's size is not ruled out
        (Metric(0.12, -0.05, 0.29), "caution"),  # large, but chance may do it
        (Metric(0.02, -0.04, 0.08), "pass"),
        (Metric(-0.2, -0.3, -0.1), "pass"),  # worse than chance is no leak
        (Metric(None, reason="not computed under evaluation=fast"), "caution"),
    ],
)
def test_what_is_not_ruled_out_does_not_pass(clean, full, metric, status):
    found = judged(clean | {"privacy/attribute_advantage": metric}, full)
    assert found["findings"]["privacy/attribute_advantage"]["status"] == status
    assert found["overall"] == status


def test_vulnerable_patients_count_where_they_show_a_leak(clean, full):
    name = "privacy/outcome_link_advantage/leverage"
    noisy = judged(clean | {name: Metric(0.3, -0.1, 0.7)}, full)
    assert name not in noisy["findings"]
    hit = judged(clean | {name: Metric(0.5, 0.2, 0.8)}, full)
    assert hit["overall"] == "fail"
    assert "who move the hazard ratios" in hit["summary"]


def test_weak_tests_say_so_and_the_text_promises_nothing(clean, full):
    found = judged(clean | {"privacy/membership_auc/power": Metric(0.1, 0.0, 0.2)}, full)
    assert "in 10% of trials only" in found["findings"]["privacy/membership_auc"]["note"]
    assert "differential privacy" in found["summary"]
    assert "stands in for" in found["summary"]


@pytest.mark.parametrize(
    ("kind", "overall"), [("bootstrap", {"fail"}), ("fresh", {"pass", "caution"})]
)
def test_copies_fail_and_fresh_patients_do_not(simulated, world, quick, kind, overall):
    make, schema = simulated
    real, synthetic, holdout, source = world(kind, make(2000, 0), schema, 0)
    metrics = privacy_metrics(real, synthetic, holdout, source, schema, quick)
    found = verdict(metrics, quick.verdict, len(real), False, False)
    assert found["overall"] in overall, found


def test_no_verdict_without_held_out_rows(simulated, quick):
    make, schema = simulated
    real = make(200, 0)
    found = judged(privacy_metrics(real, real, None, None, schema, quick), quick)
    assert found["overall"] is None
    assert found["reason"].endswith("run the same configuration with split=audit")


def test_the_page_lists_findings_and_small_cells(clean, full):
    report = {
        "dataset": "d", "method": "m", "seed": 0, "split": "audit", "verdict": judged(clean, full),
        "metrics": {name: metric.as_dict() for name, metric in clean.items()},
        "config": {"evaluation": {"confidence": 0.95}},
    }  # fmt: skip
    page = audit_page(report, pd.DataFrame({"stage": ["a|b"], "real": [1], "synthetic": [2]}), 5)
    assert "**Verdict: pass**" in page
    assert r"| a\|b | 1 | 2 |" in page
    assert "| privacy/self_link | pass | 0.003 (0.001 to 0.010) |" in page
    assert "None to list: no binary" in audit_page(report, "no binary", 5)


def test_a_limit_on_the_wrong_side_of_chance_is_refused(full):
    with pytest.raises(InputError, match=r"evaluation\.verdict\.membership_auc is 0\.4; it lies"):
        replace(full.verdict, membership_auc=0.4)
    with pytest.raises(InputError, match=r"evaluation\.privacy\.planted_share is 1"):
        replace(full.privacy, planted_share=1)
