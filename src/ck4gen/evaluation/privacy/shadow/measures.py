"""How well an attacker tells tables with a target from tables without, with intervals."""

from __future__ import annotations

from math import ceil, log

import numpy as np
from scipy.stats import beta

from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.privacy.intervals import hanley_mcneil, wilson


def sides(scores: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(k, r) scores of the table with and of the table without each target, by division.

    Args:
        scores: (k, t) of every table; tables 2j and 2j + 1 are of one division.
        inside: (k, t) whether the target is in.
    """
    pairs = scores.reshape(len(scores), -1, 2)
    first = inside.reshape(len(inside), -1, 2)[:, :, 0]
    return np.where(first, pairs[..., 0], pairs[..., 1]), np.where(
        first, pairs[..., 1], pairs[..., 0]
    )


def areas(present: np.ndarray, absent: np.ndarray) -> np.ndarray:
    """(k,) area under the curve of each target."""
    return _above(present, absent).mean((1, 2))


def mean_area(
    present: np.ndarray, absent: np.ndarray, bootstraps: int, confidence: float, seed: int
) -> Metric:
    """Mean area over targets; divisions are drawn anew, since all targets share their tables.

    Where every score is on its side, each draw gives the same: the interval of one target stands
    in (Hanley and McNeil 1982).
    """
    above = _above(present, absent).mean(0)
    count = len(above)
    drawn = _draws(count, bootstraps, seed)
    drawn_areas = np.einsum("bi,ij,bj->b", drawn, above, drawn) / count**2
    value = above.mean()
    low, high = np.quantile(drawn_areas, [(1 - confidence) / 2, (1 + confidence) / 2])
    if np.ptp(drawn_areas) < 1e-9:
        low, high = hanley_mcneil(value, count, count, confidence)
    return number(value, low, high)


def largest_area(present: np.ndarray, absent: np.ndarray, confidence: float) -> Metric:
    """The largest area, with an interval that holds for all targets at once (Bonferroni)."""
    target_areas = areas(present, absent)
    count = present.shape[1]
    level = 1 - (1 - confidence) / len(target_areas)
    return number(target_areas.max(), *hanley_mcneil(target_areas.max(), count, count, level))


def hits(
    present: np.ndarray,
    absent: np.ndarray,
    false_positives: float,
    bootstraps: int,
    confidence: float,
    seed: int,
) -> Metric:
    """Share of tables with the target that are told, at a share of false alarms (Carlini 2022).

    The scores of all targets are taken together. The interval is the wider one of divisions drawn
    anew and of Wilson 1927.
    """
    scores, needed = absent.size, ceil(1 / false_positives)
    if scores < needed:
        return Metric(
            None,
            reason=f"{false_positives:g} of {scores} scores without the target is less than one: "
            f"{needed:,} are needed, divisions times targets",
        )
    value = _detected_share(present, absent, false_positives)
    drawn_shares = [
        _detected_share(present[:, rows], absent[:, rows], false_positives)
        for rows in _rows(present.shape[1], bootstraps, seed)
    ]
    ends = np.quantile(drawn_shares, [(1 - confidence) / 2, (1 + confidence) / 2])
    exact = wilson(value * present.size, present.size, confidence)
    return number(value, min(ends[0], exact[0]), max(ends[1], exact[1]))


def epsilon(present: np.ndarray, absent: np.ndarray, confidence: float, tests: int) -> Metric:
    """Epsilon that the attack on the worst target shows at least; no formal guarantee is below.

    Differential privacy with epsilon bounds hits by exp(epsilon) false alarms, and misses
    likewise. Bounds of Clopper and Pearson 1934 at the threshold 0, which is fixed before; they
    hold for all targets and attacks together (Bonferroni). In the reason the largest number
    that so many divisions can show.

    Args:
        present: (k, r) log odds of tables with the targets.
        absent: (k, r) of tables without.
        confidence: Level.
        tests: Targets times attacks that are looked at.
    """
    trials = present.shape[1]
    tail = (1 - confidence) / (4 * tests)  # of a bound; two make a ratio, and there are two ratios
    detected, false = (present > 0).sum(1), (absent > 0).sum(1)
    epsilons = [_ratio(t, f, trials, tail) for t, f in zip(detected, false, strict=True)]
    most = _ratio(trials, 0, trials, tail)
    return number(max(epsilons), reason=f"{trials} divisions can show {most:.2f} at most")


def _ratio(detected: int, false: int, trials: int, tail: float) -> float:
    """Log of hits over false alarms, or of right over wrong rejections, at least; 0 or more."""
    right, missed = trials - false, trials - detected
    pairs = ((detected, false), (right, missed))
    return max(0.0, *(log(_low(a, trials, tail) / _high(b, trials, tail)) for a, b in pairs))


def _low(count: int, trials: int, tail: float) -> float:
    return float(beta.ppf(tail, count, trials - count + 1)) if count else 1e-12


def _high(count: int, trials: int, tail: float) -> float:
    return float(beta.ppf(1 - tail, count + 1, trials - count)) if count < trials else 1.0


def _above(present: np.ndarray, absent: np.ndarray) -> np.ndarray:
    """(k, r, r) whether the score of one division's table is above that of another's, ties half."""
    gap = present[:, :, None] - absent[:, None, :]
    return (gap > 0) + 0.5 * (gap == 0)


def _detected_share(present: np.ndarray, absent: np.ndarray, false_positives: float) -> float:
    allowed = int(false_positives * absent.size)
    threshold = np.sort(absent, axis=None)[-1 - allowed]
    return float((present > threshold).mean())


def _rows(count: int, bootstraps: int, seed: int) -> np.ndarray:
    return np.random.default_rng([seed, 4]).integers(0, count, (bootstraps, count))


def _draws(count: int, bootstraps: int, seed: int) -> np.ndarray:
    """(b, count) how often each division is drawn."""
    return np.array([np.bincount(rows, minlength=count) for rows in _rows(count, bootstraps, seed)])
