"""The log partial likelihood: by hand, by its definition, and its derivatives by differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ck4gen.survival.partial_likelihood import PartialLikelihood
from ck4gen.survival.risk_sets import RiskSets

SEEDS = st.integers(0, 10**6)


def table(seed, rows=25, terms=2):
    """Few distinct times, so that events tie; weights, strata and delayed entry."""
    generator = np.random.default_rng(seed)
    duration = generator.integers(1, 9, rows).astype(float)
    outcome = {
        "duration": duration,
        "event": generator.integers(0, 2, rows),
        "weights": generator.uniform(0.2, 3, rows),
        "strata": generator.integers(0, 3, rows),
        "entry": (duration - generator.integers(1, 9, rows)).clip(0),
    }
    outcome["event"][0] = 1
    return generator.normal(size=(rows, terms)), outcome, generator.normal(size=terms)


def by_definition(x, beta, duration, event, weights, strata, entry, ties):
    """Sums over each risk set, one event time after the other."""
    value = 0.0
    for stratum in np.unique(strata):
        for time in np.unique(duration[(event == 1) & (strata == stratum)]):
            at_risk = (strata == stratum) & (duration >= time) & (entry < time)
            dying = at_risk & (duration == time) & (event == 1)
            risk, d = weights * np.exp(x @ beta), dying.sum()
            value += weights[dying] @ (x[dying] @ beta)
            for gone in range(d):
                share = gone / d if ties == "efron" else 0
                left = risk[at_risk].sum() - share * risk[dying].sum()
                value -= weights[dying].mean() * np.log(left)
    return value


def slope(function, at, step=1e-4):
    """Central differences by each element of ``at``."""
    sides = [(function(at + h), function(at - h)) for h in step * np.eye(len(at))]
    return np.array([(up - down) / (2 * step) for up, down in sides])


def test_two_tied_events_with_weights_by_hand():
    """Rows a, b die at 1 with weights 1 and 3; c, of weight 2, is censored later. b = log 2."""
    x = np.array([[1.0], [0.0], [1.0]])
    outcome = (np.array([1, 1, 2]), np.array([1, 1, 0]), np.array([1.0, 3.0, 2.0]))
    beta = np.log([2.0])
    # w exp(xb) = 2, 3, 4: 9 at risk, 5 among the dead; mean weight of the dead 2
    efron = PartialLikelihood(RiskSets(*outcome), x).at(beta)
    assert efron.value == pytest.approx(np.log(2) - 2 * (np.log(9) + np.log(9 - 5 / 2)))
    means = np.array([6 / 9, (6 - 2 / 2) / 6.5])
    assert efron.score == pytest.approx([1 - 2 * means.sum()])
    assert efron.information[0, 0] == pytest.approx(2 * (means * (1 - means)).sum())
    breslow = PartialLikelihood(RiskSets(*outcome, ties="breslow"), x)
    assert breslow.at(beta).value == pytest.approx(np.log(2) - 4 * np.log(9))
    assert breslow.hazard(beta) == pytest.approx([4 / 9])


def test_a_row_enters_after_the_event_at_its_entry():
    """At time 1 only the first row is at risk: the second enters then, exclusive."""
    sets = RiskSets(np.array([1, 2]), np.array([1, 1]), entry=np.array([0, 1]))
    assert sets.at_risk(np.array([1.0, 10.0])).tolist() == [1, 10]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_the_value_is_its_definition_and_the_rest_its_derivatives(ties, seed):
    x, outcome, beta = table(seed)
    likelihood = PartialLikelihood(RiskSets(**outcome, ties=ties), x)
    point = likelihood.at(beta)
    assert point.value == pytest.approx(by_definition(x, beta, **outcome, ties=ties), abs=1e-9)
    assert point.score == pytest.approx(slope(lambda b: likelihood.at(b).value, beta), abs=2e-5)
    score = slope(lambda b: likelihood.at(b).score, beta)
    assert point.information == pytest.approx(-score, abs=2e-5)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_score_residuals_are_the_derivatives_of_the_score_by_the_weights(ties, seed):
    x, outcome, beta = table(seed)
    weights = outcome.pop("weights")

    def score(w):
        return PartialLikelihood(RiskSets(**outcome, weights=w, ties=ties), x).at(beta).score

    likelihood = PartialLikelihood(RiskSets(**outcome, weights=weights, ties=ties), x)
    residuals = likelihood.score_residuals(beta)
    assert residuals == pytest.approx(slope(score, weights) * weights[:, None], abs=2e-5)
    assert residuals.sum(0) == pytest.approx(score(weights), abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_a_weight_of_two_is_the_row_twice_under_breslow(seed):
    x, outcome, beta = table(seed)
    outcome["weights"] = np.round(outcome["weights"]).clip(1)
    twice = np.repeat(np.arange(len(x)), outcome["weights"].astype(int))
    longer = {name: values[twice] for name, values in outcome.items() if name != "weights"}
    one = PartialLikelihood(RiskSets(**outcome, ties="breslow"), x)
    other = PartialLikelihood(RiskSets(**longer, ties="breslow"), x[twice])
    for left, right in zip(one.at(beta), other.at(beta), strict=True):
        assert left == pytest.approx(right, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_the_rows_does_not_matter(seed):
    x, outcome, beta = table(seed)
    order = np.random.default_rng(seed).permutation(len(x))
    mixed = {name: values[order] for name, values in outcome.items()}
    one = PartialLikelihood(RiskSets(**outcome), x)
    other = PartialLikelihood(RiskSets(**mixed), x[order])
    assert other.at(beta).information == pytest.approx(one.at(beta).information)
    assert other.score_residuals(beta) == pytest.approx(one.score_residuals(beta)[order])


def test_large_risks_stay_in_range():
    x, outcome, _ = table(0)
    likelihood = PartialLikelihood(RiskSets(outcome["duration"], outcome["event"]), x)
    assert np.isfinite(likelihood.at(np.array([1000.0, 0.0])).score).all() or (
        likelihood.at(np.array([1000.0, 0.0])).value == -np.inf
    )


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"weights": [1, 0]}, "weights must be positive"),
        ({"entry": [0, 2]}, "must enter before its end"),
        ({"duration": [1, np.nan]}, "missing or infinite"),
        ({"ties": "exact"}, "ties is 'exact'; it is one of efron, breslow"),
    ],
)
def test_outcomes_that_make_no_risk_sets_are_refused(fault, message):
    known = {"duration": [1, 2], "event": [1, 1]} | fault
    arrays = {n: v if n == "ties" else np.array(v, float) for n, v in known.items()}
    with pytest.raises(ValueError, match=message):
        RiskSets(**arrays)
