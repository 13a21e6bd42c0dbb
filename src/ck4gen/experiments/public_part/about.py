"""What a recipient is told of a synthetic table, as plain values.

All of it is public: the codebook, the configuration, and files that leave anyway. Nothing is read
from the real table or from what the audit found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from ck4gen.evaluation.privacy.words import who_and_what
from ck4gen.experiments.card.review import CardSettings
from ck4gen.experiments.display import of_method
from ck4gen.experiments.protection import formal, protection, publicly_described
from ck4gen.experiments.share_readme import conclusions

TITLE = "Synthetic patients with survival times"
NOT_GIVEN = "not given"
TO_FILL_IN = "for the custodian to fill in"
KEPT_BACK = (
    "What the attacks found stays with the custodian. Such numbers describe real patients, and "
    "those of an audit can themselves be used for an attack (Ganev and De Cristofaro 2023)."
)
REQUESTS = (
    "Do not try to find out who the real patients were, or whether a certain one was among them.",
    "Do not join the table with files about real people.",
    "Say in whatever you publish that the patients are synthetic, and name the program.",
    "Tell the custodian if you believe that a real patient can be recognised.",
)
PUBLIC = "those that were known before anybody looked at a patient"
SEED = "one seed of the random numbers, set before the audit"


@dataclass(frozen=True)
class SharedFile:
    """A file that goes out.

    Attributes:
        name: Its name.
        what: What it holds.
        sha256: Hash of its content.
        table: Whether it is a synthetic table.
    """

    name: str
    what: str
    sha256: str
    table: bool


def about(
    codebook: str,
    outcome: str,
    files: list[SharedFile],
    release: dict,
    tried: list[str],
    settings: CardSettings,
    dates: dict,
) -> dict:
    """Everything that the page and the metadata say.

    Args:
        codebook: The codebook as it is shared, YAML text.
        outcome: What the outcome columns are, as a sentence.
        files: The files that go out.
        release: Report of the run behind the table: its configuration and versions are used.
        tried: Names of the attacks that were tried, as in the verdict.
        settings: Title, creator, licence and contact.
        dates: Of :func:`ck4gen.experiments.card.review.review`.
    """
    book: dict[str, Any] = yaml.safe_load(codebook)
    may, may_not = conclusions(codebook, release)
    return {
        "what": "description of a synthetic table, to be shared with it",
        "title": settings.title or TITLE,
        "creator": settings.creator or TO_FILL_IN,
        "licence": settings.licence or TO_FILL_IN,
        "contact": settings.contact or TO_FILL_IN,
        "synthetic": not release["contains_real"],
        "rows": book["rows"],
        "information_of": book["effective_n"],
        "standard_error_factor": book["standard_error_factor"],
        "files": [vars(file) for file in files],
        "outcome": outcome,
        "columns": [_column(name, entry) for name, entry in book["columns"].items()],
        "rules": [str(rule) for rule in book.get("rules", [])],
        "made": _made(release),
        # which were tried hangs on how many patients there are, and a guarantee bounds all of them
        "attackers": []
        if formal(release)
        else _attackers(release["config"]["evaluation"]["verdict"], tried),
        "kept_back": KEPT_BACK,
        "may": may,
        "may_not": may_not,
        "requests": list(REQUESTS),
        "audited": dates["audited"],
        "review": dates["due"],
    }


def _column(name: str, entry: dict[str, Any]) -> dict:
    unit = entry.get("unit")
    return {
        "name": name,
        "kind": entry["kind"],
        "whole": bool(entry.get("integer", False)),
        "unit": None if unit == NOT_GIVEN else unit,
        "meaning": entry.get("meaning"),
        "levels": entry.get("levels", entry.get("values")),
        "blanks": "missing" in entry,
    }


def _made(release: dict) -> list[tuple[str, str]]:
    config, name = release["config"], release["method"]
    title = of_method(name).title
    commit = f", commit {release['commit'][:12]}" if release["commit"] else ""
    fewest = config["data"]["understanding"]["min_cell"]
    merged = f"those of fewer than {fewest} patients were merged, except yes beside no"
    return [
        ("Program", f"ck4gen {release['versions']['ck4gen']}{commit}"),
        ("Method", name if title == name else f"{title} ({name})"),
        ("Protection", protection(release)),
        ("Categories", PUBLIC if publicly_described(release) else merged),
        ("Random numbers", SEED),
    ]


def _attackers(limits: dict[str, float], tried: list[str]) -> list[dict]:
    """Who attacked, and from what size on the attack would have counted."""
    rows = []
    for name in tried:
        *_, kind, last = name.split("/")
        who, measure = who_and_what(name)
        limit = limits[last if kind == "leak" else f"worst_case_{last}"]
        rows.append({"who": who, "measure": measure, "counts_from": limit})
    return rows
