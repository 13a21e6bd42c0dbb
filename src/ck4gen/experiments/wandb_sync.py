"""Finished runs to Weights & Biases, from their folders."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
from omegaconf import OmegaConf

from ck4gen.data.table_files import read_table
from ck4gen.experiments import store
from ck4gen.experiments.prepare import data_module
from ck4gen.experiments.wandb_record import PRIVATE_KEYS, Pair, by_stage, record
from ck4gen.settings import InputError

CURVES = "metrics.csv"  # of the logger csv


def sync_run(
    folder: Path, project: str, offline: bool, group: str | None = None
) -> tuple[str, Path]:
    """Tell Weights & Biases of a run as if it had been tracked; told again, it is the same run.

    Args:
        folder: The run folder.
        project: Name of the project.
        offline: Write to ``wandb/`` of the run folder, and send nothing.
        group: Name under which runs are grouped; that of the run if not given.

    Returns:
        Name of the run, and the folder of its files.

    Raises:
        InputError: The folder holds no finished run, or Weights & Biases wants a login.
    """
    report = store.read_report(folder)
    if report is None:
        raise InputError(f"{folder} is no finished run: it holds no {store.REPORT}")
    import wandb
    from wandb.errors import Error

    os.environ.setdefault("WANDB_SILENT", "true")
    config = report["config"]
    name = "-".join(str(report[key]) for key in ("dataset", "method", "split"))
    name += f"-seed={report['seed']}"
    try:
        run = wandb.init(
            project=project,
            name=name,
            id=f"{name.replace('=', '')}-{report['id']}",
            resume="allow",
            group=group or config.get("group"),
            job_type=report["method"],
            tags=[report["dataset"], report["split"], f"seed={report['seed']}"],
            dir=str(folder),
            mode="offline" if offline else "online",
            config={key: value for key, value in config.items() if key not in PRIVATE_KEYS},
        )
    except Error as error:
        why = " ".join(str(error).split())
        raise InputError(
            f"Weights & Biases refused ({why}); run wandb login once, or add --offline"
        ) from error
    files = Path(run.dir).parent
    with run:
        _curves(run, folder / CURVES)
        record(run, folder, report, _pair(folder, config))
    return name, files


def _curves(run: object, file: Path) -> None:
    """Curves of the stages of training, where the run kept them."""
    if not file.is_file() or not file.stat().st_size:
        return
    for row in pd.read_csv(file).to_dict("records"):
        step = int(row.pop("step"))
        values = {key: value for key, value in row.items() if pd.notna(value)}
        run.log(by_stage(run, values, step))  # type: ignore[attr-defined]


def _pair(folder: Path, config: dict) -> Pair | None:
    """The tables of a run; None where the real one has changed, or is not there any more."""
    settings = OmegaConf.create(config)
    try:
        same = store.identity(settings) == json.loads((folder / store.REPORT).read_text())["id"]
        data = data_module(settings) if same else None
    except (InputError, OSError):
        return None
    if data is None:
        return None
    table = read_table(store.coded(folder, store.SYNTHETIC), data.schema)
    return Pair(data.train, table, data.schema)
