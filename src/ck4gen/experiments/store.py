"""Run folders: identity, exclusive claim, atomic completion, provenance."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from omegaconf import DictConfig, OmegaConf

from ck4gen.config import ROOT, as_dict, without
from ck4gen.experiments.fingerprint import modules_within, source_hash, targets
from ck4gen.settings import InputError, file_at
from ck4gen.written_file import replaced

REPORT = "report.json"
SYNTHETIC = "synthetic.csv"
SCHEMA = "schema.yaml"
CODED = "coded-"
SAMPLER = "sampler.pt"
HAZARD_RATIOS = "hazard_ratios.csv"
AUDIT = "audit.md"
COMPARISON = "augmentation.csv"
RISKS = "calibration.csv"
CALIBRATION = "calibration_errors.csv"
MEASURES = "measures.csv"
AUDIT_PAGE, AUDIT_CONTENT = "audit.html", "audit.json"
AUDITED = AUDIT_PAGE, AUDIT_CONTENT, REPORT, HAZARD_RATIOS  # all that an audit of files writes
# what each step runs, beside the classes that its configuration names
MAKERS = (
    "ck4gen.experiments.run",
    "ck4gen.experiments.prepare",
    "ck4gen.experiments.further_tables",
    "ck4gen.experiments.written_tables",
)
GENERATION = ("ck4gen.methods.base", "ck4gen.data.table_files")
FILES = "path", "schema"  # keys of a dataset that name a user's files
DESCRIPTIONS = "public", "stored"  # keys of a method that name files of what is known
FULL = "full"  # the evaluation that holds all that others hold
EVALUATION = "ck4gen.evaluation"  # every module: a new metric is found without being named
AUGMENTATION = ("ck4gen.methods.base", "ck4gen.evaluation.augmentation.comparison",
                "ck4gen.evaluation.augmentation.folds")  # fmt: skip
LIBRARIES = (
    "torch", "pytorch-lightning", "hydra-core", "numpy", "pandas", "scipy", "scikit-learn",
    "lifelines", "scikit-survival", "torchmetrics",
)  # fmt: skip


def table_file(number: int) -> str:
    """File of the synthetic table of this number; 0 is the first."""
    return further_table(number) if number else SYNTHETIC


def further_table(number: int) -> str:
    """File of a further synthetic table, counted from 1, beside the first."""
    return f"synthetic-{number + 1}.csv"


def coded(folder: Path, name: str) -> Path:
    """A table or the codebook of a run as this package codes it.

    That is a file of its own where it is also written as the user knows it, else the one there is.
    """
    coded_file = folder / f"{CODED}{name}"
    return coded_file if coded_file.is_file() else folder / name


def run_folder(config: DictConfig) -> Path:
    """``<output_dir>/runs/<data>/<method>/<split>/seed=<seed>-<id>``."""
    name = f"seed={config.seed}-{identity(config)}"
    root = Path(config.output_dir).expanduser().absolute()
    return root / "runs" / config.data.name / config.method.name / config.split / name


def identity(config: DictConfig) -> str:
    """Eight hex digits that hash every key on which ``synthetic.csv`` depends, and no other."""
    keys = ["data", "method", "trainer", "split", "seed", "n_samples"]
    if config.get("tables", 1) > 1:
        keys += ["tables"]
    if config.split == "audit":
        keys += ["holdout", "split_seed"]
    if config.split == "crossfit":
        keys += ["folds", "split_seed"]
    return digest(config, keys)


def digest(config: DictConfig, keys: list[str]) -> str:
    """Eight hex digits that hash these keys of the root; of a user's file the content."""
    decisive = without(parts(config, keys), "display")
    decisive["data"] |= _file_digests(decisive["data"])
    if "method" in decisive:
        decisive["method"] |= _described(decisive["method"])
    return _digest(json.dumps(by_value(decisive), sort_keys=True).encode())[:8]


def content_hash(data: Mapping[str, Any]) -> str | None:
    """Twelve hex digits that hash the content of the user's files of a dataset.

    Args:
        data: Node of its configuration.

    Returns:
        None where it has no files.

    Raises:
        InputError: A file is not there.
    """
    contents = "".join(_file_digests(data).values())
    return _digest(contents.encode())[:12] if contents else None


def parts(config: DictConfig, keys: Iterable[str]) -> dict[str, Any]:
    """These keys of the root as a plain dict; one that is not there is left out."""
    nodes = {key: config[key] for key in keys if key in config}
    return {
        key: OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
        for key, node in nodes.items()
    }


def by_value(node: object) -> Any:
    """The same configuration with whole numbers as int, so that 0 and 0.0 are one setting."""
    if isinstance(node, dict):
        return {key: by_value(value) for key, value in node.items()}
    if isinstance(node, list):
        return [by_value(value) for value in node]
    return int(node) if isinstance(node, float) and node.is_integer() else node


def generation_hash(config: DictConfig) -> str:
    """Twelve hex digits that hash the source behind ``synthetic.csv`` of this method and data."""
    used = parts(config, ["data", "method"])
    return source_hash([*targets(used), *GENERATION], alone=MAKERS)


def evaluation_hash(config: DictConfig) -> str:
    """Twelve hex digits that hash the evaluation's source and its config."""
    settings = as_dict(config.evaluation)
    extra_modules = [path.rpartition(".")[0] for path in settings["extra"]]
    text = source_hash([*modules_within(EVALUATION), *extra_modules]) + json.dumps(
        settings, sort_keys=True
    )
    return _digest(text.encode())[:12]


