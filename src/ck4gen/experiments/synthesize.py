"""From a user's file to two folders: one to share, one to keep."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from ck4gen.config import defaults
from ck4gen.data.checks import check_divisible, most_folds
from ck4gen.data.schema import EVENT
from ck4gen.data.table_files import read_table, write_table
from ck4gen.data.understanding import schema_text, screen
from ck4gen.data.user_table import LEFT_OUT, FrameDataModule
from ck4gen.evaluation.written_hazards import read_hazard_table
from ck4gen.experiments import store
from ck4gen.experiments.ledger import LEDGER, ledger_kept
from ck4gen.experiments.make_run import Run, make_run
from ck4gen.experiments.prepare import CROSSFIT, check, data_module, noted
from ck4gen.experiments.secret import custodian_secret, secret_seed
from ck4gen.experiments.share_readme import CODEBOOK, outcome_columns, readme, shared_files
from ck4gen.experiments.unfinished import NOTHING, unfinished
from ck4gen.settings import InputError

SHARE, KEEP = "share", "keep"
README, PLAN = "README.txt", "plan.txt"
CARD, CARD_JSON = "card.html", "card.json"
AUDIT_REPORT = "audit_report.json"
SECRET = "secret.key"
REAL = "real.csv"
CROSSED = {  # step of a cross-fitted run: stage of the clock
    "fit": "release/fit",
    "draw": "release/draw",
    "folds": "audit/fit",
    "evaluate": "audit/evaluate",
}
KEPT = {"release": (store.HAZARD_RATIOS, store.SAMPLER), "audit": (store.AUDIT,)}


@dataclass(frozen=True)
class Made:
    """What was made.

    Attributes:
        folder: The folder that holds ``share`` and ``keep``.
        release: Report of the run behind the table.
        audit: Report of the run with patients held out.
    """

    folder: Path
    release: dict
    audit: dict


def configuration(data: dict[str, object], overrides: Sequence[str] = ()) -> DictConfig:
    """``conf/train.yaml`` for a file of the user's.

    Args:
        data: Keys of ``conf/data/csv.yaml``, as they are; none is read by Hydra.
        overrides: Further keys in Hydra's syntax, as ``method=ck4gen_free``.
    """
    config = OmegaConf.create(defaults("data=csv", *overrides))
    for key, value in data.items():
        _set(config, key, value)
    return config


def of_size(config: DictConfig, overrides: Sequence[str], patients: int) -> DictConfig:
    """The same, with ``evaluation=large`` where many patients leave no other that was named.

    Args:
        config: Of :func:`configuration`.
        overrides: What it was made with.
        patients: Rows of the cohort.
    """
    named = any(override.lstrip("+").startswith("evaluation=") for override in overrides)
    if named or patients <= config.large_rows:
        return config
    sized = config.copy()
    sized.evaluation = defaults("data=csv", "evaluation=large", *overrides)["evaluation"]
    return sized


def understood(config: DictConfig) -> tuple[FrameDataModule, str]:
    """The cohort of a configuration, checked, and the screen that says how it was understood."""
    check(config)
    notes: set[str] = set()
    with noted(notes):
        data = data_module(config)
    if not isinstance(data, FrameDataModule):
        raise InputError("a file is needed: data=csv")
    check_divisible(data.table)  # the audit comes last, and would find it out
    shown_notes = [
        note for note in sorted(notes) if not note.startswith(LEFT_OUT)
    ]  # the screen lists them
    return data, screen(data.plan, [rule.sentence for rule in data.schema.rules], shown_notes)


def synthesize_cohort(
    config: DictConfig,
    data: FrameDataModule,
    screen_text: str,
    out: Path,
    force: bool = False,
    begin: Callable[[str], None] = lambda _: None,
) -> Made:
    """Fit, draw, audit the same configuration, and put both folders in place at once.

    Args:
        config: Of :func:`configuration`.
        data: The cohort, of :func:`understood`.
        screen_text: How it was understood, likewise.
        out: The folder; it must not be there yet.
        force: Replace it.
        begin: Told which stage begins, a key of ``stage_clock.STAGES``.

    Raises:
        InputError: The folder is there, or a run cannot be made; nothing is left half-written.
    """
    store.check_folder_free(out, force, (SHARE, KEEP))
    with unfinished(lambda: NOTHING), store.assembled(out) as scratch:
        (scratch / SHARE).mkdir()
        (scratch / KEEP).mkdir()
        # a new secret would let two tables average the noise away, a new ledger forget releases
        for kept in (SECRET, LEDGER):
            if (out / KEEP / kept).exists():
                shutil.copy(out / KEEP / kept, scratch / KEEP / kept)
        with ledger_kept(scratch / KEEP, out / KEEP):
            runs = _runs(config, data, scratch, begin)
            _share(scratch / SHARE, data, runs)
            _keep(scratch / KEEP, data, screen_text, runs)
        shutil.rmtree(scratch / "runs")
    return Made(out, runs["release"].report, runs["audit"].report)


def _runs(
    config: DictConfig, data: FrameDataModule, scratch: Path, begin: Callable[[str], None]
) -> dict[str, Run]:
    """The runs behind the table and the audit; a cross-fitted one is both."""
    runs: dict[str, Run] = {}
    crossed = audit_split(config, data) == CROSSFIT
    for split in (CROSSFIT,) if crossed else ("release", "audit"):
        one = config.copy()
        one.split, one.output_dir = split, str(scratch / "runs")
        one.secret = str(scratch / KEEP / SECRET)
        if config.method.get("guard") is None:  # whose weights are secret already
            one.seed = secret_seed(custodian_secret(one.secret), config.seed)
        _locate(one)
        if split == "audit" and one.evaluation.name == "large":  # told of the table to share
            one.evaluation.reanalysis.compute = False
        if crossed:  # nobody asked for so many folds
            one.folds = min(config.folds, most_folds(data.table[EVENT]))
        runs[split] = make_run(one, begin=partial(_begin, begin, split), read=data)
    return {"release": runs[CROSSFIT], "audit": runs[CROSSFIT]} if crossed else runs


def _locate(config: DictConfig) -> None:
    """Whole paths of the user's files: the card is written again from any working directory."""
    for key in ("path", "schema"):
        if config.data.get(key) is not None:
            _set(config, key, str(Path(config.data[key]).expanduser().absolute()))


