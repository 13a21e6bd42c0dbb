"""The worked example says of GBSG2 what the cohort itself has."""

import numpy as np

from ck4gen.api import load
from ck4gen.config import ROOT
from ck4gen.described.published.reader import read_published
from ck4gen.survival.cox import fit_cohort
from ck4gen.survival.kaplan_meier import kaplan_meier


def test_the_example_has_the_numbers_of_the_cohort():
    numbers = read_published(str(ROOT / "examples" / "published" / "gbsg2.yaml"))
    real = load("gbsg2")
    table = real.train
    assert (numbers.patients, numbers.events) == (len(table), table["event"].sum())
    assert numbers.public.schema.design_names == real.schema.design_names
    for column in numbers.columns:
        counts = table[column.public.name].astype(str).value_counts()
        assert (column.shares * len(table)).round().tolist() == [
            counts[level] for level in column.public.levels
        ]
    curve = kaplan_meier(table).at(np.array(list(numbers.survival)))
    assert curve.round(2).tolist() == list(numbers.survival.values())
    for time, count in numbers.at_risk.items():
        assert (table["duration"] >= time).sum() == count
    fit = fit_cohort(real.cohort)
    z = (numbers.coefficients - fit.coefficients) / fit.standard_errors
    assert np.abs(z).max() < 0.1  # published ratios have two decimals
