"""The attacks that the verdict judges where every patient was once held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.decomposition import PCA

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import Metric, absent, guarded
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.privacy.attribute_inference import attribute_success, outcome_success
from ck4gen.evaluation.privacy.copies import copied
from ck4gen.evaluation.privacy.gower import coordinates
from ck4gen.evaluation.privacy.kernel_density import log_density
from ck4gen.evaluation.privacy.leak import NAMES, Judge
from ck4gen.evaluation.privacy.linkage import NO_SOURCE, Linkage
from ck4gen.evaluation.privacy.randomization import Gains, fold_gains


@dataclass(frozen=True)
class FoldTable:
    """The table that was made without one fold.

    Attributes:
        held_out: (k,) patients that it was made without.
        table: Synthetic rows, of all tables that would leave together.
        source: (m,) training row behind each of them, or None.
        count: Tables of which the rows are the union.
    """

    held_out: np.ndarray
    table: pd.DataFrame
    source: np.ndarray | None
    count: int = 1


def crossfit_leaks(
    patients: pd.DataFrame,
    tables: Sequence[FoldTable],
    schema: Schema,
    settings: EvaluationSettings,
) -> dict[str, Metric]:
    """What the attacks gain on patients by the tables that used them over the one that did not.

    Args:
        patients: (n, p + 2) all patients.
        tables: One a fold; each patient is held out of one.
        schema: Columns of all.
        settings: One leaf of ``conf/evaluation``.

    Returns:
        The metrics ``privacy/leak/...`` and ``privacy/patients_needed/...``.
    """
    return _CrossFit(patients, tables, schema, settings).metrics()


@dataclass(frozen=True)
class _CrossFit:
    """What the attacks share, computed once."""

    patients: pd.DataFrame
    tables: Sequence[FoldTable]
    schema: Schema
    settings: EvaluationSettings

    def metrics(self) -> dict[str, Metric]:
        """Every attack."""
        privacy = self.settings.privacy
        metrics = guarded(NAMES["copies"], partial(self._copies, "copies"))
        for attack, measured, compute in (
            ("outcome_link", True, partial(self._inferred, outcome_success)),
            (
                "attribute",
                privacy.attribute,
                partial(self._inferred, attribute_success),
            ),
            ("membership", privacy.membership_splits > 0, self._membership),
            ("self_link", self.settings.self_link, self._self_link),
        ):
            names = NAMES[attack]
            if attack == "self_link" and not self._traced:
                metrics |= absent(names, NO_SOURCE)
            elif not measured:
                metrics |= absent(names, f"not computed under evaluation={self.settings.name}")
            else:
                metrics |= guarded(names, partial(compute, attack))
        return metrics

    @property
    def _traced(self) -> bool:
        return all(made.source is not None for made in self.tables)

    @cached_property
    def _judge(self) -> Judge:
        privacy = self.settings.privacy
        measured = (
            True,  # copies
            True,  # the link by the outcome
            privacy.attribute,
            privacy.membership_splits > 0,
            self.settings.self_link and self._traced,
        )
        return Judge(self.settings.verdict, sum(measured))

    @cached_property
    def _fold(self) -> np.ndarray:
        """(n,) the table that did without a patient."""
        fold = np.full(len(self.patients), -1)
        for number, made in enumerate(self.tables):
            fold[made.held_out] = number
        if (fold < 0).any():
            raise ValueError("a patient was never held out")
        return fold

    @cached_property
    def _rows(self) -> np.ndarray:
        """Patients who are attacked: all, or as many as are drawn at random."""
        most, seed = self.settings.privacy.most_targets, self.settings.privacy.seed
        rows = np.random.default_rng([seed, 5]).permutation(len(self.patients))
        return np.sort(rows[:most])

    @property
    def _targets(self) -> pd.DataFrame:
        return self.patients.iloc[self._rows].reset_index(drop=True)

    def _copies(self, attack: str) -> dict[str, Metric]:
        """Each patient counts once as used, the mean over tables, and once as held out."""
        is_copied = np.array(
            [copied(self.patients, made.table, self.schema) for made in self.tables]
        )
        patients = len(self.patients)
        others = float(is_copied[self._fold, np.arange(patients)].sum())
        used = (float(is_copied.sum()) - others) / (len(self.tables) - 1)
        return self._judge.of_shares(attack, (used, patients), (others, patients))

    def _inferred(self, success: Callable[..., np.ndarray], attack: str) -> dict[str, Metric]:
        tolerance = self.settings.privacy.tolerance
        success_by_table = [
            success(made.table, self._targets, self.patients, self.schema, tolerance)
            for made in self.tables
        ]
        return self._judge.of_gains(attack, self._gains(np.array(success_by_table)))

    def _gains(self, success: np.ndarray) -> Gains:
        settings = self.settings.privacy
        return fold_gains(success, self._fold[self._rows], settings.permutations, settings.seed)

    def _membership(self, attack: str) -> dict[str, Metric]:
        """Is a patient's place denser in the tables that used him or her?

        The attacker compares the tables; a patient's own place is the reference.
        """
        points = coordinates(self.patients, self.patients, self.schema)
        rank = np.linalg.matrix_rank(points - points.mean(0))
        components = min(self.settings.privacy.membership_components, rank)
        project = PCA(components, svd_solver="full").fit(points).transform
        targets = project(points[self._rows])
        density = np.array(
            [
                log_density(project(coordinates(m.table, self.patients, self.schema)), targets)
                for m in self.tables
            ]
        )
        tables = len(density)
        relative_rank = (rankdata(density - np.median(density, 1)[:, None], axis=0) - 1) / (
            tables - 1
        )
        # a gain of means over tables; right answers minus wrong ones are pairs of tables
        scale = 2 * (tables - 1) / tables
        return self._judge.of_gains(attack, self._gains(relative_rank[:, :, None]), scale)

    def _self_link(self, attack: str) -> dict[str, Metric]:
        hits, rows, every = 0.0, 0, np.arange(len(self.patients))
        for made in self.tables:
            assert made.source is not None
            used = self.patients.iloc[np.setdiff1d(every, made.held_out)].reset_index(drop=True)
            table_hits = Linkage(used, made.table, made.source, self.schema).hits
            hits, rows = hits + table_hits[0], rows + table_hits[1]
        # rows of several tables about one patient are not independent: counted as those of one
        count = sum(made.count for made in self.tables)
        chance = 1 / (len(self.patients) * (1 - 1 / len(self.tables)))
        return self._judge.of_share(attack, hits / count, round(rows / count), chance)
