"""Everything that a card says, as text, and the page that it is put into."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from ck4gen.data.user_table import FrameDataModule
from ck4gen.experiments.card import attackers
from ck4gen.experiments.card.comparison import (
    MOST_TERMS,
    cause_error,
    columns_read,
    complete_case_error,
    facts,
    forest_rows,
    hazard_error,
    outcome_curves,
    ratio_rows,
)
from ck4gen.experiments.card.drawing import forest
from ck4gen.experiments.display import of_method
from ck4gen.experiments.share_readme import conclusions
from ck4gen.pages import page_environment

SEED = (
    "{}, set in the configuration before the audit; where the best of several seeds is chosen, the "
    "audit says too little"
)
BLANKS = {
    "keep": "kept: the synthetic table has blanks as the real one has",
    "impute": "filled before the fit: the synthetic table has none",
    "refuse": "none",
}


def card(
    data: FrameDataModule,
    synthetic: pd.DataFrame,
    ratios: pd.DataFrame,
    codebook: str,
    release: dict,
    audit: dict,
) -> str:
    """The page as HTML.

    Args:
        data: The real cohort.
        synthetic: (m, p + 2) synthetic rows, with the names within.
        ratios: Of :func:`ck4gen.evaluation.hazard_table.hazard_table`.
        codebook: Codebook of the run, YAML text.
        release: Report of the run behind the table.
        audit: Report of the run with patients held out.
    """
    environment = page_environment("ck4gen.experiments.card")
    plan, may = data.plan, conclusions(codebook, release)
    verdict = audit["verdict"]["overall"]
    return environment.get_template("card.html.j2").render(
        file=Path(release["config"]["data"]["path"]).name,
        rows=len(synthetic),
        tables=release["config"]["tables"],
        facts=facts(plan, data.table),
        made=_settings(release, audit),
        columns=columns_read(plan.kept),
        dropped=[(column.name, column.drop) for column in plan.columns if column.drop],
        rules=[rule.sentence for rule in data.schema.rules],
        notes=_notes(data, release, audit),
        forest=Markup(forest(forest_rows(ratios, data.schema))),
        hazard=hazard_error(release),
        complete=complete_case_error(release),
        ratios=ratio_rows(ratios, data.schema),
        more=max(len(ratios) - MOST_TERMS, 0),
        curves=outcome_curves(
            data.table,
            synthetic,
            data.schema,
            plan.duration.unit,
            release["config"]["evaluation"]["min_rows"],
        ),
        causes=cause_error(release) if data.schema.causes else "",
        verdict=verdict,
        tone=attackers.TONES.get(verdict, "open"),
        headline=attackers.HEADLINES[verdict],
        attacks=attackers.attacks(audit),
        worst_case=attackers.worst_case(release),
        crossed=audit["split"] == "crossfit",
        not_proven=attackers.NOT_PROVEN,
        may=may[0],
        may_not=may[1],
        today=date.today().isoformat(),
    )


def _settings(release: dict, audit: dict) -> list[tuple[str, str]]:
    """Version, method and settings."""
    config, name = release["config"], release["method"]
    commit = f", commit {release['commit'][:12]}" if release["commit"] else ""
    title = of_method(name).title
    fewest = config["data"]["understanding"]["min_cell"]
    return [
        ("Program", f"ck4gen {release['versions']['ck4gen']}{commit}"),
        ("Method", name if title == name else f"{title} ({name})"),
        ("Protection", _protection(release)),
        ("Blanks", BLANKS[config["data"]["missing"]]),
        ("Levels", f"those of fewer than {fewest} patients are merged"),
        ("Seed", SEED.format(release["seed"])),
        *_several(config["tables"]),
        ("Audit", _left_out(audit["config"])),
    ]


def _several(tables: int) -> list[tuple[str, str]]:
    """What is said of more tables than one."""
    said = (
        f"{tables}, attacked together: whoever receives them has them all. Hazard ratios and "
        "curves on this page are those of the first"
    )
    return [("Tables", said)] if tables > 1 else []


def _left_out(config: dict) -> str:
    if config["split"] == "crossfit":
        return f"the same {config['folds']} times more, each without a part of the patients"
    return f"the same once more with {config['holdout']:.0%} of the patients left out"


def _protection(release: dict) -> str:
    noise = release["diagnostics"].get("guard/noise")
    if not noise:
        return "none: numbers of real patients reach the table as they are"
    capped = release["diagnostics"]["guard/capped"]
    return (
        f"every number is taken under secret random weights of the patients, noise {noise:g} of "
        f"the sampling error; {capped:.0f} patients of great influence were given less weight"
    )


def _notes(data: FrameDataModule, release: dict, audit: dict) -> list[str]:
    plan = data.plan
    said = {*release["warnings"], *audit["warnings"]}
    own = sorted(note for note in said if not note.startswith("left out"))
    return [*plan.event.notes, *plan.duration.notes, *plan.notes, *own]
