"""Groups of rows with nearly the same outcome, and the same share chosen of each."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ck4gen.calibration.condition import SyntheticOutcomes
from ck4gen.calibration.outcome_groups import OutcomeGroups


def drawn(seed, rows, strata):
    """Outcomes by chance, with ties."""
    rng = np.random.default_rng(seed)
    stratum = rng.integers(0, 3, rows) if strata else None
    return SyntheticOutcomes(rng.integers(1, 40, rows), rng.integers(0, 3, rows), stratum)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 400), st.integers(1, 60), st.booleans())
def test_a_group_is_of_one_stratum_and_cause_and_of_neighbouring_times(seed, rows, size, strata):
    outcomes = drawn(seed, rows, strata)
    code = OutcomeGroups.of(outcomes, size).code.numpy()
    assert set(code) == set(range(code.max() + 1))  # none is empty
    stratum = np.zeros(rows) if outcomes.stratum is None else outcomes.stratum
    last: dict = {}
    for group in range(code.max() + 1):
        inside = code == group
        (kind,) = set(zip(stratum[inside], outcomes.cause[inside], strict=True))
        alike = (stratum == kind[0]) & (outcomes.cause == kind[1])
        assert min(size, alike.sum()) <= inside.sum() < 2 * size or size > alike.sum()
        time = outcomes.duration[inside]
        assert time.min() >= last.get(kind, 0)
        last[kind] = time.max()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 400), st.integers(1, 60), st.floats(0.01, 1))
def test_the_same_share_of_each_group_is_taken_those_with_the_highest_priority(
    seed, rows, size, share
):
    groups = OutcomeGroups.of(drawn(seed, rows, strata=False), size)
    priority = torch.from_numpy(np.random.default_rng(seed).standard_normal(rows))
    wanted = max(1, round(share * rows))
    taken = groups.highest(priority, wanted)
    assert len(taken) == wanted == len(set(taken.tolist()))
    counts = groups.code[taken].bincount(minlength=len(groups.rows))
    assert (counts - groups.rows * wanted / rows).abs().max() < 1
    left = torch.ones(rows, dtype=torch.bool).index_fill(0, taken, False)
    for group in range(len(groups.rows)):
        inside = groups.code == group
        if (inside & left).any() and counts[group]:
            assert (
                priority[inside & left].max() < priority[taken][groups.code[taken] == group].min()
            )


def test_means_of_groups_are_those_of_their_rows():
    groups = OutcomeGroups(torch.tensor([0, 1, 0, 1, 1]))
    values = torch.tensor([[1.0, 0], [2, 3], [3, 8], [4, 3], [6, 0]])
    expected = torch.tensor([[2.0, 4], [4, 2], [2, 4], [4, 2], [4, 2]])
    torch.testing.assert_close(groups.mean(values), expected)
    torch.testing.assert_close(groups.mean(values[:, 0]), expected[:, 0])
