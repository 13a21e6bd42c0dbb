"""Everything that the custodian's card says, as plain values: the JSON beside the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.data.understanding import Plan
from ck4gen.data.user_table import FrameDataModule
from ck4gen.experiments.card.answers import About
from ck4gen.experiments.card.audit_section import audit_section
from ck4gen.experiments.card.comparison import compared, hazard_error
from ck4gen.experiments.card.review import card_settings
from ck4gen.experiments.display import of_method
from ck4gen.experiments.protection import noisy, protection, publicly_described
from ck4gen.experiments.share_readme import conclusions

SEED = (
    "{}, set in the configuration before the audit; where the best of several seeds is chosen, the "
    "audit says too little"
)
NOT_MET = (
    "calibration was not met",
    "the table does not keep every number that it was asked to keep (calibration was not met)",
)
LEFT_OUT = {
    "crossfit": "the same {folds} times more, each without a part of the patients",
    "again": "the same once more with {holdout:.0%} of the patients left out",
    "same": "this very table, made with {holdout:.0%} of the patients left out",
    "nobody": "without patients left out, so that not every attack could be tried",
}
BEYOND = "is chance or medical knowledge. What is learned beyond that{about} is a leak."
HOW = {
    "crossfit": "The program was run again without each part of the patients in turn, and the "
    "tables that came out were attacked. A patient is compared with him or herself: what an "
    "attacker learns from the table made without the patient "
    + BEYOND.format(about="")
    + " The same settings made the table that may be shared.",
    "again": "The program was run once more without some of the patients, and the table that came "
    "out was attacked. Those left out are the control: what an attacker learns about them "
    + BEYOND.format(about=" about the others")
    + " The same settings made the table that may be shared.",
    "same": "Some of the patients were left out of this table. They are the control: what an "
    "attacker learns about them " + BEYOND.format(about=" about the others"),
    "nobody": "Nobody was left out of this table. So what an attacker learns cannot be told from "
    "what holds of every patient, and most attacks are not tried.",
}
BLANKS = {
    "keep": "kept: the synthetic table has blanks as the real one has",
    "impute": "filled before the fit: the synthetic table has none",
    "refuse": "none",
    "public": "unknown to the method: the synthetic table has none",
}


@dataclass(frozen=True)
class Cohort:
    """The real table of a card.

    Attributes:
        plan: How it was read.
        table: Its rows, with the names within.
        schema: Its columns, with the rules between them.
        read: The data module that read it, where it is a user's.
    """

    plan: Plan
    table: pd.DataFrame
    schema: Schema
    read: FrameDataModule | None


def content(
    data: Cohort,
    synthetic: pd.DataFrame,
    ratios: pd.DataFrame,
    codebook: str,
    release: dict,
    audit: dict,
    audited: date,
) -> dict:
    """What the card says.

    Args:
        data: The real cohort.
        synthetic: (m, p + 2) synthetic rows, with the names within.
        ratios: Of :func:`ck4gen.evaluation.hazard_table.hazard_table`.
        codebook: Codebook of the run, YAML text.
        release: Report of the run behind the table.
        audit: Report of the run with patients held out.
        audited: Day of the audit.
    """
    plan, (may, may_not), config = data.plan, conclusions(codebook, release), release["config"]
    least = config["evaluation"]["min_rows"]
    both = compared(plan, data.table, synthetic, data.schema, ratios, release, least)
    about = About(
        patients=plan.rows,
        columns=len(plan.columns),
        left_out=len(both["left_out"]),
        merged_below=_fewest(release),
        protection=_sentence(_protection(release)),
        cells_listed="audit.md lists them",
        hazard=hazard_error(release),
    )
    return {
        "what": "card of a synthetic table, for whoever keeps the real one",
        "file": Path(config["data"].get("path") or release["dataset"]).name,
        "rows": len(synthetic),
        "tables": config["tables"],
        "made": _settings(release, audit),
        "rules": [rule.sentence for rule in data.schema.rules],
        "notes": _notes(data, release, audit),
        **both,
        "how": HOW[_way(release, audit)],
        "in_two_folders": release["id"] != audit["id"] or audit["split"] == "crossfit",
        **audit_section(about, audit, release, card_settings(config), audited),
        "may": may,
        "may_not": may_not,
    }


def _fewest(release: dict) -> int | None:
    """Patients below which a category is merged; None where none is, as in a packaged cohort."""
    if publicly_described(release):
        return None
    fewest: int | None = release["config"]["data"].get("understanding", {}).get("min_cell")
    return fewest


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _settings(release: dict, audit: dict) -> list[tuple[str, str]]:
    """Version, method and settings."""
    config, name = release["config"], release["method"]
    commit = f", commit {release['commit'][:12]}" if release["commit"] else ""
    title = of_method(name).title
    return [
        ("Program", f"ck4gen {release['versions']['ck4gen']}{commit}"),
        ("Method", name if title == name else f"{title} ({name})"),
        ("Protection", _protection(release)),
        ("Blanks", BLANKS[_blanks(release)]),
        *_merged(release),
        ("Seed of the random numbers", SEED.format(release["seed"])),
        *_several(config["tables"]),
        ("Audit", LEFT_OUT[_way(release, audit)].format(**audit["config"])),
    ]


def _way(release: dict, audit: dict) -> str:
    """How patients were held out: a key of ``HOW``."""
    if audit["split"] == "crossfit":
        return "crossfit"
    if audit["split"] == "release":
        return "nobody"
    return "same" if release["id"] == audit["id"] else "again"


def _blanks(release: dict) -> str:
    """What became of blanks: a key of ``BLANKS``."""
    if publicly_described(release):
        return "public"
    return str(release["config"]["data"].get("missing", "refuse"))


def _merged(release: dict) -> list[tuple[str, str]]:
    fewest = _fewest(release)
    rule = f"those of fewer than {fewest} patients are merged, except yes beside no"
    return [] if fewest is None else [("Categories", rule)]


def _several(tables: int) -> list[tuple[str, str]]:
    """What is said of more tables than one."""
    sentence = (
        f"{tables}, attacked together: whoever receives them has them all. Hazard ratios and "
        "curves on this page are those of the first"
    )
    return [("Tables", sentence)] if tables > 1 else []


def _protection(release: dict) -> str:
    """For the custodian, who may know how many patients were capped."""
    capped = release["diagnostics"].get("guard/capped")
    if not noisy(release) or not capped:
        return protection(release)
    return f"{protection(release)}; patients of great influence given less weight: {capped:.0f}"


def _notes(data: Cohort, release: dict, audit: dict) -> list[str]:
    plan = data.plan
    messages = {*release["warnings"], *audit["warnings"]}
    run_notes = sorted(n.replace(*NOT_MET) for n in messages if not n.startswith("left out"))
    return [*plan.event.notes, *plan.duration.notes, *plan.notes, *run_notes]
