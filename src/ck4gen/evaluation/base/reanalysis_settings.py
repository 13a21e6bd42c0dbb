"""The keys of the re-analyses."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.constraints import Natural, Positive, Share, check_fields


@dataclass(frozen=True)
class ReanalysisSettings:
    """The keys of ``evaluation.reanalysis``; ``conf/evaluation/full.yaml`` describes each."""

    compute: bool
    spline_df: Positive
    tail: Share
    group_times: Positive
    curve_times: Positive
    follow_up: Share
    horizon: Share
    bootstraps: Positive
    cart_draws: Positive
    seed: Natural

    def __post_init__(self) -> None:
        check_fields("evaluation.reanalysis", self)
