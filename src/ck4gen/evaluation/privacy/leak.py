"""A leak as the verdict judges it: how large it is, at least, and at most."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy import stats

from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.base.verdict_settings import VerdictSettings
from ck4gen.evaluation.privacy.intervals import wilson
from ck4gen.evaluation.privacy.randomization import Gains

ATTACKS = {
    "copies": "patients used who stand in the table unchanged, over others",
    "outcome_link": "what who knows the outcome gains, worst covariate, adjusted",
    "attribute": "what who knows all other covariates gains, worst covariate, adjusted",
    "membership": "right answers minus wrong ones on who was used, of pairs, adjusted",
    "self_link": "rows that lead back to their own source, above chance",
}
NAMES = {
    attack: (f"privacy/leak/{attack}", f"privacy/patients_needed/{attack}") for attack in ATTACKS
}
INFO = (
    *(
        MetricInfo(f"privacy/leak/{attack}", f"Leak: {attack.replace('_', ' ')}", text, ideal=0)
        for attack, text in ATTACKS.items()
    ),
    *(
        MetricInfo(
            f"privacy/patients_needed/{attack}",
            f"Patients: {attack.replace('_', ' ')}",
            "patients with whom a table that tells nothing would pass this attack",
            digits=0,
        )
        for attack in ATTACKS
    ),
)


@dataclass(frozen=True)
class Judge:
    """The level of each statement about one of several attacks.

    "A leak" is claimed of all attacks together in error with the chance ``level`` at most
    (Bonferroni); "no leak that counts" of each attack, since all must be cleared for a pass
    (Berger 1982).

    Attributes:
        settings: The node ``verdict`` of ``conf/evaluation``.
        attacks: Attacks that are judged together.
    """

    settings: VerdictSettings
    attacks: int

    @property
    def shown(self) -> float:
        """Chance of a false claim of one leak."""
        return self.settings.level / self.attacks

    def of_gains(self, attack: str, gains: Gains, scale: float = 1.0) -> dict[str, Metric]:
        """The worst of several gains with its lower and upper bound.

        The lower bound allows for the choice of the worst (Westfall and Young 1993).

        Args:
            attack: Key of ``ATTACKS``.
            gains: With their null distribution.
            scale: What a gain is multiplied by.
        """
        value, null = gains.value * scale, gains.null * scale
        error = null.std(0)
        varies = error > 0
        z = stats.norm.ppf(1 - self.settings.level)
        upper = value + z * error
        low = value.max()
        if varies.any():
            worst = (null[:, varies] / error[varies]).max(1)
            low = (value - np.quantile(worst, 1 - self.shown) * error).max()
        usual = np.quantile((null + z * error).max(1), self.settings.power)
        limit = getattr(self.settings, attack)
        needed = ceil(gains.patients * (max(usual, 0) / limit) ** 2)
        return _named(attack, number(value.max(), low, upper.max()), needed)

    def of_shares(
        self,
        attack: str,
        used: tuple[float, int],
        others: tuple[float, int],
        caveat: str | None = None,
    ) -> dict[str, Metric]:
        """The difference of two shares (Newcombe 1998).

        Args:
            attack: Key of ``ATTACKS``.
            used: Hits and trials on patients used.
            others: The same on others.
            caveat: What qualifies the others.
        """
        level = self.settings.level
        shares = [hits / trials for hits, trials in (used, others)]
        difference = shares[0] - shares[1]
        down, up = (
            [wilson(*side, 1 - 2 * tail) for side in (used, others)] for tail in (self.shown, level)
        )
        low = difference - np.hypot(shares[0] - down[0][0], down[1][1] - shares[1])
        high = difference + np.hypot(up[0][1] - shares[0], shares[1] - up[1][0])
        leak = number(difference, low, high, caveat)
        return _named(attack, leak, self._needed(attack, used, others))

    def of_share(self, attack: str, hits: float, trials: int, chance: float) -> dict[str, Metric]:
        """A share above what chance gives, where chance is known (Wilson 1927).

        Args:
            attack: Key of ``ATTACKS``.
            hits: Hits.
            trials: Trials.
            chance: Share without a leak.
        """
        low, _ = wilson(hits, trials, 1 - 2 * self.shown)
        _, high = wilson(hits, trials, 1 - 2 * self.settings.level)
        leak = number(hits / trials - chance, low - chance, high - chance)
        return _named(attack, leak, self._needed(attack, (hits, trials), (hits, trials)))

    def _needed(self, attack: str, used: tuple[float, int], others: tuple[float, int]) -> int:
        """Patients for whom a leak of none is told from the limit, at the pooled share."""
        trials = used[1] + others[1]
        share = (used[0] + others[0] + 1) / (trials + 2)
        spread = share * (1 - share) * trials * (1 / used[1] + 1 / others[1])
        tails = 1 - self.settings.level, self.settings.power
        z = sum(stats.norm.ppf(tail) for tail in tails)
        return ceil(spread * (z / getattr(self.settings, attack)) ** 2)


def _named(attack: str, leak: Metric, needed: int) -> dict[str, Metric]:
    return dict(zip(NAMES[attack], (leak, number(needed)), strict=True))
