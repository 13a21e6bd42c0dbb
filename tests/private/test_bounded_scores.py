"""Bounded scores: no patient exceeds the bound, and none is biased by it."""

from dataclasses import replace

import numpy as np
import pytest

from ck4gen.described.hazards import quadratic_cuts
from ck4gen.private.bounded_scores import BoundedScores
from ck4gen.private.columns import falling_tails
from ck4gen.private.mechanism import clipped
from ck4gen.private.simulated import Simulated

TRUE = np.array([0.5, 0.1])


@pytest.fixture(scope="module")
def made():
    """Scores by normal patients, and others of the same hazards with far and linked tails."""
    generator = np.random.default_rng(0)
    cuts = quadratic_cuts(1000, 8)
    shares = np.full(8, 0.03), np.full(8, 0.05)
    simulated = Simulated(
        generator.normal(size=(20_000, 2)), generator.random((20_000, 2)), cuts, *shares
    )
    hazards = simulated.hazards(TRUE)
    values, vectors = np.linalg.eigh(hazards.information)
    whitening = (vectors / np.sqrt(values)) @ vectors.T
    scores = BoundedScores.at(hazards, TRUE, whitening, 4.0, 2.0, simulated)
    far = generator.normal(size=(400_000, 2))
    far[:40_000] *= 4
    far[:40_000, 1] = far[:40_000, 0] * 0.7
    return scores, far, hazards.draw(far, TRUE, 1 - generator.random(far.shape))


def z(rows):
    return np.abs(rows.mean(0) / (rows.std(0) / np.sqrt(len(rows)))).max()


def test_no_score_exceeds_the_bound(made):
    scores, far, outcome = made
    assert np.linalg.norm(scores(far, *outcome), axis=1).max() <= 4.0 * (1 + 1e-9)


def test_far_patients_of_another_distribution_bias_no_score(made):
    scores, far, outcome = made
    tail = slice(40_000)
    outcome = tuple(part[tail] for part in outcome)
    assert z(scores.whole(far[tail], *outcome)) < 5
    plain = scores.hazards.scores(far[tail], *outcome, TRUE) @ scores.whitening
    # cut instead of weighted, the same patients are far off; the last cut adds back part of it
    assert z(clipped(plain, 4.0)) > 20
    assert z(scores(far[tail], *outcome)) < 0.7 * z(clipped(plain, 4.0))
    assert z(replace(scores, followed=1.0)(far[tail], *outcome)) < 0.3 * z(clipped(plain, 4.0))


def test_events_are_expected_by_the_truth_that_is_given(made):
    scores, far, outcome = made
    wrong = replace(scores, hazards=replace(scores.hazards, event=scores.hazards.event * 1.3))
    assert z(wrong.whole(far, *outcome)) > 9
    assert z(wrong.whole(far, *outcome, (scores.hazards, TRUE))) < 5


def test_noise_in_an_empty_tail_is_nobody_and_patients_in_it_stay():
    generator = np.random.default_rng(1)
    true = np.r_[0.0, 0.0, 40, 300, 900, 1500, 900, 300, 60, 0, 0, 0, 0, 0, 0, 0]
    kept = []
    for _ in range(200):
        counts = true + generator.normal(0, 10, len(true))
        kept.append(falling_tails(counts, counts, 10.0, 0.1, 1.0))
    kept = np.mean(kept, 0)
    assert np.abs(kept[2:9] - true[2:9]).max() < 8
    # of what noise alone would leave there, 10 / root(2 pi) for each cell
    assert kept[9:].sum() < 0.5 * 7 * 10 / np.sqrt(2 * np.pi)
