"""Hyper-parameter search by optuna: several metrics at once, within bounds, resumable."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
from omegaconf import DictConfig, OmegaConf
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from ck4gen.config import as_dict, choices
from ck4gen.experiments import store
from ck4gen.experiments.make_run import make_run
from ck4gen.experiments.metric_names import metrics_there
from ck4gen.experiments.prepare import check, synthesizer
from ck4gen.experiments.unfinished import goes_on, unfinished
from ck4gen.methods.draw import Draw
from ck4gen.settings import InputError, at_least, build

ENDED = (TrialState.COMPLETE, TrialState.FAIL)


@dataclass(frozen=True)
class SearchSettings:
    """Keys of ``search`` in ``conf/search.yaml`` and ``conf/search/*.yaml``.

    Space and bounds are lists, so that one given on the command line replaces the packaged one.
    """

    trials: int
    seeds: list[int]
    sampler_seed: int
    startup: int
    objectives: list[str]
    bounds: list[dict]
    space: list[dict]

    def __post_init__(self) -> None:
        for name, minimum in {"trials": 1, "sampler_seed": 0, "startup": 1}.items():
            at_least(f"search.{name}", getattr(self, name), minimum)
        if not self.seeds or not self.objectives or not self.space:
            raise InputError("search.seeds, search.objectives and search.space must not be empty")
        for bound in self.bounds:
            if set(bound) != {"metric", "at_most"}:
                raise InputError(f"search.bounds has {bound}; use {{metric, at_most}}")
        for entry in self.space:
            between = {"key", "low", "high"} <= set(entry) <= {"key", "low", "high", "log"}
            if not between and set(entry) != {"key", "choices"}:
                raise InputError(
                    f"search.space has {entry}; use {{key, low, high, log}} or {{key, choices}}"
                )

    @property
    def keys(self) -> list[str]:
        """Keys that are searched."""
        return [entry["key"] for entry in self.space]

    @property
    def study(self) -> str:
        """Name of the study: all but the number of trials decides it."""
        decisive = {key: value for key, value in asdict(self).items() if key != "trials"}
        return json.dumps(decisive, sort_keys=True)

    @property
    def metrics(self) -> list[str]:
        """Objectives, then the other metrics that have a bound."""
        return list(dict.fromkeys([*self.objectives, *(bound["metric"] for bound in self.bounds)]))

    def asks(self, metric: str) -> str:
        """The keys that name a metric."""
        bounded = any(bound["metric"] == metric for bound in self.bounds)
        named = {"search.objectives": metric in self.objectives, "search.bounds": bounded}
        return " and ".join(key for key, names in named.items() if names)


def search(
    config: DictConfig, progress: Callable[[int], None] = lambda _: None
) -> tuple[Path, SearchSettings, pd.DataFrame]:
    """Try configurations until ``search.trials`` have ended, those of earlier calls included.

    Each trial fits every seed of ``search.seeds`` as an ordinary run, which a relaunch finds. The
    journal may be shared: a second process on the same search takes trials of its own.

    Args:
        config: ``conf/search.yaml``, composed.
        progress: Called with the number of trials that have ended.

    Returns:
        The search's folder, its settings, and one row a trial: number, state, objectives,
        bounded metrics, parameters, and whether it is on the front (``best``).

    Raises:
        InputError: The space or a metric cannot be used.
    """
    settings = settings_of(config)
    single = OmegaConf.masked_copy(config, [str(key) for key in config if key != "search"])
    for key in settings.keys:
        if OmegaConf.select(single, key) is None:
            raise InputError(
                f"search.space has '{key}', which is no key of this run; "
                f"{_remedy(config.method.name)}"
            )
    check(single)
    _check_sources(single, settings)
    root = Path(config.output_dir).expanduser().absolute()
    name = f"{config.data.name}-{config.method.name}-{config.split}-{store.identity(single)}"
    folder = root / "search" / name
    folder.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(folder / "journal.log"))),
        study_name=settings.study,  # trials of another space or bounds are no part of it
        directions=["minimize"] * len(settings.objectives),
        load_if_exists=True,
    )

    def ended() -> int:
        return len(study.get_trials(deepcopy=False, states=ENDED))

    def say() -> str:
        return goes_on(ended(), settings.trials, "trials")

    while (done := ended()) < settings.trials:
        progress(done)
        # a sampler of its own for each trial: what it proposes hangs on the trials before, not on
        # the process that asks
        number = len(study.get_trials(deepcopy=False))
        study.sampler = optuna.samplers.TPESampler(
            seed=settings.sampler_seed + number, n_startup_trials=settings.startup
        )
        with unfinished(say):
            _try(study, single, settings)
        progress(ended())
    table = trials(study, settings)
    table.to_csv(folder / "trials.csv", index=False)
    return folder, settings, table


def _remedy(method: str) -> str:
    """How to search a method by keys and metrics that it has."""
    if method in choices("search"):
        return f"name what method={method} has, as search={method} does"
    return f"name what method={method} has in search.space, search.objectives and search.bounds"


def _check_sources(config: DictConfig, settings: SearchSettings) -> None:
    """Refuse a search by the links of rows to their source, where a method's rows have none."""
    from ck4gen.evaluation.privacy.linkage import NO_SOURCE  # scikit-learn, seconds

    linked = [name for name in settings.metrics if name.startswith("privacy/self_link")]
    if linked and synthesizer(config).source(Draw(1, None, 0)) is None:
        raise InputError(
            f"{linked[0]} of {settings.asks(linked[0])} is null: {NO_SOURCE}; "
            f"{_remedy(config.method.name)}"
        )


def settings_of(config: DictConfig) -> SearchSettings:
    """The keys of ``search``, checked."""
    return build(SearchSettings, "search", as_dict(config.search))


def _try(study: optuna.Study, config: DictConfig, settings: SearchSettings) -> None:
    """One trial: every seed, then the mean of each metric."""
    trial = study.ask()
    proposed = config.copy()
    for entry in settings.space:
        OmegaConf.update(proposed, entry["key"], _suggest(trial, **entry))
    try:
        means = _means(proposed, settings)
    except InputError as error:
        trial.set_user_attr("why", str(error))
        study.tell(trial, state=TrialState.FAIL)
        if not study.get_trials(deepcopy=False, states=[TrialState.COMPLETE]):
            raise  # nothing has worked yet: a fault of the search, not of one configuration
        return
    for bound in settings.bounds:
        name = bound["metric"]
        trial.set_user_attr(name, means[name])
        trial.set_constraint(name, means[name] - bound["at_most"])
    study.tell(trial, [means[name] for name in settings.objectives])
    shown = ", ".join(f"{name} {value:.3f}" for name, value in means.items())
    print(f"{trial.number + 1}/{settings.trials}: {shown}", flush=True)


def _suggest(
    trial: optuna.Trial,
    key: str,
    choices: list | None = None,
    low: float | None = None,
    high: float | None = None,
    log: bool = False,
) -> float | int | str:
    if choices is not None:
        return trial.suggest_categorical(key, choices)
    if isinstance(low, int) and isinstance(high, int):
        return trial.suggest_int(key, low, high, log=log)
    assert low is not None
    assert high is not None
    return trial.suggest_float(key, low, high, log=log)


def _means(config: DictConfig, settings: SearchSettings) -> dict[str, float]:
    names, values = settings.metrics, []
    for seed in settings.seeds:
        config.seed = seed
        metrics = make_run(config, in_sweep=True).report["metrics"]
        for name in names:
            if name not in metrics:
                raise InputError(
                    f"there is no metric '{name}' of {settings.asks(name)}; "
                    f"{metrics_there(name, metrics)}"
                )
            if metrics[name]["value"] is None:
                raise InputError(
                    f"{name} of {settings.asks(name)} is null: {metrics[name]['reason']}; name "
                    "another metric"
                )
        values.append([metrics[name]["value"] for name in names])
    return dict(zip(names, np.mean(values, axis=0).tolist(), strict=True))


def trials(study: optuna.Study, settings: SearchSettings) -> pd.DataFrame:
    """One row a trial that has ended."""
    best = {trial.number for trial in study.best_trials}
    rows = []
    for trial in study.get_trials(states=ENDED):
        values = trial.values or [float("nan")] * len(settings.objectives)
        rows.append(
            {
                "trial": trial.number,
                "state": trial.state.name.lower(),
                "best": trial.number in best,
                **dict(zip(settings.objectives, values, strict=True)),
                **trial.user_attrs,
                **trial.params,
            }
        )
    return pd.DataFrame(rows)


def overrides(row: pd.Series, settings: SearchSettings) -> str:
    """What to add to ``ck4gen train`` for the configuration of one row of :func:`trials`."""
    return " ".join(f"{key}={row[key]}" for key in settings.keys)
