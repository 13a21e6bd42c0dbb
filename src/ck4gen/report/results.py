"""Finished runs of the packaged configurations, found by what they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ck4gen.config import as_dict, defaults, without
from ck4gen.data.table_files import read_table
from ck4gen.evaluation.augmentation.protocol import PERCENTILES as PERCENTILES
from ck4gen.evaluation.augmentation.protocol import PROTOCOLS
from ck4gen.experiments.command_words import output_words, shared_words, words
from ck4gen.experiments.display import in_order, of_dataset, of_method
from ck4gen.experiments.missing import packaged_names, runnable
from ck4gen.experiments.store import FILES, REPORT, SYNTHETIC, coded, content_hash
from ck4gen.experiments.summary import mixed_versions
from ck4gen.report.own_cohorts import content_of, name_cohorts
from ck4gen.report.own_methods import name_methods
from ck4gen.report.real_cohort import Cohort, cohort_of, real_cohort
from ck4gen.report.stored_run import StoredRun
from ck4gen.settings import InputError

# what makes a run standard, beside a hold-out that follows the seed
CONFIGURED = ("data", "method", "trainer", "n_samples", "holdout", "tables", "folds")
AUGMENTED = ("data", "method", "trainer", "augmentation")
ORDER = tuple(reversed(PROTOCOLS))  # of augmentation: the paper's own first
FIRST = "gbsg2"  # a packaged cohort, in place of an own one that a command can name
FLOOR = "bootstrap"  # the noise floor of fidelity
FAMILY = "ck4gen"  # how the names of CK4Gen and what goes beyond it begin


class Cell(NamedTuple):
    """What a run is asked for by; ``split`` is the protocol of an augmentation."""

    script: str
    dataset: str
    method: str
    split: str


class MissingRuns(Exception):
    """Nothing can be drawn, because none of the runs behind it is there."""


@cache
def packaged(script: str, *overrides: str) -> dict | None:
    """Keys that make a script's run standard, without how it is shown.

    None where this version has no such dataset, method or ablation.
    """
    try:
        config = defaults(*overrides, script=script)
        keys = CONFIGURED if script == "train" else AUGMENTED
        nodes = OmegaConf.create({key: config[key] for key in keys})
        return without(as_dict(nodes), "display")
    except (HydraException, OmegaConfBaseException):
        return None


def _set(node: object) -> object:
    """A node without its null keys, which an earlier version may not have known."""
    if not isinstance(node, dict):
        return node
    return {key: _set(value) for key, value in node.items() if value is not None}


class Results:
    """The runs under ``output_dir``. Every key left out takes its value from ``conf/report.yaml``.

    Args:
        output_dir: Root of the run folders.
        generator: That of the figures that set one beside the real cohort.
        methods: Generators of the comparisons, in the order of their rows; None: all found.
        augmented: Generators of the comparisons of augmented training, likewise.
        training: Runs of this file of ``conf/trainer``.

    Attributes:
        missing: Cells that were asked for and that no run fills.
        variants: Runs in another configuration than the packaged one.
    """

    def __init__(
        self,
        output_dir: Path,
        *,
        generator: str | None = None,
        methods: list[str] | None = None,
        augmented: list[str] | None = None,
        training: str | None = None,
    ) -> None:
        packed = defaults(script="report")
        self.output_dir = Path(output_dir)
        self.training = training or packed["training"]
        self.missing: set[Cell] = set()
        self.variants: list[StoredRun] = []
        self._standard: dict[Cell, list[StoredRun]] = {}
        # nodes that are not of conf, by group and name
        self._custom_nodes: dict[tuple[str, str], dict] = {}
        self._contents: dict[str, str | None] = {}  # hashes of the files of a user's cohorts
        stored: list[tuple[str, StoredRun]] = []
        for script, pattern in (("train", "runs"), ("augment", "augmentation")):
            for file in sorted(self.output_dir.glob(f"{pattern}/*/*/*/seed=*/{REPORT}")):
                stored.append((script, StoredRun(file.parent, json.loads(file.read_text()))))
        name_cohorts(run.report for _, run in stored)
        self._configurations = name_methods(run.report for _, run in stored)
        self.generator = self._labels([generator or packed["generator"]])[0]
        for script, run in stored:
            self._file(script, run)
        chosen = self._labels(methods or packed["methods"] or ())
        self.methods = chosen or self._methods("train")
        chosen = self._labels(augmented or packed["augmented"] or ())
        self.augmented = chosen or self._methods("augment")
        for cell_runs in self._standard.values():
            cell_runs.sort(key=lambda run: run.seed)
        if not self._standard and not self.variants:
            raise InputError(
                f"no finished run under {self.output_dir}; make some with "
                "'ck4gen sweep sweep=smoke' and give output_dir=outputs/smoke training=smoke here"
            )

    def _file(self, script: str, run: StoredRun) -> None:
        report = run.report
        cell = Cell(script, report["dataset"], report["method"], report["split"])
        if self._is_packaged(run, script):
            runs = self._standard.setdefault(cell, [])
            if run.seed not in {other.seed for other in runs}:  # else the same, a default written
                runs.append(run)
        else:
            self.variants.append(run)

    def _is_packaged(self, run: StoredRun, script: str, *more: str) -> bool:
        """Whether a run has the packaged configuration of its dataset and method, and ``more``.

        A dataset or method that is not in ``conf`` has none: its name says what it is.
        """
        names = {"data": run.report["dataset"], "method": run.report["method"]}
        custom = {group: name for group, name in names.items() if name not in packaged_names(group)}
        packaged_groups = [
            f"{group}={name}" for group, name in names.items() if group not in custom
        ]
        expected = packaged(script, *packaged_groups, f"trainer={self.training}", *more)
        if expected is None:
            return False
        config = without(run.report["config"], "display")
        for group, name in custom.items():
            self._custom_nodes.setdefault((group, name), config[group])
            if group == "data":
                self._contents.setdefault(name, content_of(run.report))
        follows = config.get("split_seed", run.seed) == run.seed or run.report["split"] == "release"
        alike = (
            _set(config.get(key, value)) == _set(value)
            for key, value in expected.items()
            if key not in custom
        )
        return follows and all(alike)

    def _labels(self, methods: Iterable[str]) -> list[str]:
        """Methods, a user's own one as all of its configurations: those of more runs first."""
        return [label for name in methods for label in self._configurations.get(name, [name])]

    def _methods(self, script: str) -> list[str]:
        return in_order(
            {cell.method for cell in self._standard if cell.script == script}, of_method
        )

    @property
    def known_methods(self) -> set[str]:
        """Methods of which there are runs, in whatever configuration."""
        standard = {cell.method for cell in self._standard} | self._configurations.keys()
        return standard | {run.report["method"] for run in self.variants}

    def cohort(self, dataset: str) -> Cohort:
        """A whole real cohort as the runs saw it.

        Raises:
            MissingRuns: The file of an own cohort is not there any more, or holds another one.
        """
        node = self._custom_nodes.get(("data", dataset))
        if node is None:
            return real_cohort(dataset)
        if dataset not in self._readable:
            raise MissingRuns
        return cohort_of(node)

    @cached_property
    def _readable(self) -> set[str]:
        """User's cohorts whose files are there and hold what their runs saw; read once."""
        nodes = {
            name: node for (group, name), node in self._custom_nodes.items() if group == "data"
        }
        return {name for name, node in nodes.items() if self._is_there(name, node)}

    def _is_there(self, dataset: str, node: dict) -> bool:
        files = (Path(node[key]).expanduser() for key in FILES if node.get(key) is not None)
        if not all(file.is_file() for file in files):
            return False
        return self._contents[dataset] in (None, content_hash(node))

    def source(self, dataset: str) -> str:
        """File of a user's cohort and the hash of its content; empty where there is none."""
        path = self._custom_nodes.get(("data", dataset), {}).get("path")
        content = self._contents.get(dataset)
        return "" if path is None else f"{path}" + (f", content {content}" if content else "")

    def generators(self, split: str) -> list[str]:
        """Generators to compare; fresh patients are held-out ones, and a release has none."""
        return [m for m in self.methods if split == "audit" or m != "fresh"]

    def runs(self, dataset: str, method: str, split: str, script: str = "train") -> list[StoredRun]:
        """Runs by seed; where there is none, the cell is noted as missing."""
        cell = Cell(script, dataset, method, split)
        if cell not in self._standard:
            self.missing.add(cell)
        return self._standard.get(cell, [])

    def every(self, method: str, split: str) -> list[StoredRun]:
        """Runs of a generator on every cohort; what is missing is not noted."""
        return [
            run
            for cell, cell_runs in self._standard.items()
            if (cell.script, cell.method, cell.split) == ("train", method, split)
            for run in cell_runs
        ]

    def compared(
        self, dataset: str, split: str, methods: list[str] | None = None
    ) -> dict[str, list[StoredRun]]:
        """Runs of these methods, of all :meth:`generators` for None; those that have any.

        Raises:
            MissingRuns: None has.
        """
        requested = self.generators(split) if methods is None else methods
        runs_by_method = {method: self.runs(dataset, method, split) for method in requested}
        runs_by_method = {method: runs for method, runs in runs_by_method.items() if runs}
        if not runs_by_method:
            raise MissingRuns
        return runs_by_method

    def shown(self, dataset: str) -> StoredRun:
        """The released run that stands beside the real cohort: the lowest seed.

        Raises:
            MissingRuns: There is none.
        """
        return self.compared(dataset, "release", [self.generator])[self.generator][0]

    def augmentations(self, dataset: str, method: str) -> dict[str, StoredRun]:
        """The comparison of lowest seed under each protocol that has one."""
        return {
            protocol: runs[0]
            for protocol in ORDER
            if (runs := self.runs(dataset, method, protocol, "augment"))
        }

    def ablated(self, dataset: str, name: str) -> list[StoredRun]:
        """Audit runs of CK4Gen as a file of ``conf/ablation`` changes it, by seed."""
        cell = "ck4gen", dataset, "audit"
        standard = self._standard.get(Cell("train", dataset, "ck4gen", "audit"), [])
        runs = [
            run
            for run in [*standard, *self.variants]
            if tuple(run.report[key] for key in ("method", "dataset", "split")) == cell
            and self._is_packaged(run, "train", f"ablation={name}")
        ]
        return sorted(runs, key=lambda run: run.seed)

    def synthetic(self, run: StoredRun) -> pd.DataFrame:
        """``synthetic.csv`` of a run, read by the schema of its cohort."""
        table = coded(run.folder, SYNTHETIC)
        return read_table(table, self.cohort(run.report["dataset"]).schema)

    @property
    def datasets(self) -> list[str]:
        """Datasets of which there are runs, in the report's order."""
        names = {cell.dataset for cell in self._standard}
        return in_order(names, of_dataset)

    @property
    def packaged_runs(self) -> list[StoredRun]:
        """Runs of the packaged configurations."""
        return [run for cell_runs in self._standard.values() for run in cell_runs]

    @cached_property
    def commits(self) -> list[str]:
        """Commits with which the runs were made."""
        commits = (run.report["commit"] for run in self.packaged_runs)
        return sorted({commit for commit in commits if commit})

    @cached_property
    def versions(self) -> list[str]:
        """What of the runs comes from different code, in sentences."""
        return mixed_versions((run.report for run in self.packaged_runs), self.output_dir)

    def commands(self) -> list[str]:
        """Commands that make what was missing, as few as a grid of each allows."""
        methods: dict[tuple[str, str, str], list[str]] = {}
        able = (c for c in self.missing if self._runnable(c))
        for cell in sorted(able, key=lambda cell: (cell.script != "train", cell)):
            methods.setdefault((cell.script, cell.dataset, cell.split), []).append(cell.method)
        datasets: dict[tuple, list[str]] = {}
        for (script, dataset, split), lacking in methods.items():
            # more words than a list of names can hold
            is_custom = ("data", dataset) in self._custom_nodes
            alone = (dataset,) if is_custom else ()
            datasets.setdefault((script, split, tuple(lacking), *alone), []).append(dataset)
        return [
            self.command(script, ",".join(names), split, method)
            for (script, split, method, *_), names in datasets.items()
        ]

    def _runnable(self, cell: Cell) -> bool:
        """Whether a command that names the cell makes its runs."""
        if ("data", cell.dataset) not in self._custom_nodes:
            return runnable(cell.dataset, cell.method, cell.split)
        return cell.dataset in self._readable and runnable(FIRST, cell.method, cell.split)

    def command(self, script: str, dataset: str, split: str, methods: Iterable[str]) -> str:
        """The command lines that make runs of these methods: one for all that are in ``conf``."""
        keys = [f"{'split' if script == 'train' else 'protocol'}={split}"]
        more = ["seed=0,1,2,3,4"] if script == "train" else []
        if self.training != "default":
            more.append(f"trainer={self.training}")
        more += self._evaluation if script == "train" else []
        more += ["hydra/launcher=local", *output_words(self.output_dir)]
        verb = "sweep" if script == "train" else f"{script} -m"
        return "\n".join(
            " ".join(["ck4gen", verb, data, *keys, method, *more])
            for data in self._words("data", dataset.split(","))
            for method in self._words("method", methods)
        )

    @cached_property
    def _evaluation(self) -> list[str]:
        """The evaluation of all standard runs, unless they have several or the default."""
        reports = [run.report for run in self.packaged_runs if "evaluation" in run.report["config"]]
        words = shared_words(reports) if reports else []
        return [word for word in words if word.startswith("evaluation=")]

    def _words(self, group: str, names: Iterable[str]) -> list[str]:
        """Datasets or methods on a command line; a user's own ones take one each."""
        names = list(names)
        packaged = [name for name in names if (group, name) not in self._custom_nodes]
        alone = [
            words(group, self._custom_nodes[group, name]) for name in names if name not in packaged
        ]
        return [*([f"{group}={','.join(packaged)}"] if packaged else []), *alone]
