"""A Cox fit does not depend on where Newton starts."""

import pandas as pd
import pytest

from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.survival.cox import NEWTON_TOLERANCE
from ck4gen.survival.cox_data import cox_data


@pytest.mark.parametrize("penalizer", [0.0, 0.01])
@pytest.mark.parametrize("away", [0.0, 0.1, 100.0])
def test_a_start_changes_the_steps_and_not_the_solution(penalizer, away):
    data = WHAS500DataModule()
    data.setup()
    rows = cox_data(data.train, data.train, data.schema)
    fit = rows.fit(penalizer=penalizer)
    start = pd.Series(away, fit.coefficients.index)
    again = rows.fit(penalizer=penalizer, start=start)
    apart = (again.coefficients - fit.coefficients).abs() / fit.standard_errors
    assert apart.max() < 2 * NEWTON_TOLERANCE
    pd.testing.assert_series_equal(again.standard_errors, fit.standard_errors, rtol=1e-3)
