import numpy as np
import pytest

from ck4gen.data.public_column import PublicColumn
from ck4gen.described.copula import Copula, nearest_correlation
from ck4gen.described.hazards import Hazards, quadratic_cuts
from ck4gen.described.marginal import Marginal, cell_edges


@pytest.fixture(scope="module")
def setting():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(40_000, 2))
    cuts = quadratic_cuts(1000, 8)
    events = np.array([0.08, 0.06, 0.05, 0.05, 0.05, 0.05, 0.04, 0.04])
    censored = np.array([0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07])
    coefficients = np.array([0.7, -0.3])
    hazards = Hazards.of_counts(x, coefficients, cuts, events, censored)
    return x, coefficients, cuts, events, hazards, 1 - generator.random((len(x), 2))


def test_hazards_give_the_counts_that_they_were_made_for(setting):
    x, coefficients, cuts, events, hazards, uniform = setting
    time, event = hazards.draw(x, coefficients, uniform)
    counted = np.histogram(time[event == 1], cuts)[0] / len(x)
    assert np.abs(counted - events).max() < 5 * np.sqrt(0.08 * 0.92 / len(x))


def test_scores_vanish_on_average_at_the_truth_and_only_there(setting):
    x, coefficients, _, _, hazards, uniform = setting
    outcome = hazards.draw(x, coefficients, uniform)
    scores = hazards.scores(x, *outcome, coefficients)
    z = scores.mean(0) / (scores.std(0) / np.sqrt(len(x)))
    assert np.abs(z).max() < 4
    covariance = np.cov(scores.T)
    assert covariance == pytest.approx(hazards.information, rel=0.05, abs=0.01)
    far = hazards.scores(x, *outcome, np.zeros(2)).mean(0)
    assert np.abs(far / (scores.std(0) / np.sqrt(len(x)))).min() > 20


def test_weighted_means_at_risk_are_those_of_drawn_patients(setting):
    x, coefficients, cuts, _, hazards, uniform = setting
    weight, until = 1 / (1 + np.abs(x[:, 0])), np.where(x[:, 1] > 0, 200.0, 1000.0)
    time = np.minimum(hazards.draw(x, coefficients, uniform)[0], until)
    risk = weight * np.exp(x @ coefficients)
    found = hazards.weighted_means(x, coefficients, weight, until)
    for place in range(len(cuts) - 1):
        at_risk = risk * (time - cuts[place]).clip(0, cuts[place + 1] - cuts[place])
        assert found[place] == pytest.approx(at_risk @ x / at_risk.sum(), abs=0.04)


def test_a_copula_gives_the_correlations_of_scores_that_it_was_made_for():
    age = PublicColumn("age", low=0, high=100)
    edges = cell_edges(age, 20)
    shares = np.linspace(1, 3, len(edges) - 1)
    marginals = [
        Marginal(age, shares / shares.sum(), edges),
        Marginal(PublicColumn("sex", ("0", "1")), np.array([0.8, 0.2]), None),
        Marginal(PublicColumn("stage", ("I", "II", "III")), np.array([0.3, 0.5, 0.2]), None),
    ]
    wanted = np.array([[1, 0.4, -0.3], [0.4, 1, 0.2], [-0.3, 0.2, 1]])
    drawn = Copula.of_scores(marginals, wanted).draw(200_000, np.random.default_rng(1))
    scores = np.column_stack([m.score(drawn[m.column.name].to_numpy()) for m in marginals])
    assert np.corrcoef(scores.T) == pytest.approx(wanted, abs=0.02)
    assert drawn["sex"].mean() == pytest.approx(0.2, abs=0.005)


def test_an_impossible_correlation_becomes_a_possible_one():
    found = nearest_correlation(np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]]))
    assert np.linalg.eigvalsh(found).min() > 0
    assert np.diag(found) == pytest.approx(1)
