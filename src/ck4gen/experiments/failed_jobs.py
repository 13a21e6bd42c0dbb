"""The failed jobs of a sweep as a table: which they were, and why."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from ck4gen.experiments.missing import KEYS

WORDS = ("data=", "method=", "split=", "seed=")  # of the columns that every job has
SWEPT = "settings"


def failed_jobs(jobs: Sequence[dict]) -> Table:
    """Failed jobs with the settings in which the jobs of the sweep differ.

    Args:
        jobs: Records of all jobs.
    """
    shown = Table(title="Failed jobs", title_justify="left")
    every = zip(jobs, _swept(jobs), strict=True)
    rows = [job | {SWEPT: words} for job, words in every if job["status"] == "failed"]
    columns = [*KEYS, *([SWEPT] if any(row[SWEPT] for row in rows) else []), "why"]
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(escape(str(row[column])) for column in columns))
    return shown


def _swept(jobs: Sequence[dict]) -> list[str]:
    """Words of each job's command line that not all have, beside those of the other columns."""
    asked = [job.get("overrides", []) for job in jobs]  # an earlier version did not write them
    shared = set(asked[0]).intersection(*asked)
    return [
        " ".join(word for word in words if word not in shared and not word.startswith(WORDS))
        for words in asked
    ]
