"""How long a whole sweep takes, from finished runs: seconds by dataset and method, and the sum.

python benchmarks/sweep_cost.py outputs            # after at least one seed of each combination
"""

import sys
from pathlib import Path

from ck4gen.experiments.summary import read_reports
from ck4gen.markdown import markdown

SEEDS, CORES = 5, 2  # of sweep=paper, and of a laptop
PARTS = ["cost/fit_seconds", "cost/sample_seconds", "cost/evaluate_seconds"]

files = sorted(Path(sys.argv[1]).glob("runs/*/*/*/seed=*/report.json"))
if not files:
    sys.exit(f"error: no finished run under {sys.argv[1]}/runs")
table = read_reports(files, PARTS)
cells = table.groupby(["dataset", "method", "split"])[PARTS].mean().fillna(0.0)
cells["seconds"] = cells.sum(axis=1)
print(markdown(cells.round(1).reset_index()))
hours = cells["seconds"] * SEEDS / CORES / 3600
print(f"{len(cells)} cells x {SEEDS} seeds on {CORES} cores: {hours.sum():.2f} hours")
for name in ("dataset", "method"):
    shares = (hours.groupby(level=name).sum() / hours.sum()).sort_values(ascending=False)
    print(f"by {name}: " + ", ".join(f"{key} {share:.0%}" for key, share in shares.items()))
parts = cells[PARTS].sum() / cells["seconds"].sum()
print("by step: " + ", ".join(f"{key.removeprefix('cost/')} {x:.0%}" for key, x in parts.items()))
