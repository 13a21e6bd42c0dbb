"""Draw the hazard ratios of a finished run: python scripts/forest.py RUN_FOLDER FILE.png."""

import json
import sys
from pathlib import Path

import pandas as pd

from ck4gen.report.forest import forest

if __name__ == "__main__":
    run, file = map(Path, sys.argv[1:])
    dataset = json.loads((run / "report.json").read_text())["dataset"]
    forest(pd.read_csv(run / "hazard_ratios.csv"), dataset, file)
