"""Was this patient among the training rows? Densities compared, as DOMIAS does."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.privacy_settings import PrivacySettings
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.high_risk_patients import GROUPS, group_metrics
from ck4gen.evaluation.privacy.intervals import hanley_mcneil, share_detected
from ck4gen.evaluation.privacy.kernel_density import log_density
from ck4gen.evaluation.privacy.leak import Judge
from ck4gen.evaluation.privacy.randomization import split_gains

NAMES = ("privacy/membership_auc",)
GROUP_NAMES = tuple(f"{NAMES[0]}/{group}" for group in GROUPS)
POWER_NAMES = ("privacy/membership_auc/power",)
INFO = (
    MetricInfo(
        "privacy/membership_auc",
        "Membership AUC",
        "AUC of an attacker who tells training from held-out patients",
        ideal=0.5,
        null=0.5,
    ),
    *(
        MetricInfo(name, name.split("/")[-1], "the AUC among vulnerable patients", null=0.5)
        for name in GROUP_NAMES
    ),
    MetricInfo(*POWER_NAMES, "Power", "share of planted leaks that it sees"),
)


class MembershipInference:
    """Density of S over density of half of H, at training rows and at the other half of H.

    Gaussian kernels (Scott's bandwidth) on principal components, after van Breugel et al. 2023
    (DOMIAS). The components are those of all three tables together, so that projecting does
    not depend on who was trained on.

    Args:
        real: (n, d) points of the training rows.
        synthetic: (m, d) points of the synthetic rows.
        holdout: (k, d) points of the held-out rows.
        settings: Components, splits of H, rows used at most, power, seed.
        confidence: Level of the intervals.
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
        self.n_holdout = len(holdout)
        generator = np.random.default_rng([settings.seed, 3])
        self.chosen = [
            np.sort(generator.permutation(len(table))[: settings.membership_rows])
            for table in (real, synthetic, holdout)
        ]
        tables = [t[rows] for t, rows in zip((real, synthetic, holdout), self.chosen, strict=True)]
        together = np.vstack(tables)
        self.profiles = np.vstack([tables[0], tables[2]])
        components = min(
            settings.membership_components, np.linalg.matrix_rank(together - together.mean(0))
        )
        points = PCA(components, svd_solver="full").fit(together).transform
        self.real, self.synthetic, self.holdout = (points(table) for table in tables)
        self.pool = np.vstack([self.real, self.holdout])
        self.train = np.arange(len(self.pool)) < len(self.real)
        self.log_density = log_density(self.synthetic, self.pool)
        self.splits = [
            self._split(self.train, generator) for _ in range(settings.membership_splits)
        ]

    @staticmethod
    def _split(train: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Held-out rows in two halves: those that give the reference density, and the controls."""
        rows = generator.permutation(np.flatnonzero(~train))
        return rows[: len(rows) // 2], rows[len(rows) // 2 :]

    def _auc(
        self,
        of_synthetic: np.ndarray,
        train: np.ndarray,
        split: tuple[np.ndarray, np.ndarray],
        among: np.ndarray | None = None,
    ) -> tuple[float, int, int]:
        """Area under the curve, members and controls."""
        reference, controls = split
        members = np.flatnonzero(train)
        if among is not None:
            members, controls = (rows[among[rows]] for rows in (members, controls))
        rows = np.concatenate([members, controls])
        ratio = of_synthetic[rows] - log_density(self.pool[reference], self.pool[rows])
        labels = np.arange(len(rows)) < len(members)
        return float(roc_auc_score(labels, ratio)), len(members), len(controls)

    def _mean(self, confidence: float, among: np.ndarray | None = None) -> Metric:
        """Mean over the splits; the interval of one split, so that it errs on the wide side."""
        results = [self._auc(self.log_density, self.train, s, among) for s in self.splits]
        auc = float(np.mean([area for area, _, _ in results]))
        members, controls = results[0][1], min(controls for _, _, controls in results)
        return number(auc, *hanley_mcneil(auc, members, controls, confidence))

    def metric(self) -> dict[str, Metric]:
        """Mean area under the curve over splits of H; .5 without a leak."""
        return {NAMES[0]: self._mean(self.confidence)}

    @property
    def ratio(self) -> np.ndarray:
        """(N,) rank in 0 ... 1 of the log density of S over that of all patients, blind to use."""
        ratio = self.log_density - log_density(self.pool, self.pool)
        ranks: np.ndarray = rankdata(ratio) / len(ratio)
        return ranks

    def leak(self, judge: Judge, share: float) -> dict[str, Metric]:
        """The attack with all patients as the reference, so that all held-out ones are controls.

        Args:
            judge: Its levels.
            share: Components that are taken out, see :func:`split_gains`.
        """
        settings = self.settings
        gains = split_gains(
            self.ratio[:, None],
            self.train,
            self.profiles,
            share,
            settings.permutations,
            settings.seed,
        )
        return judge.of_gains("membership", gains, scale=2.0)

    def groups(self, groups: dict[str, np.ndarray | str], confidence: float) -> dict[str, Metric]:
        """The same among vulnerable patients, of all training and then all held-out rows."""
        rows = self.settings.min_vulnerable

        def within(member: np.ndarray) -> Metric:
            among = self._chosen(member)
            sides = [len(c[among[c]]) for _, c in self.splits] + [int(among[self.train].sum())]
            if min(sides) < rows:
                return Metric(None, reason=f"only {min(sides)} of them are on one of the two sides")
            return self._mean(confidence, among)

        return group_metrics(NAMES[0], groups, within)

    def _chosen(self, member: np.ndarray) -> np.ndarray:
        """A mask over all real rows as one over those that are used."""
        trained = len(member) - self.n_holdout
        return np.concatenate([member[:trained][self.chosen[0]], member[trained:][self.chosen[2]]])

    def power(self) -> dict[str, Metric]:
        """Share of planted copies that one split sees, in worlds without any other leak.

        Permuted labels make the synthetic table independent of the "training" rows; then copies
        of these replace random synthetic rows. Detected: the interval lies above or below .5.
        """
        generator = np.random.default_rng([self.settings.seed, 4])
        planted = max(1, round(self.settings.planted_share * len(self.synthetic)))
        detected = 0
        for _ in range(self.settings.power_replicates):
            train = generator.permutation(self.train)
            kept = generator.permutation(len(self.synthetic))[planted:]
            copied = generator.choice(np.flatnonzero(train), planted)
            table = np.vstack([self.synthetic[kept], self.pool[copied]])
            split = self._split(train, generator)
            density, scored = np.zeros(len(self.pool)), np.r_[np.flatnonzero(train), split[1]]
            density[scored] = log_density(table, self.pool[scored])
            area = self._auc(density, train, split)
            low, high = hanley_mcneil(*area, self.confidence)
            detected += not low <= 0.5 <= high
        replicates = self.settings.power_replicates
        return {POWER_NAMES[0]: share_detected(detected, replicates, self.confidence)}
