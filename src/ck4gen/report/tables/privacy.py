"""What the tables give away about the patients that they were made from."""

from __future__ import annotations

from collections.abc import Sequence

from ck4gen.evaluation.statuses import counted
from ck4gen.report.items import Table
from ck4gen.report.registry import table
from ck4gen.report.results import Results
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.style import title_of
from ck4gen.report.tables.comparison import column, comparison

COLUMNS = (
    # nobody wins: a leak that is nearer to none by chance is no merit, and the verdict judges
    column("privacy/leak/copies", "Copies", ranked=False),
    column("privacy/leak/outcome_link", "Outcome link", ranked=False),
    column("privacy/leak/attribute", "Attribute", ranked=False),
    column("privacy/leak/membership", "Membership", ranked=False),
    column("privacy/self_link", ranked=False),
    column("privacy/exact_copy", ranked=False),
    column("privacy/exact_copy_chance", ranked=False),
    column("privacy/closer_to_train", ranked=False),
    column("privacy/dcr_ratio", ranked=False),
)


@table(order=70)
def privacy(results: Results, dataset: str) -> Table:
    """Every attack with its control, audit runs, and the verdicts."""
    runs = results.compared(dataset, "audit")
    frame = comparison(runs, COLUMNS)
    frame["Verdict"] = [verdicts(method_runs) for method_runs in runs.values()]
    caption = (
        "Patients held out are the control. Judged, 0 without a leak: copies, patients who stand "
        "in the table unchanged; outcome link, attribute, what an attacker who knows the outcome, "
        "or all other covariates, gains, the worst covariate (a little above 0 by chance); "
        "membership, right answers minus wrong ones; self-link, rows whose nearest real patient is "
        "their own source. Described: exact copies beside the share that chance gives; closer to "
        "train, 0.5 without a leak; DCR ratio, 1. Mean (SD) over seeds. Verdict by seed."
    )
    return Table(
        f"Privacy, {title_of(dataset)}",
        caption,
        frame,
        [results.command("train", dataset, "audit", list(runs))],
    )


def verdicts(runs: Sequence[StoredRun]) -> str:
    """How many tables have which verdict."""
    return counted(run.report["verdict"]["overall"] for run in runs)
