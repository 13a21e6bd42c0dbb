"""Every attack fires on copies and stays at its null on shuffled and on fresh patients."""

from dataclasses import replace

import numpy as np
import pytest

from ck4gen.evaluation.privacy.audit import privacy_metrics
from ck4gen.evaluation.privacy.high_risk_patients import GROUPS

pytestmark = pytest.mark.slow

NULL = {
    "privacy/dcr_ratio": 1.0, "privacy/closer_to_train": 0.5, "privacy/membership_auc": 0.5,
    "privacy/outcome_link_advantage": 0.0, "privacy/attribute_advantage": 0.0,
}  # fmt: skip
SEEDS = range(5)
FALSE_ALARMS = 2  # of 5 at the 5 % level; more comes once in 900 times


@pytest.fixture(scope="module")
def attacks(quick):
    """The audit without criteria, which take half of its time and have tests of their own."""
    return replace(quick, privacy=replace(quick.privacy, criteria=False))


@pytest.fixture(scope="module", params=["whas500", "actg320", "simulated"])
def audits(request, attacks, world):
    """The audits of one cohort by kind of generator."""
    if request.param == "simulated":
        make, schema = request.getfixturevalue("simulated")
        table = make(800, 0)
    else:
        table, schema = request.getfixturevalue(request.param)
    found = {}
    for kind in ("bootstrap", "independent", "fresh"):
        found[kind] = []
        for seed in SEEDS:
            real, synthetic, holdout, source = world(kind, table, schema, seed)
            found[kind].append(privacy_metrics(real, synthetic, holdout, source, schema, attacks))
    return found


def beyond(metric, null):
    """1 above, -1 below, 0 where the interval holds the null."""
    return int(metric.low > null) - int(metric.high < null)


def shown(audits, name, null):
    return np.array([beyond(audit[name], null) for audit in audits])


@pytest.mark.parametrize("name", NULL)
def test_copies_are_seen(audits, name):
    leak = -1 if name == "privacy/dcr_ratio" else 1
    if name == "privacy/membership_auc":  # broad kernels: one small table may not show it
        values = [audit[name].value for audit in audits["bootstrap"]]
        assert np.mean(values) - 0.5 > 3 * np.std(values, ddof=1) / np.sqrt(len(SEEDS))
    else:
        assert (shown(audits["bootstrap"], name, NULL[name]) == leak).all()


@pytest.mark.parametrize("name", NULL)
def test_fresh_patients_sit_at_the_null(audits, name):
    assert np.abs(shown(audits["fresh"], name, NULL[name])).sum() <= FALSE_ALARMS


@pytest.mark.parametrize("name", NULL)
def test_shuffled_columns_are_no_leak(audits, name):
    leak = -1 if name == "privacy/dcr_ratio" else 1
    assert (shown(audits["independent"], name, NULL[name]) == leak).sum() <= FALSE_ALARMS


@pytest.mark.parametrize("name", ["closer_to_train", "membership_auc"])
def test_the_mean_over_fresh_tables_is_chance(audits, name):
    values = [audit[f"privacy/{name}"].value for audit in audits["fresh"]]
    # the SD of one table is at most .05; the splits of one cohort overlap, so no root of 5
    assert np.mean(values) == pytest.approx(0.5, abs=0.05)


def test_copies_link_to_their_source_and_pass_for_nobody_else(audits):
    for audit in audits["bootstrap"]:
        assert audit["privacy/self_link"].value == pytest.approx(1)
        assert audit["privacy/exact_copy"].low > audit["privacy/exact_copy_chance"].high
        assert audit["privacy/nndr"].value <= audit["privacy/nndr_holdout"].value
        for group in GROUPS:
            assert audit[f"privacy/self_link/{group}"].low > 0.5
    for audit in (*audits["fresh"], *audits["independent"]):
        assert audit["privacy/exact_copy"].low <= audit["privacy/exact_copy_chance"].high
        assert audit["privacy/self_link"].reason == "synthetic rows have no single source row"


def test_vulnerable_patients_do_not_hide_behind_the_average(audits):
    name = "privacy/outcome_link_advantage/leverage"
    seen = [a[name] for a in audits["bootstrap"] if a[name].value is not None]
    assert np.mean([beyond(metric, 0) > 0 for metric in seen]) >= 0.5
    null = [a[name] for a in audits["independent"] if a[name].value is not None]
    assert sum(beyond(metric, 0) > 0 for metric in null) <= FALSE_ALARMS


def test_all_groups_together_raise_few_false_alarms(audits):
    """Of ten tables without a leak: more than two alarms at the 5 % level come once in 90 times."""
    attacks = ("outcome_link_advantage", "attribute_advantage", "membership_auc")
    names = [f"{attack}/{group}" for attack in attacks for group in GROUPS]
    alarms = 0
    for audit in (*audits["fresh"], *audits["independent"]):
        found = {name: audit[f"privacy/{name}"] for name in names}
        alarms += any(
            metric.value is not None and metric.low > NULL[f"privacy/{name.split('/')[0]}"]
            for name, metric in found.items()
        )
    assert alarms <= 2


def test_power_grows_with_the_share_of_copies(simulated, world, attacks):
    make, schema = simulated
    tables = world("fresh", make(600, 1), schema, 0)
    found = []
    for share in (0.05, 0.6):
        node = replace(attacks.privacy, power_replicates=20, planted_share=share)
        found.append(privacy_metrics(*tables, schema, replace(attacks, privacy=node)))
    for name in ("closer_to_train", "outcome_link_advantage", "membership_auc"):
        few, many = (audit[f"privacy/{name}/power"] for audit in found)
        assert 0 <= few.low <= few.value <= few.high <= 1
        assert many.value >= few.value
        if name != "membership_auc":  # four covariates: its kernels see little of single patients
            assert many.value >= 0.8