def _set(config: DictConfig, key: str, value: object) -> None:
    """Set a key of ``data`` to a value as it is."""
    text = value.replace("${", "\\${") if isinstance(value, str) else value
    OmegaConf.update(config, f"data.{key}", text)


def audit_split(config: DictConfig, data: FrameDataModule) -> str:
    """How the audit is made: the ``split`` that is asked for, or else by size.

    Where there are too few patients for a single split to rule a leak out, every patient is once
    held out: eleven fits instead of two. A design of very many terms is too dear for that, and
    ``evaluation=fast`` has no attack that it could help.

    Args:
        config: Of :func:`configuration`.
        data: The cohort.
    """
    if config.split != "release":
        return str(config.split)
    small = len(data.table) < config.crossfit_below
    narrow = len(data.schema.design_names) <= config.crossfit_terms
    return CROSSFIT if small and narrow and config.evaluation.name != "fast" else "audit"


def _begin(begin: Callable[[str], None], split: str, step: str) -> None:
    begin(CROSSED[step] if split == CROSSFIT else f"{split}/{step}")


def _share(folder: Path, data: FrameDataModule, runs: dict[str, Run]) -> None:
    """The tables as the user knows them, their codebook, and what a recipient should know."""
    run = runs["release"]
    for number in range(run.report["config"]["tables"]):
        name = store.table_file(number)
        shutil.copy(run.folder / name, folder / name)
    shutil.copy(run.folder / store.SCHEMA, folder / CODEBOOK)
    book = store.coded(run.folder, store.SCHEMA).read_text(encoding="utf-8")
    (folder / README).write_text(readme(data.plan, book, run.report), encoding="utf-8")
    if run.report["contains_real"]:  # the text says that it is not passed on
        return
    from ck4gen.experiments.public_part.write import write_public  # evaluation, see _keep

    described = shared_files(run.report["config"]["tables"])
    outcome, audit = outcome_columns(data.plan), runs["audit"].report
    write_public(folder, described, outcome, run.report, audit, date.today())


def _keep(folder: Path, data: FrameDataModule, screen_text: str, runs: dict[str, Run]) -> None:
    """What belongs to the custodian: plan, schema, reports, audit and card.

    And the real rows as the shared ones are written, on which a recipient's program runs as it is.
    """
    release, audit = runs["release"], runs["audit"]
    from ck4gen.experiments.card import content, page  # evaluation, which no plan or refusal needs
    from ck4gen.experiments.card.content import Cohort

    card_content = content(
        Cohort(data.plan, data.table, data.schema, data),
        read_table(store.coded(release.folder, store.SYNTHETIC), data.schema),
        read_hazard_table(release.folder / store.HAZARD_RATIOS),
        store.coded(release.folder, store.SCHEMA).read_text(encoding="utf-8"),
        release.report,
        audit.report,
        date.today(),
    )
    (folder / CARD).write_text(page(card_content), encoding="utf-8")
    store.write_json(folder / CARD_JSON, card_content)
    (folder / PLAN).write_text(screen_text + "\n", encoding="utf-8")
    (folder / REAL).touch(mode=0o600)  # patients
    write_table(data.plan.presentation.table(data.table), folder / REAL)
    schema = schema_text(data.plan, [rule.sentence for rule in data.schema.rules])
    (folder / store.SCHEMA).write_text(schema, encoding="utf-8")
    for split, run in runs.items():
        name = store.REPORT if split == "release" else AUDIT_REPORT
        shutil.copy(run.folder / store.REPORT, folder / name)
        for file in KEPT[split]:
            if (run.folder / file).exists():
                shutil.copy(run.folder / file, folder / file)