def is_fuller(report: dict, name: str) -> bool:
    """Whether a run holds a full evaluation, and another one is asked for.

    Args:
        report: Report of the run.
        name: Name of the evaluation that is asked for.
    """
    return bool(report["config"]["evaluation"]["name"] == FULL != name)


def current_evaluation(report: dict, config: DictConfig) -> bool:
    """Whether the evaluation of a run is what is asked for, or a full one, by the code of today."""
    stored = report["hashes"]["evaluation"]
    if stored == evaluation_hash(config):
        return True
    if not is_fuller(report, config.evaluation.name):
        return False
    full = OmegaConf.create({"evaluation": report["config"]["evaluation"]})
    return bool(stored == evaluation_hash(full))


def augmentation_hash(config: DictConfig) -> str:
    """Twelve hex digits that hash the source behind a comparison of augmented training."""
    used = parts(config, ["data", "method"])
    return source_hash([*targets(used), *AUGMENTATION], alone=["ck4gen.experiments.augment"])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _file_digests(data: Mapping[str, Any]) -> dict[str, str]:
    """Hashes of the user's files of a dataset, by the key that names each."""
    files = {key: data[key] for key in FILES if data.get(key) is not None}
    return {key: _digest(file_at(f"data.{key}", path).read_bytes()) for key, path in files.items()}


def _described(method: Mapping[str, Any]) -> dict[str, str]:
    """Hashes of the files by which a method knows its table, by the key that names each."""
    paths = {key: method[key] for key in DESCRIPTIONS if isinstance(method.get(key), str)}
    files = {key: Path(path).expanduser() for key, path in paths.items()}
    return {key: _digest(file.read_bytes()) for key, file in files.items() if file.is_file()}


@contextmanager
def claim(folder: Path, wait: bool = False) -> Iterator[None]:
    """Hold the run folder exclusively; the lock goes with the process, however it ends.

    Args:
        folder: The run folder.
        wait: Wait for another process that is making this run, instead of refusing.

    Raises:
        InputError: Another process is making this run.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f".{folder.name}.lock"))
    try:
        lock.acquire(blocking=wait)
    except Timeout:
        raise InputError(f"another process is making this run: {folder}") from None
    try:
        yield
    finally:
        lock.release()


def check_new(folder: Path) -> None:
    """Refuse to write a folder where something is, or below a file.

    Raises:
        InputError: It cannot be there.
    """
    _check_above(folder)
    if folder.exists():
        raise InputError(f"{folder} is there already; name another --out")


def _check_above(folder: Path) -> None:
    for above in folder.parents:
        if above.exists() and not above.is_dir():
            raise InputError(f"{above} is a file, and {folder} would lie in it; name another --out")


def check_folder_free(folder: Path, force: bool, holds: Collection[str]) -> None:
    """Refuse to write a folder where something is, but for one of its kind that is to be replaced.

    Args:
        folder: The folder to be written.
        force: Whether it may be replaced.
        holds: All names that a folder of this kind holds.

    Raises:
        InputError: Something is there, or a file is where its folder would be.
    """
    _check_above(folder)
    if not folder.exists():
        return
    if not force:
        raise InputError(f"{folder} is there already; name another --out, or add --force")
    exists = folder.is_dir()
    other = sorted(p.name for p in folder.iterdir() if p.name not in holds) if exists else []
    if not exists or other:
        what = f"holds {other[0]}" if other else "is a file"
        raise InputError(
            f"{folder} {what}, which this command did not make, so it is not replaced; "
            "name another --out"
        )


@contextmanager
def assembled(folder: Path) -> Iterator[Path]:
    """A scratch folder that takes the run folder's place by one rename, or goes if it fails."""
    scratch = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        yield scratch
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def clear_abandoned(runs: Path) -> None:
    """Remove the scratch folders of runs that were killed; one that is claimed is being made.

    Args:
        runs: Root of the run folders, by data, method and split.
    """
    for scratch in runs.glob("*/*/*/.*.partial"):
        folder = scratch.with_name(scratch.name.removeprefix(".").removesuffix(".partial"))
        with suppress(InputError), claim(folder):
            shutil.rmtree(scratch, ignore_errors=True)


def read_report(folder: Path) -> dict | None:
    """The finished run's report, or None."""
    file = folder / REPORT
    return json.loads(file.read_text()) if file.is_file() else None


def write_report(folder: Path, report: dict) -> None:
    """Write ``report.json``, see :func:`write_json`; null carries a reason."""
    write_json(folder / REPORT, report)


def write_json(file: Path, content: dict) -> None:
    """Write a JSON file atomically, its folder as well; not-a-number is refused."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with replaced(file) as temporary:
        temporary.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")


def drop_tables(folder: Path, source: str) -> None:
    """Delete the unfinished work of another version of the code: tables that don't end in its hash.

    Args:
        folder: Tables named ``NUMBER-HASH.csv``.
        source: The hash of this version.
    """
    for file in folder.glob("*.csv"):
        if not file.name.endswith(f"-{source}.csv"):
            file.unlink()


def read_part(file: Path, source: str) -> dict | None:
    """A finished part of a longer computation, unless its ``source`` has changed since."""
    if not file.is_file():
        return None
    part = json.loads(file.read_text())
    return part if part["source"] == source else None


def provenance() -> dict:
    """Library versions and the commit of this checkout, None outside one."""
    git = ["git", "-C", str(ROOT)]
    try:
        commit = subprocess.run(
            [*git, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        commit = None
    return {"versions": dict(_versions()), "commit": commit}


@cache
def _versions() -> dict[str, str]:
    """Of this package and of libraries, whose metadata would be parsed anew at each run."""
    return {name: version(name) for name in ("ck4gen", *LIBRARIES)}
