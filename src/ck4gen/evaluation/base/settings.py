"""The keys of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.constraints import Natural, NonNegative, Share, check_fields
from ck4gen.evaluation.base.privacy_settings import PrivacySettings
from ck4gen.evaluation.base.reanalysis_settings import ReanalysisSettings
from ck4gen.evaluation.base.utility_settings import UtilitySettings
from ck4gen.evaluation.base.verdict_settings import VerdictSettings
from ck4gen.settings import InputError, build


@dataclass(frozen=True)
class EvaluationSettings:
    """The keys of ``conf/evaluation``; each is described there."""

    name: str
    confidence: Share
    significance: Share
    schoenfeld: bool
    off_target: bool
    most_terms: Natural
    most_group_columns: Natural
    min_events: Natural
    min_rows: Natural
    penalizer: NonNegative
    ridge: NonNegative
    c2st_folds: Natural
    c2st_seed: int
    self_link: bool
    reanalysis: ReanalysisSettings
    utility: UtilitySettings
    privacy: PrivacySettings
    verdict: VerdictSettings
    extra: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        nodes = {
            "reanalysis": ReanalysisSettings,
            "utility": UtilitySettings,
            "privacy": PrivacySettings,
            "verdict": VerdictSettings,
        }
        for name, cls in nodes.items():
            if not isinstance(node := getattr(self, name), cls):  # as it stands in the config
                object.__setattr__(self, name, build(cls, f"evaluation.{name}", node))
        if isinstance(self.extra, str):
            raise InputError(f"evaluation.extra is '{self.extra}'; give a list, as [{self.extra}]")
        object.__setattr__(self, "extra", tuple(self.extra))
        check_fields("evaluation", self)
        if self.c2st_folds == 1:
            raise InputError("evaluation.c2st_folds is 1; use 0 (leave it out) or at least 2")
