"""Cause-specific hazard ratios and cumulative incidence of two tables."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation.competing_causes import (
    ERROR,
    INCIDENCE,
    INSIDE,
    NAMES,
    competing_causes,
    incidence_distance,
)
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.hazard_table import hazard_table
from ck4gen.survival.cox import fit_cox
from ck4gen.survival.cumulative_incidence import cumulative_incidence


@pytest.fixture
def module(cohort):
    data = FrameDataModule(
        cohort.assign(died=cohort["died"] * np.resize([1, 2], 200)), "days", "died"
    )
    data.setup()
    return data


def compared(data, synthetic, settings):
    return competing_causes(CoxComparison(data.train, synthetic, data.schema, settings))


def test_cumulative_incidence_by_hand():
    """Four patients: cause 1 at 1, cause 2 at 2, censored at 3, cause 1 at 4."""
    table = pd.DataFrame({"duration": [1, 2, 3, 4], "cause": [1, 2, 0, 1]})
    curves = cumulative_incidence(table, 2)
    at = np.array([0.5, 1, 2, 3, 4])
    np.testing.assert_allclose(curves[1].at(at), [0, 0.25, 0.25, 0.25, 0.75])
    np.testing.assert_allclose(curves[2].at(at), [0, 0, 0.25, 0.25, 0.25])
    swapped = table.assign(cause=[2, 1, 0, 2])
    gap = (0.25 * 1 + 0 * 2) / 4  # of either cause; the last time has no width
    assert incidence_distance(table, swapped) == pytest.approx(gap)
    with pytest.raises(ValueError, match="no row has cause 2"):
        cumulative_incidence(table.assign(cause=[1, 1, 0, 1]), 2)


def test_a_table_agrees_with_itself(module, fast):
    found = compared(module, module.train, fast)
    assert list(found) == list(NAMES)
    assert [found[name].value for name in NAMES] == [0, 1, 0]


def test_hazard_ratios_are_those_of_each_cause(module, fast):
    """Another table's error is the refitted difference of the second cause alone."""
    other = module.train.assign(age=module.train["age"] + 10 * (module.train["cause"] == 2))
    found = compared(module, other, fast)
    fits = [
        fit_cox(module.schema.design(t), t["duration"], t["cause"] == 2)
        for t in (module.train, other)
    ]
    gap = (fits[1].coefficients - fits[0].coefficients).abs() / fits[0].standard_errors
    assert found[ERROR].value == pytest.approx(gap.mean(), rel=1e-6)
    assert found[INSIDE].value < 1
    table = hazard_table(CoxComparison(module.train, other, module.schema, fast))
    assert table.groupby("cause", sort=False)["real"].count().to_dict() == {
        "died is 1": 5,
        "died is 2": 5,
    }
    second = table[table["cause"] == "died is 2"].set_index("term")["real"]
    np.testing.assert_allclose(np.log(second), fits[0].coefficients, rtol=1e-6)


def test_a_lost_cause_is_a_reason(module, fast):
    found = compared(module, module.train.assign(cause=module.train["event"]), fast)
    assert found[INCIDENCE].value is None
    assert "no row has cause 2" in found[INCIDENCE].reason


def test_without_causes_there_is_a_reason(cohort, fast):
    data = FrameDataModule(cohort, "days", "died")
    data.setup()
    found = compared(data, data.train, fast)
    assert {metric.reason for metric in found.values()} == {"no cause competes with the event"}
