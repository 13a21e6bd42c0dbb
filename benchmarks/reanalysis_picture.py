"""The picture of other analyses in docs/results.md, from results/*.csv.

python benchmarks/reanalysis_picture.py docs/figures/reanalysis.png

Means over the runs of each cohort, of CK4Gen free, of bootstraps and of CART.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from results_tables import read_results

from ck4gen.config import ROOT
from ck4gen.evaluation.reanalysis.reanalysis import METRICS
from ck4gen.experiments.display import in_order, of_dataset
from ck4gen.report.figures.reanalysis import dots
from ck4gen.report.style import house_style, name_of, title_of

METHOD = "ck4gen_free"
SIDES = {"table": METHOD, "bootstrap": "bootstrap", "cart": "cart"}


def main() -> None:
    """Draw one panel a cohort."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", type=Path)
    given = parser.parse_args()
    runs = read_results(ROOT / "results")
    runs = runs[(runs.split == "release") & runs.method.isin(SIDES.values())]
    panels = {
        title_of(dataset): means(runs[runs.dataset == dataset])
        for dataset in in_order(set(runs.dataset), of_dataset)
    }
    with house_style():
        dots(panels, name_of(METHOD)).savefig(given.picture, dpi=200)


def means(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per analysis, as :func:`ck4gen.experiments.reanalysis.means` has them."""
    values = runs.groupby("method")[list(METRICS)].mean()
    rows = [
        {"line": line.name, "label": line.label, "ideal": line.ideal}
        | {side: values.loc[method, name] for side, method in SIDES.items()}
        for name, line in METRICS.items()
    ]
    return pd.DataFrame(rows)


if __name__ == "__main__":
    main()
