"""What the tables give away about the patients that they were made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ck4gen.evaluation.privacy.verdict import STATUSES
from ck4gen.report.items import Table
from ck4gen.report.registry import table
from ck4gen.report.results import Results, StoredRun
from ck4gen.report.style import title_of
from ck4gen.report.tables.comparison import BOLD, column, comparison

COLUMNS = (
    column("privacy/closer_to_train"),
    column("privacy/self_link", ranked=False),
    column("privacy/outcome_link_advantage"),
    column("privacy/attribute_advantage"),
    column("privacy/membership_auc"),
    column("privacy/exact_copy", ranked=False),
    column("privacy/exact_copy_chance"),
    column("privacy/dcr_ratio"),
)


@table(order=70)
def privacy(results: Results, dataset: str) -> Table:
    """Every attack with its control, audit runs, and the verdicts."""
    runs = results.compared(dataset, "audit")
    frame = comparison(runs, COLUMNS)
    frame["Verdict"] = [verdicts(found) for found in runs.values()]
    caption = (
        "Patients held out are the control. Closer to train, membership: .5 without a leak. Self-"
        "link: share of rows whose nearest real patient is their own source. Outcome link, "
        "attributes: what an attacker who knows the outcome, or all other covariates, gains on "
        "patients trained on over others, the worst covariate (a little above 0 by chance). Exact "
        "copies: rows equal to a patient on every covariate, beside the share that chance gives. "
        f"Verdict by seed. {BOLD}"
    )
    return Table(
        f"Privacy, {title_of(dataset)}",
        caption,
        frame,
        [results.command("train", dataset, "audit", list(runs))],
    )


def verdicts(runs: Sequence[StoredRun]) -> str:
    """How many seeds pass, stay in doubt, or fail."""
    counts = Counter(run.report["verdict"]["overall"] for run in runs)
    return ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status]) or "-"
