"""What each part of CK4Gen is for: one part taken away at a time."""

from __future__ import annotations

import pandas as pd

from ck4gen.config import CONF
from ck4gen.report.items import Table
from ck4gen.report.registry import table
from ck4gen.report.results import MissingRuns, Results
from ck4gen.report.style import title_of
from ck4gen.report.tables.comparison import SEEDS, TIMES, column, comparison

COLUMNS = (
    column("hazard/log_hr_z", ranked=False),
    column("hazard/off_target_z", ranked=False),
    column("fidelity/ks", ranked=False),
    column("fidelity/correlation", ranked=False),
    column("privacy/self_link", ranked=False),
    column("privacy/closer_to_train", ranked=False),
    column("privacy/membership_auc", ranked=False),
)
TITLES = {  # of the files of conf/ablation, in this order
    "published": "As published", "autoencoder": "No teacher: a plain autoencoder",
    "joint": "One joint stage", "single_component": "One component, K = 1",
    "narrow": "Narrow latent", "wide": "Wide latent", "noise_03": "Latent noise, SD 0.3",
    "noise_06": "Latent noise, SD 0.6",
}  # fmt: skip


@table(order=110, by_dataset=False)
def ablations(results: Results) -> Table:
    """Audit runs of ``sweep=ablations``."""
    parts = []
    files = {file.stem for file in (CONF / "ablation").glob("*.yaml")}
    names = [name for name in TITLES if name in files] + sorted(files - set(TITLES))
    for dataset in results.datasets:
        runs_by_ablation = {name: results.ablated(dataset, name) for name in names}
        runs_by_ablation = {name: runs for name, runs in runs_by_ablation.items() if runs}
        if len(runs_by_ablation) < 2:  # nothing was taken away
            continue
        frame = comparison(runs_by_ablation, COLUMNS).drop(columns=TIMES)
        frame.insert(0, "Ablation", [TITLES.get(name, name) for name in runs_by_ablation])
        frame.insert(0, "Cohort", title_of(dataset))
        parts.append(frame.drop(columns="Generator"))
    if not parts:
        raise MissingRuns
    caption = (
        "CK4Gen with one part changed, 30 % of the patients held out, mean (SD) over "
        f"{SEEDS.lower()}. Self-link: share of rows whose nearest real patient is their source; "
        "closer to train and membership: 0.5 without a leak."
    )
    commands = ["ck4gen sweep sweep=ablations"]
    return Table("Ablations of CK4Gen", caption, pd.concat(parts, ignore_index=True), commands)
