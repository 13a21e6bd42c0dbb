"""How real the tables look: marginals, dependence and survival curves."""

from __future__ import annotations

from ck4gen.report.items import Table
from ck4gen.report.registry import table
from ck4gen.report.results import Results
from ck4gen.report.style import title_of
from ck4gen.report.tables.comparison import BOLD, COPIED, column, comparison
from ck4gen.report.tables.further import further

COLUMNS = (
    column("fidelity/ks"),
    column("fidelity/wasserstein"),
    column("fidelity/tvd"),
    column("fidelity/correlation"),
    column("fidelity/c2st_auc"),
    column("fidelity/pmse_ratio"),
    column("fidelity/invalid"),
    column("survival/km_divergence"),
    column("survival/km_by_group"),
    column("hazard/risk_ks"),
)
FAMILIES = ("fidelity", "survival", "hazard")  # of further metrics


@table(order=30)
def realism(results: Results, dataset: str) -> Table:
    """Distances of marginals, correlations and survival curves, release runs."""
    runs = results.compared(dataset, "release")
    more = further(runs, FAMILIES)
    caption = (
        "Distances to the real cohort, 0 is best: Kolmogorov-Smirnov and Wasserstein (numerics, in "
        "SDs), total variation (categories), correlations of the design, Kaplan-Meier curves of "
        "everyone and by group, distribution of the Cox risk score. A classifier that tells real "
        "from synthetic: 0.5 is best (below it, near-copies confuse it). pMSE ratio: 1 as a "
        f"bootstrap. {BOLD} {COPIED}"
    )
    caption += "".join(f" {c.heading}: {c.meaning}." for c in more)
    return Table(
        f"Realism, {title_of(dataset)}",
        caption,
        comparison(runs, (*COLUMNS, *more)),
        [results.command("train", dataset, "release", list(runs))],
    )
