"""Are synthetic rows nearer to the training rows than to as many held-out rows?"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.privacy_settings import PrivacySettings
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.gower import TIE, neighbours
from ck4gen.evaluation.privacy.intervals import null_range, share_detected, shifted

NAMES = ("privacy/closer_to_train",)
POWER_NAMES = ("privacy/closer_to_train/power",)
INFO = (
    MetricInfo(
        "privacy/closer_to_train",
        "Closer to train",
        "share of rows nearer to training than to held-out patients",
        ideal=0.5,
        null=0.5,
    ),
    MetricInfo(*POWER_NAMES, "Power", "share of planted leaks that it sees"),
)
MISSED = 1e-6  # share of rows whose list of neighbours may end before a row of the smaller table
MOST = 256  # neighbours listed at most, where ties make the list long


class NeighbourLists:
    """Nearest pooled real rows of each query, ties in blocks.

    Args:
        pool: (N, d) points of training and held-out rows together.
        queries: (q, d) points.
        share: Share of the smaller of the two tables in the pool.
    """

    def __init__(self, pool: np.ndarray, queries: np.ndarray, share: float) -> None:
        # the tree may list tied rows in storage order: a shuffle makes it blind to the table
        order = np.random.default_rng(0).permutation(len(pool))
        count = min(MOST, int(np.ceil(np.log(MISSED) / np.log(1 - share))))
        while True:
            distance, rows = neighbours(pool[order], queries, count)
            tied = distance[:, -1] - distance[:, 0] <= TIE
            if not tied.any() or count >= min(MOST, len(pool)):
                break
            count *= 2
        self.rows = order[rows].astype(np.int32)
        new = np.diff(distance, axis=1, prepend=-1.0) > TIE
        positions = np.arange(distance.shape[1], dtype=np.int32)
        self.start = np.maximum.accumulate(np.where(new, positions, 0), axis=1)
        last = np.hstack([new[:, 1:], np.ones((len(new), 1), dtype=bool)])
        ends = np.where(last, positions + 1, positions[-1] + 1)
        self.end = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
        self.ties = bool((self.end - self.start).max() > 1)

    def nearer(self, few: np.ndarray, only: np.ndarray | slice = slice(None)) -> np.ndarray:
        """(q,) chance that the larger table, cut to the smaller one's size, is nearer.

        The mean over all cuts in closed form: with ``a`` rows of the larger table strictly nearer
        than the first of the smaller one and ``t`` tied with it, 1 - w(a) + (w(a) - w(a + t)) / 2,
        where w(a) is the hypergeometric chance that none of ``a`` rows is kept.

        Args:
            few: (N,) mask of the smaller table in the pool.
            only: Queries to score.
        """
        hit = few[self.rows[only]]
        first = hit.argmax(1)
        query = np.arange(len(hit))
        none = ~hit[query, first]
        before = np.where(none, hit.shape[1], self.start[only][query, first])
        chance = _none_kept(len(few), int(few.sum()))
        if not self.ties:
            return 1 - chance[before]
        end = self.end[only][query, first]
        until = np.arange(hit.shape[1]) < end[:, None]
        smaller = np.count_nonzero(hit & until, axis=1)  # all lie in the block, the first one's
        after = np.where(none, hit.shape[1], end - smaller)
        return 1 - (chance[before] + chance[after]) / 2


@lru_cache(maxsize=16)  # asked for once a permutation
def _none_kept(rows: int, kept: int) -> np.ndarray:
    """w(a) for a = 0 ... rows: chance that ``kept`` of the larger table's rows miss all of a."""
    larger = rows - kept
    a = np.arange(larger)
    left = np.clip((larger - kept - a) / (larger - a), 0, 1)
    return np.concatenate([[1.0], np.cumprod(left), np.zeros(kept)])


class HoldoutDistance:
    """Share of synthetic rows nearer to the training rows, both tables cut to one size.

    .5 without a leak. Ties count 1/2. The null permutes who was trained on.

    Args:
        real: (n, d) points of the training rows.
        synthetic: (m, d) points of the synthetic rows.
        holdout: (k, d) points of the held-out rows.
        settings: Permutations, power and their seed.
        confidence: Level of the interval.
    """

    def __init__(
        self,
        real: np.ndarray,
        synthetic: np.ndarray,
        holdout: np.ndarray,
        settings: PrivacySettings,
        confidence: float,
    ) -> None:
        self.settings, self.confidence = settings, confidence
        self.pool = np.vstack([real, holdout])
        self.train = np.arange(len(self.pool)) < len(real)
        self.share = min(self.train.mean(), 1 - self.train.mean())
        self.lists = NeighbourLists(self.pool, synthetic, self.share)
        generator = np.random.default_rng(settings.seed)
        self.null = np.array(
            [
                self.scores(self.lists, generator.permutation(self.train)).mean()
                for _ in range(settings.permutations)
            ]
        )

    @staticmethod
    def scores(
        lists: NeighbourLists, train: np.ndarray, only: np.ndarray | slice = slice(None)
    ) -> np.ndarray:
        """(q,) chance that the training rows are nearer, both tables cut to one size."""
        if train.mean() >= 0.5:
            return lists.nearer(~train, only)
        return 1 - lists.nearer(train, only)

    def metric(self) -> dict[str, Metric]:
        """The share and its permutation interval.

        Mean over synthetic rows of P(nearest training row is nearer than the nearest held-out
        one), ties 1/2, the larger table cut to the size of the smaller. Range [0, 1]; 0.5 without
        a leak, above it the table leans towards the rows it was made from.
        """
        value = self.scores(self.lists, self.train).mean()
        return {NAMES[0]: shifted(value, self.null, 0.5, self.confidence)}

    def power(self) -> dict[str, Metric]:
        """Share of planted copies that the test sees, in worlds without any other leak.

        In each replicate permuted labels make the synthetic table independent of the "training"
        rows; then copies of these replace random synthetic rows. Detected: outside the null.
        """
        copies = NeighbourLists(self.pool, self.pool, self.share)
        generator = np.random.default_rng([self.settings.seed, 1])
        low, high = null_range(self.null, self.confidence)
        rows = len(self.lists.rows)
        planted = max(1, round(self.settings.planted_share * rows))
        detected = 0
        for _ in range(self.settings.power_replicates):
            train = generator.permutation(self.train)
            kept = generator.permutation(rows)[planted:]
            copied = generator.choice(np.flatnonzero(train), planted)
            total = self.scores(self.lists, train, kept).sum()
            total += self.scores(copies, train, copied).sum()
            detected += not low <= total / rows <= high
        return {
            POWER_NAMES[0]: share_detected(
                detected, self.settings.power_replicates, self.confidence
            )
        }
