"""Entry points of the scripts; a user's mistake gets one sentence and exit code 1."""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ck4gen.config import CONF, as_dict, defaults
from ck4gen.experiments import store
from ck4gen.settings import InputError, build

if TYPE_CHECKING:
    from ck4gen.experiments.run import Run

logging.getLogger("numexpr").setLevel(logging.WARNING)  # it announces its thread count
MULTIRUN = ("-m", "--multirun")
PATHS = ("run", "out", "data.path", "output_dir")


def train() -> None:
    """``scripts/train.py``: one run, or many with ``-m``."""
    _main("train", _train)


def augment() -> None:
    """``scripts/augment.py``: one comparison of augmented training, or many with ``-m``."""
    _main("augment", _augment)


def evaluate() -> None:
    """``scripts/evaluate.py``: evaluate a finished run again, without fitting."""
    _main("evaluate", _evaluate)


def generate() -> None:
    """``scripts/generate.py``: a cohort from a shared sampler, without the real data."""
    _main("generate", _generate)


def canary() -> None:
    """``scripts/canary.py``: fits with and without one extreme patient."""
    _main("canary", _canary)


def simulate() -> None:
    """``scripts/simulate.py``: what a synthetic table does to inference, on known truth."""
    _main("simulate", _simulate)


def collect() -> None:
    """``scripts/collect.py``: mean and SD over the seeds of finished runs."""
    _main("collect", _collect)


def report() -> None:
    """``scripts/report.py``: tables, figures and a web page from finished runs."""
    _main("report", _report)


def search() -> None:
    """``scripts/search.py``: hyper-parameters by several metrics, with bounds; resumable."""
    _main("search", _search)


def _train(config: DictConfig) -> None:
    # heavy imports wait until the command line is known to be right
    from ck4gen.cli.run import print_run
    from ck4gen.experiments import run

    _one_or_job(config, run.make_run, print_run)


def _augment(config: DictConfig) -> None:
    from ck4gen.cli.augmentation import print_augmentation
    from ck4gen.experiments import augment

    _one_or_job(config, augment.make_comparison, print_augmentation)


def _one_or_job(
    config: DictConfig, make: Callable[..., Run], show: Callable[[Path, dict, bool], None]
) -> None:
    hydra = HydraConfig.get()
    if hydra.mode == RunMode.MULTIRUN:
        from ck4gen.experiments import sweep

        sweep.job(config, Path(hydra.sweep.dir), hydra.job.num, make)
        return
    done = make(config)
    show(done.folder, done.report, done.found)


def _evaluate(config: DictConfig) -> None:
    from ck4gen.cli.run import print_run
    from ck4gen.experiments import run

    folder = Path(config.run).absolute()
    report = store.read_report(folder)
    if report is None:
        raise InputError(f"run={config.run} is no finished run: it holds no {store.REPORT}")
    settings = OmegaConf.create(report["config"])
    settings.evaluation = config.evaluation
    if "path" in settings.data and store.identity(settings) != report["id"]:
        raise InputError(
            f"{settings.data.path} has changed since run={config.run} was made from it, or an "
            "older ck4gen made the run; restore the file, or make it again with scripts/train.py"
        )
    with store.claim(folder):
        report = run.reevaluate(settings, folder)
    print_run(folder, report, found=False)


def _generate(config: DictConfig) -> None:
    from ck4gen.experiments.generate import generate

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        made = generate(config)
    for note in {str(w.message) for w in caught if w.category is UserWarning}:
        print(f"warning: {note}")
    if made.factor > 1:
        print(
            f"warning: {made.rows} rows hold the information of the {made.trained_on} real ones "
            f"only: naive 95% CIs are too narrow by a factor of {made.factor:.2f}"
        )
    print(f"{made.rows} rows: {made.table}")
    print(f"codebook: {made.codebook}")


def _canary(config: DictConfig) -> None:
    from ck4gen.cli.run import print_canary
    from ck4gen.experiments.canary import RESULT, canary

    def progress(done: int) -> None:
        print(f"\r{done}/{config.pairs} pairs", end="", file=sys.stderr, flush=True)

    folder = canary(config, progress)
    print(file=sys.stderr)
    print_canary(folder / RESULT)


def _simulate(config: DictConfig) -> None:
    from ck4gen.cli.simulation import print_simulation
    from ck4gen.experiments.simulate import simulate

    def progress(done: int) -> None:
        print(f"\r{done}/{config.cohorts} cohorts", end="", file=sys.stderr, flush=True)

    folder = simulate(config, progress)
    print(file=sys.stderr)
    print_simulation(folder)


