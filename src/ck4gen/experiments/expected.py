"""How long a run will take: as long as earlier runs like it did."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from omegaconf import DictConfig

from ck4gen.config import CONF, as_dict
from ck4gen.experiments.store import REPORT

STEPS = {
    "fit": "cost/fit_seconds",
    "draw": "cost/sample_seconds",
    "evaluate": "cost/evaluate_seconds",
}
LATEST = 5  # earlier runs that are looked at


@dataclass(frozen=True)
class Expected:
    """What the steps of a run are expected to take.

    Attributes:
        seconds: By step; those of ``folds`` under split=crossfit as well.
        runs: Earlier runs that say so; 0 where only the packaged measurement does.
    """

    seconds: Mapping[str, float]
    runs: int

    @property
    def total(self) -> float:
        """Seconds of all steps."""
        return sum(self.seconds.values())


def expected(config: DictConfig, data: str = "", method: str = "", split: str = "") -> Expected:
    """What a run like those before it, or else one of WHAS500, took on this or another machine.

    Args:
        config: ``conf/train.yaml``, composed; where it has no ``evaluation``, runs of any count.
        data: Name of the cohort; that of ``config`` if not given.
        method: Name of the method, likewise.
        split: The split, likewise.

    Returns:
        The medians of the latest runs of this cohort and method, with the same trainer and
        evaluation: of this split where there are any. No seconds where nothing is known.
    """
    data, method = data or config.data.name, method or config.method.name
    split = split or config.split
    name = str(method)  # a number is no name, as the run itself says
    root = Path(config.output_dir).expanduser().absolute() / "runs" / data / name
    costs = _alike(root, split, config) or _alike(root, "*", config)
    seconds = costs and {
        step: statistics.median(cost.get(name) or 0.0 for cost in costs)
        for step, name in STEPS.items()
    }
    step_seconds = seconds or measured().get(method, {})
    if split == "crossfit" and step_seconds:
        folds = (step_seconds["fit"] + step_seconds["draw"]) * config.folds / max(config.workers, 1)
        step_seconds = {"fit": step_seconds["fit"], "draw": step_seconds["draw"], "folds": folds,
                        "evaluate": step_seconds["evaluate"]}  # fmt: skip
    return Expected(step_seconds, len(costs))


def _alike(root: Path, split: str, config: DictConfig) -> list[dict]:
    trainer, evaluation = as_dict(config.trainer), config.get("evaluation")
    return [
        report["cost"]
        for report in _latest(root, f"{split}/seed=*")
        if report["config"]["trainer"] == trainer
        and (evaluation is None or report["config"]["evaluation"]["name"] == evaluation.name)
    ]


def _latest(root: Path, folders: str) -> list[dict]:
    files = sorted(root.glob(f"{folders}/{REPORT}"), key=lambda file: -file.stat().st_mtime_ns)
    return [json.loads(file.read_text()) for file in files[:LATEST]]


def expected_table(config: DictConfig) -> Expected:
    """What fit and draw of one table of a whole cohort take, without an evaluation.

    Args:
        config: Of a command that makes tables and evaluates none, composed.
    """
    estimate = expected(config, split="release")
    made = {step: seconds for step, seconds in estimate.seconds.items() if step in ("fit", "draw")}
    return Expected(made, estimate.runs)


def expected_as(root: Path, config: DictConfig, keys: Sequence[str], cost: str) -> Expected:
    """What the latest results took that share these keys of the configuration.

    Args:
        root: The folder whose folders hold a result each.
        config: The command's, composed.
        keys: Those of its root on which the cost hangs.
        cost: Key of the report that holds the seconds.
    """
    now = as_dict(config)
    took = [
        report[cost]
        for report in _latest(root, "*")
        if all(report["config"].get(key) == now[key] for key in keys)
    ]
    return Expected({cost: statistics.median(took)} if took else {}, len(took))


@cache
def measured() -> dict[str, dict[str, float]]:
    """Seconds of each step by method, as ``conf/measured_seconds.yaml`` has them."""
    return yaml.safe_load((CONF / "measured_seconds.yaml").read_text())["seconds"]
