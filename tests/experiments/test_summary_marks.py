"""A table over seeds says below itself what its marks mean."""

import pandas as pd
import pytest

from ck4gen.experiments.summary_marks import BOLD, PARTLY, below, of_seeds, page


def test_a_mean_of_some_of_the_seeds_says_of_how_many():
    assert [of_seeds(known, 3) for known in (0, 2, 3)] == ["", " (2 of 3)", ""]


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        ("0.1 ± 0.2", []),
        ("**0.1 ± 0.2**", [BOLD]),
        ("0.1 (1 of 2)", [PARTLY]),
        ("**0.1 ± 0.2 (2 of 3)**", [BOLD, PARTLY]),
    ],
)
def test_only_marks_that_are_there_are_explained(cell, lines):
    means = pd.DataFrame({"method": ["a"], "hazard/in_ci": [cell]})
    assert below(means) == lines
    assert page(means).splitlines()[3:] == ["", *lines] * bool(lines)
