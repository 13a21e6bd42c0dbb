"""How near a table from published numbers comes to the cohort that was published.

    python benchmarks/published.py

GBSG2 as ``examples/published/gbsg2.yaml`` has it, beside the real cohort: without
correlations, with two of them, with all of them, and three seeds each. A minute or two.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import yaml

from ck4gen.api import load
from ck4gen.config import ROOT
from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.cox import fit_cohort
from ck4gen.survival.kaplan_meier import kaplan_meier

EXAMPLE = ROOT / "examples" / "published" / "gbsg2.yaml"
SEEDS = (0, 1, 2)
TIMES = np.arange(50, 2251, 10)  # days, up to the last published point
GROUPS = ("hormone_therapy", "progesterone_lt20", "menopause")


def codes(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Levels as their places, for rank correlations."""
    return pd.DataFrame(
        {c.name: table[c.name].map({v: i for i, v in enumerate(c.levels)} if c.levels else float)
         for c in schema}
    )  # fmt: skip


def univariable(cohort: WeightedCohort, column: Column) -> pd.DataFrame:
    """Coefficients and standard errors of a column alone."""
    fit = fit_cohort(cohort, 0.0, cohort.design[list(column.terms)])
    return pd.DataFrame({"b": fit.coefficients, "se": fit.standard_errors})


def gap(one: pd.DataFrame, other: pd.DataFrame) -> float:
    """Largest difference of two survival curves."""
    return float(np.abs(kaplan_meier(one).at(TIMES) - kaplan_meier(other).at(TIMES)).max())


def errors(real: WeightedCohort, made: WeightedCohort) -> dict[str, float]:
    """Everything in which the two differ."""
    schema = real.schema
    fits = fit_cohort(real), fit_cohort(made)
    z = (fits[1].coefficients - fits[0].coefficients) / fits[0].standard_errors
    ratio = fits[1].standard_errors / fits[0].standard_errors
    ranks = [codes(c.table, schema).corr("spearman").to_numpy() for c in (real, made)]
    alone = [pd.concat([univariable(c, column) for column in schema]) for c in (real, made)]
    single = (alone[1].b - alone[0].b) / alone[0].se
    groups = [
        gap(real.table[real.table[g] == v], made.table[made.table[g] == v])
        for g in GROUPS
        for v in (0, 1)
    ]
    return {
        "largest error of a hazard ratio (SE)": z.abs().max(),
        "smallest standard error / real": ratio.min(),
        "largest standard error / real": ratio.max(),
        "univariable hazard ratios, RMS error (SE)": (single**2).mean() ** 0.5,
        "univariable hazard ratios, largest (SE)": single.abs().max(),
        "rank correlations, mean difference": np.abs(ranks[0] - ranks[1])[
            np.triu_indices(len(ranks[0]), 1)
        ].mean(),
        "rank correlations, largest difference": np.abs(ranks[0] - ranks[1]).max(),
        "survival curve, largest difference": gap(real.table, made.table),
        "survival of subgroups, largest difference": max(groups),
        "median follow-up (days)": made.table["duration"].median(),
    }


def main() -> None:
    """Print means over the seeds."""
    data = load("gbsg2")
    ranks = codes(data.train, data.schema).corr("spearman").round(2)
    pairs = [[a, b, float(ranks.loc[a, b])] for i, a in enumerate(ranks) for b in ranks.columns[:i]]
    strongest = [p for p in pairs if abs(p[2]) > 0.5]
    found = {}
    with TemporaryDirectory() as folder:
        for name, given in {"none": [], "two": strongest, "all": pairs}.items():
            file = Path(folder) / f"{name}.yaml"
            state = yaml.safe_load(EXAMPLE.read_text()) | {"correlations": given}
            file.write_text(yaml.safe_dump(state, sort_keys=False))
            made = [load("published", path=str(file), draw_seed=seed).cohort for seed in SEEDS]
            found[name] = pd.DataFrame([errors(data.cohort, cohort) for cohort in made]).mean()
    print(f"given: {strongest}")
    print(f"real median follow-up: {data.train['duration'].median()}")
    print(pd.DataFrame(found).round(3).to_string())


if __name__ == "__main__":
    main()
