"""Complete cases: the Cox model that a person would fit to the rows without blanks."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.config import defaults
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.complete_cases import ERROR, INSIDE, NAMES, NO_BLANKS, complete_cases
from ck4gen.evaluation.complete_cases import REAL as SHARE
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.survival.cox import fit_cox
from conftest import keeping_blanks

SETTINGS = EvaluationSettings(**defaults("evaluation=fast")["evaluation"])


def compared(real, synthetic, schema):
    return complete_cases(CoxComparison(real, synthetic, schema, SETTINGS))


def test_the_real_table_agrees_with_itself(blanks):
    data = keeping_blanks(blanks)
    found = compared(data.train, data.train, data.schema)
    assert list(found) == list(NAMES)
    assert (found[ERROR].value, found[INSIDE].value) == (0, 1)
    assert found[SHARE].value == pytest.approx(blanks.notna().all(axis=1).mean())


def test_the_error_is_that_of_a_fit_by_hand(blanks):
    data = keeping_blanks(blanks)
    other = data.train.assign(age=data.train["age"].sample(frac=1, random_state=0).to_numpy())
    found = compared(data.train, other, data.schema)
    fits = []
    for table in (data.train, other):
        rows = table[blanks.notna().all(axis=1).to_numpy()]
        design = data.schema.design(rows).drop(columns=["marker is missing", "stage is missing"])
        fits.append(fit_cox(design, rows["duration"], rows["event"]))
    gap = (fits[1].coefficients - fits[0].coefficients).abs() / fits[0].standard_errors
    assert found[ERROR].value == pytest.approx(gap.mean(), rel=1e-4)


def test_without_blanks_there_is_a_reason(cohort):
    data = keeping_blanks(cohort)
    found = compared(data.train, data.train, data.schema)
    assert {metric.reason for metric in found.values()} == {NO_BLANKS}
    assert all(metric.value is None for metric in found.values())


def test_too_few_complete_rows_are_counted(cohort):
    frame = cohort.assign(marker=cohort["marker"].where(pd.Series(range(len(cohort))) < 15))
    data = keeping_blanks(frame)
    found = compared(data.train, data.train, data.schema)
    assert found[ERROR].value is None
    assert found[ERROR].reason.startswith("15 complete real rows with ")
    assert found[SHARE].value == pytest.approx(15 / 200)


def test_a_term_that_only_incomplete_rows_vary_in_is_left_out(blanks):
    only = blanks["marker"].isna() & (np.arange(len(blanks)) % 2 == 0)
    data = keeping_blanks(blanks.assign(flag=only.astype(int)))
    found = compared(data.train, data.train, data.schema)
    assert found[ERROR].value == 0
