"""How real the tables look: marginals, dependence and survival curves."""

from __future__ import annotations

from ck4gen.report.items import Table
from ck4gen.report.results import Results
from ck4gen.report.style import title_of
from ck4gen.report.tables.comparison import BOLD, COPIED, Column, comparison

COLUMNS = (
    Column("KS", "fidelity/ks", 0, 3),
    Column("Wasserstein", "fidelity/wasserstein", 0, 3),
    Column("TVD", "fidelity/tvd", 0, 3),
    Column("Correlation", "fidelity/correlation", 0, 3),
    Column("Classifier AUC", "fidelity/c2st_auc", 0.5),
    Column("pMSE ratio", "fidelity/pmse_ratio", 1),
    Column("Invalid", "fidelity/invalid", 0),
    Column("KM", "survival/km_divergence", 0, 3),
    Column("KM by group", "survival/km_by_group", 0, 3),
    Column("Risk KS", "hazard/risk_ks", 0, 3),
)


def realism(results: Results, dataset: str) -> Table:
    """Distances of marginals, correlations and survival curves, release runs."""
    runs = results.compared(dataset, "release")
    caption = (
        "Distances to the real cohort, 0 is best: Kolmogorov-Smirnov and Wasserstein (numerics, in "
        "SDs), total variation (categories), correlations of the design, Kaplan-Meier curves of "
        "everyone and by group, distribution of the Cox risk score. A classifier that tells real "
        "from synthetic: .5 is best (below it, near-copies confuse it). pMSE ratio: 1 as a "
        f"bootstrap. {BOLD} {COPIED}"
    )
    return Table(
        f"Realism, {title_of(dataset)}",
        caption,
        comparison(runs, COLUMNS),
        [results.command("train", dataset, "release", list(runs))],
    )
