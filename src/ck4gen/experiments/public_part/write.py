"""The description of a table, put beside it: one page, the same as JSON, and for catalogues."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from ck4gen.experiments import store
from ck4gen.experiments.card.review import card_settings, review
from ck4gen.experiments.public_part.about import SharedFile, about
from ck4gen.experiments.public_part.croissant import croissant
from ck4gen.experiments.public_part.health_dcat import health_dcat
from ck4gen.pages import page_environment

PAGE, CONTENT = "about.html", "about.json"
CROISSANT, HEALTH_DCAT = "croissant.json", "health_dcat.jsonld"
WORDS = {"numeric": "number", "binary": "one of two values", "categorical": "category"}
TEMPLATES = ("ck4gen.experiments.public_part", "ck4gen.experiments.card")


def write_public(
    folder: Path, described: dict[str, str], outcome: str, release: dict, audit: dict, audited: date
) -> Path:
    """Write the page, its content as JSON, and the metadata; returns the page.

    Args:
        folder: The folder to share, with the files in place.
        described: What each file holds, by its name; the codebook among them.
        outcome: What the outcome columns are, as a sentence.
        release: Report of the run behind the table.
        audit: Report of its audit, of which only the names of the attacks are used.
        audited: Day of the audit.
    """
    settings = card_settings(release["config"])
    book = next(name for name in described if name.endswith(".yaml"))
    findings = audit["verdict"]["findings"]
    tried = [name for name, finding in findings.items() if finding["limit"] is not None]
    files = [
        SharedFile(name, what, _hash(folder / name), name.endswith(".csv"))
        for name, what in described.items()
    ]
    content = about(
        (folder / book).read_text(encoding="utf-8"),
        outcome,
        files,
        release,
        tried,
        settings,
        review(audited, settings.review_months),
    )
    (folder / PAGE).write_text(about_page(content), encoding="utf-8")
    store.write_json(folder / CONTENT, content)
    store.write_json(folder / CROISSANT, croissant(content))
    store.write_json(folder / HEALTH_DCAT, health_dcat(content))
    return folder / PAGE


def about_page(content: dict) -> str:
    """The page as HTML.

    Args:
        content: Of :func:`ck4gen.experiments.public_part.about.about`.
    """
    template = page_environment(*TEMPLATES).get_template("about.html.j2")
    tables = sum(file["table"] for file in content["files"])
    return template.render(content, tables=tables, words=WORDS, tone="pass")


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