def _collect(config: DictConfig) -> None:
    from ck4gen.experiments.summary import missing_runs, read_runs, summary
    from ck4gen.markdown import markdown

    folder = Path(config.output_dir).expanduser().absolute()
    table = read_runs(folder, config.split, list(config.metrics))
    text = markdown(summary(table, config.spread))
    table.to_csv(folder / f"summary_{config.split}.csv", index=False)
    (folder / f"summary_{config.split}.md").write_text(text)
    print(text)
    for cell in missing_runs(table):
        print(f"missing: {cell}")
    print(f"one row a run: {folder}/summary_{config.split}.csv")


def _report(config: DictConfig) -> None:
    from ck4gen.report.plan import ReportSettings, write_report

    keys = as_dict(config)
    folder, results, left_out = write_report(build(ReportSettings, "the report", keys))
    print(f"report: {folder}")
    if results.variants:
        print(
            f"{len(results.variants)} runs are in another configuration than the packaged one with "
            f"trainer={config.training}: they count for ablations and noise only"
        )
    if left_out:
        print(f"left out, no run behind them: {', '.join(left_out)}")
    for command in results.commands():
        print(f"missing: {command}")


def _search(config: DictConfig) -> None:
    from ck4gen.experiments.search import overrides, search
    from ck4gen.markdown import markdown

    folder, settings, table = search(config)
    best = table[table["best"]].sort_values(settings.objectives[0])
    if best.empty:
        bounds = ", ".join(f"{b['metric']} at most {b['at_most']}" for b in settings.bounds)
        print(f"no configuration keeps the bounds: {bounds}")
    else:
        front = best[["trial", *settings.metrics]].round(3)
        front["overrides"] = [overrides(row, settings) for _, row in best.iterrows()]
        print("none of these is better than another on every objective:\n")
        print(markdown(front))
        (folder / "front.md").write_text(markdown(front))
    print(f"every trial: {folder}/trials.csv")


def _main(name: str, task: Callable[[DictConfig], None]) -> None:
    os.environ["HYDRA_FULL_ERROR"] = "1"  # exceptions come here instead of being printed by Hydra
    # argparse takes no flag between the overrides
    arguments = sorted(sys.argv[1:], key=lambda argument: argument not in MULTIRUN)
    sys.argv[1:] = [quoted(argument) for argument in arguments]
    mistakes: list[str] = []

    @wraps(task)
    def guarded(config: DictConfig) -> None:
        try:
            task(config)
        except (InputError, HydraException, OmegaConfBaseException) as error:
            if (sentence := explain(error, sys.argv[1:], name)) is None:
                raise
            mistakes.append(sentence)  # past Hydra, which would print the overrides as well
        except BrokenPipeError:  # whoever reads, as head does, has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    try:
        hydra.main(version_base="1.3", config_path=str(CONF), config_name=name)(guarded)()
    except (HydraException, OmegaConfBaseException) as error:
        if (sentence := explain(error, sys.argv[1:], name)) is None:
            raise
        mistakes.append(sentence)
    if mistakes:
        sys.exit(f"error: {mistakes[0]}")


def quoted(argument: str) -> str:
    """Quote the value of a path for Hydra, whose grammar has its own use for ``=`` and ``(``."""
    key, separator, value = argument.partition("=")
    if not separator or key not in PATHS or value[:1] in ("'", '"', "$"):
        return argument
    return f"{key}='" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def explain(error: BaseException, arguments: list[str], script: str) -> str | None:
    """One sentence for a mistake of the user; None for a fault that deserves a traceback.

    Args:
        error: What was raised.
        arguments: The command line, for the names that would have been right.
        script: Name of the script's configuration.
    """
    chain = [error]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    for cause in chain:
        if isinstance(cause, InputError):
            return str(cause)
    text = "\n".join(map(str, chain))
    if group := re.search(r"Could not find '(.+)/(.+?)'", text):
        options = ", ".join(sorted(p.stem for p in (CONF / group[1]).glob("*.yaml")))
        return f"there is no {group[1]} '{group[2]}'; choose one of {options}"
    if key := re.search(r"full_key: (\S+)", text):
        return _unknown_key(key[1], arguments, script)
    if "Error in call to" in text or "Error locating target" in text:
        return None
    return " ".join(str(error).split())


def _unknown_key(key: str, arguments: list[str], script: str) -> str:
    parent, _, name = key.rpartition(".")
    groups = [a for a in arguments if re.match(r"[\w@./]+=", a) and "." not in a.split("=")[0]]
    known = OmegaConf.create(defaults(script=script))
    for argument in groups:
        try:
            known = OmegaConf.create(defaults(argument, script=script))
        except (HydraException, OmegaConfBaseException):
            continue
    node = OmegaConf.select(known, parent) if parent else known
    where = f"'{parent}'" if parent else "the configuration"
    if node is None or not OmegaConf.is_dict(node):
        return f"there is no key '{key}'"
    return f"{where} has no key '{name}'; its keys are {', '.join(map(str, node))}"
