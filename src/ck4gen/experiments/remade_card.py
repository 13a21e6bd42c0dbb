"""The card of a finished run again, from its files: nothing is fitted or attacked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
from omegaconf import OmegaConf

from ck4gen.config import defaults
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.table_files import read_table
from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation.written_hazards import read_hazard_table
from ck4gen.experiments import store
from ck4gen.experiments.card import content, page
from ck4gen.experiments.card.content import Cohort
from ck4gen.experiments.prepare import data_module, noted
from ck4gen.experiments.public_part.write import write_public
from ck4gen.experiments.share_readme import CODEBOOK, outcome_columns, shared_files
from ck4gen.experiments.synthesize import AUDIT_REPORT, CARD, CARD_JSON, KEEP, SHARE
from ck4gen.settings import InputError


def remake_card(folder: Path, settings: Mapping[str, object]) -> list[Path]:
    """Write the card anew, and what is shared beside the table where the folder has that.

    Args:
        folder: What ``ck4gen synthesize`` made, or the folder of a run.
        settings: Keys of ``conf/card/default.yaml`` that are to be others than those of the run.

    Returns:
        The pages that were written.

    Raises:
        InputError: The folder holds no finished run with a verdict, a key is unknown, or the real
            table has changed or is not there; nothing was written.
    """
    check_finished([folder])
    report_folder, release = _report(folder)
    assert release is not None
    if unknown := [key for key in settings if key not in defaults()["card"]]:
        keys = ", ".join(f"card.{key}" for key in defaults()["card"])
        raise InputError(f"there is no key card.{unknown[0]}; the keys are {keys}")
    release["config"]["card"] = (release["config"].get("card") or defaults()["card"]) | settings
    crossed = report_folder / AUDIT_REPORT
    audit = json.loads(crossed.read_text()) if crossed.is_file() else release
    audited = _audited(report_folder)
    cohort = _cohort(folder, release)
    shared = folder / SHARE if report_folder != folder else None
    table = _table(shared, folder, cohort)
    book = ((shared / CODEBOOK) if shared else store.coded(folder, store.SCHEMA)).read_text(
        encoding="utf-8"
    )
    ratios = read_hazard_table(report_folder / store.HAZARD_RATIOS)
    card_content = content(cohort, table, ratios, book, release, audit, audited)
    (report_folder / CARD).write_text(page(card_content), encoding="utf-8")
    store.write_json(report_folder / CARD_JSON, card_content)
    if shared is None or release["contains_real"]:
        return [report_folder / CARD]
    described = shared_files(release["config"]["tables"])
    outcome = outcome_columns(cohort.plan)
    about = write_public(shared, described, outcome, release, audit, audited)
    return [report_folder / CARD, about]


def check_finished(folders: Sequence[Path]) -> None:
    """Raise an InputError that names every folder without a finished run that has a verdict."""
    if bare := [str(folder) for folder in folders if _report(folder)[1] is None]:
        raise InputError(
            f"no finished run with a verdict in {', '.join(bare)}; name folders that ck4gen "
            "synthesize made, or those of runs"
        )


def _report(folder: Path) -> tuple[Path, dict | None]:
    """Where the reports lie, and that of the run behind the table; None without a verdict."""
    report_folder = folder / KEEP if (folder / KEEP / store.REPORT).is_file() else folder
    report = store.read_report(report_folder)
    return report_folder, report if report is not None and "verdict" in report else None


def _audited(report_folder: Path) -> date:
    """Day of the audit: as the card that is there says, or else that of the report."""
    card = report_folder / CARD_JSON
    if card.is_file():
        return date.fromisoformat(json.loads(card.read_text())["review"]["audited"])
    reports = [
        report_folder / name
        for name in (AUDIT_REPORT, store.REPORT)
        if (report_folder / name).is_file()
    ]
    return date.fromtimestamp(reports[0].stat().st_mtime)


def _cohort(folder: Path, release: dict) -> Cohort:
    """The real table, read as the run read it."""
    config = OmegaConf.create(release["config"])
    if "path" in config.data and not Path(config.data.path).is_file():
        raise InputError(
            f"{folder} was made from {config.data.path}, which is not there any more (a data frame "
            f"never is; looked in {Path.cwd()}): put the file back, or make the table again with "
            "the card's keys"
        )
    if "path" in config.data and store.identity(config) != release["id"]:
        raise InputError(
            f"{config.data.path} has changed since {folder} was made from it, or an older ck4gen "
            "made it; restore the file, or make the table again"
        )
    with noted(set()):  # the card says what there is to say
        data = data_module(config)
    if isinstance(data, FrameDataModule):
        return Cohort(data.plan, data.table, data.schema, data)
    read = FrameDataModule(data.observed, DURATION, EVENT, missing="keep")
    return Cohort(read.plan, data.observed, data.schema, None)


def _table(shared: Path | None, folder: Path, cohort: Cohort) -> pd.DataFrame:
    """The synthetic table with the names within."""
    if shared is None or cohort.read is None:
        return read_table(store.coded(folder, store.SYNTHETIC), cohort.schema)
    table = pd.read_csv(shared / store.SYNTHETIC, keep_default_na=False, na_values=[""])
    return cohort.read.recoded(table)
