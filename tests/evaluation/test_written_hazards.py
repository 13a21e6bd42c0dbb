"""Hazard ratios as people read them."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.evaluation.written_hazards import (
    NUMBERS,
    ratio_text,
    read_hazard_table,
    readable,
    row_name,
)


def row(coefficient, error, **more):
    ends = np.exp(np.array([0, -1.96, 1.96]) * error + coefficient)
    return {"term": "troponin"} | dict(zip(NUMBERS, [*ends, *ends**2], strict=True)) | more


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (0.3, "troponin"),
        (0.005, "troponin"),  # 1.02 (1.01-1.03) can be read
        (0.003, "troponin per 10"),
        (7.8e-6, "troponin per 1,000"),
    ],
)
def test_a_ratio_per_unit_that_says_nothing_is_one_per_step(error, name):
    found = readable(row(-0.7 * error, error))
    assert row_name(found, "troponin") == name
    low, high = found["real_low"], found["real_high"]
    assert np.log(high / low) == pytest.approx(found["per"] * 2 * 1.96 * error)
    assert np.log(found["synthetic"]) == pytest.approx(found["per"] * -1.4 * error)
    assert ratio_text(found, "real") != "1.00 (1.00-1.00)"


@pytest.mark.parametrize("term", ["1", "True", "null"])
def test_a_term_is_read_as_it_is_called(term, tmp_path):
    file = tmp_path / "hazard_ratios.csv"
    pd.DataFrame([row(0.1, 0.3) | {"term": term}]).to_csv(file, index=False)
    read = read_hazard_table(file)
    assert list(read["term"]) == [term]
    assert read["real"].dtype == float


def test_what_has_no_interval_stays_as_it_is():
    without = row(0.1, 0.3) | dict.fromkeys(NUMBERS[:3], np.nan) | {"cause": "cod is 2"}
    found = readable(without)
    assert row_name(found, "hiv") == "hiv (cod is 2)"
    assert ratio_text(found, "real") == "-"
    separated = readable(row(0.1, 0.3) | {"real_low": 0.0, "real_high": np.inf})
    assert separated["per"] == 1
