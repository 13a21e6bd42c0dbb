"""Time and memory of `ck4gen synthesize` on a file of the simulated registry, by its rows.

python benchmarks/synthesize_scale.py FOLDER                  # 10,000, 100,000 and a million rows
python benchmarks/synthesize_scale.py FOLDER --rows 100000 --suffix .parquet
python benchmarks/synthesize_scale.py FOLDER --plan           # how long the plan takes

The file is as a registry exports it: a patient number, a date of entry, levels as words, blanks in
one column of a hundred cells, the event as yes and no. Each run is a process of its own with one
thread; memory is the most that it held.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from one_thread import ONE_THREAD

from ck4gen.data.benchmarks.registry import RegistryDataModule
from ck4gen.markdown import markdown

BLANKS = 0.01  # of the cells of one column
DAYS = 3652  # over which patients enter
FIRST = "2010-01-01"  # day of the first of them


def registry_table(rows: int, seed: int = 0) -> pd.DataFrame:
    """The simulated registry as a stranger would send it: ten covariates and a patient number."""
    generator = np.random.default_rng([seed, rows])
    table = RegistryDataModule(rows, seed).load()
    yes_no = {0: "no", 1: "yes"}
    for name in ("diabetes", "ckd", "af", "event"):
        table[name] = table[name].map(yes_no)
    table["age"], table["egfr"], table["sbp"] = (
        table[name].astype(int) for name in ("age", "egfr", "sbp")
    )
    table["bmi"] = table["bmi"].mask(generator.random(rows) < BLANKS)
    enrolled = pd.Timestamp(FIRST) + pd.to_timedelta(generator.integers(0, DAYS, rows), "D")
    table.insert(0, "enrolled", enrolled.strftime("%Y-%m-%d"))
    table.insert(0, "patient_no", np.arange(1, rows + 1))
    return table


def written(folder: Path, rows: int, suffix: str) -> Path:
    """The file of so many rows; one that is there stays."""
    file = folder / f"registry_{rows}{suffix}"
    if not file.exists():
        table = registry_table(rows)
        table.to_parquet(file) if suffix == ".parquet" else table.to_csv(file, index=False)
    return file


def run(file: Path, method: str, plan: bool) -> dict:
    """Seconds, gigabytes and verdict of one command."""
    out = file.with_suffix("")
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-c", "from ck4gen.cli.main import main; main()"]
    command += ["synthesize", str(file)]
    command += ["--duration", "duration", "--event", "event", f"method={method}"]
    command += ["--plan"] if plan else ["--out", str(out)]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=os.environ | ONE_THREAD, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = {
        "wall, s": time.perf_counter() - began,
        "CPU, s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "memory, GB": after.ru_maxrss / 1e6,  # of the largest child so far: smallest file first
    }
    if not plan:
        report = json.loads((out / "keep" / "audit_report.json").read_text())
        found["verdict"] = report["verdict"]["overall"]
    return found


def main() -> None:
    """Make the files, run the command on each, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where files and tables go")
    parser.add_argument("--rows", type=int, nargs="+", default=[10**4, 10**5, 10**6])
    parser.add_argument("--suffix", default=".csv", choices=[".csv", ".parquet"])
    parser.add_argument("--method", default="ck4gen_free")
    parser.add_argument("--plan", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    cells = []
    for rows in sorted(given.rows):
        file = written(given.folder, rows, given.suffix)
        cells.append({"rows": rows} | run(file, given.method, given.plan))
        print(json.dumps(cells[-1]), flush=True)
    print(markdown(pd.DataFrame(cells).round(2)))


if __name__ == "__main__":
    main()
