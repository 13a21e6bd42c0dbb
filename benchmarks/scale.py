"""Time and memory of a fit, a table and its audit by the number of patients and of rows.

python benchmarks/scale.py                                            # the simulated registry
python benchmarks/scale.py --methods ck4gen_free arf cart --no-audit
python benchmarks/scale.py --data whas500 --draw 100000 1000000 --no-audit   # long tables of a fit

Each cell is a process of its own with one thread. Memory is the most that the process had held when
the step was done. Exponents are slopes of log CPU seconds on log patients between the two largest
cohorts. The audit has as many fresh patients for its control.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from one_thread import cell, is_cell

import ck4gen
from ck4gen.config import built, defaults
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.markdown import markdown


def measured(found: dict, step: str, act: Callable[[], Any]) -> Any:
    """The result of one step, whose seconds and memory are noted."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = act()
    found[f"{step}, CPU s"] = time.process_time() - cpu
    found[f"{step}, s"] = time.perf_counter() - wall
    found[f"{step}, GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return result


def timed(data: str, patients: int | None, method: str, draw: int | None, audit: bool) -> dict:
    """One method on one cohort."""
    size = {} if patients is None else {"rows": patients}
    cohort = ck4gen.load(data, **size)
    known = len(cohort.train)
    found: dict = {"method": method, "patients": known, "rows": draw or known}
    generator = built(defaults(f"method={method}")["method"])
    measured(found, "fit", lambda: generator.fit(cohort, seed=0))
    table = measured(found, "draw", lambda: generator.sample(draw, seed=0))
    if "calibration/max_z" in generator.diagnostics:
        found["largest error, SE"] = generator.diagnostics["calibration/max_z"]
    if audit:
        fresh = ck4gen.load(data, **size, cohort_seed=1).train if size else None
        names = {"duration": DURATION, "event": EVENT}
        judged = measured(found, "audit", lambda: ck4gen.audit(cohort.train, table, fresh, **names))
        found["error, SE"] = judged.metrics["hazard/log_hr_z"].value
    return found


def exponents(cells: pd.DataFrame) -> pd.DataFrame:
    """By method, the power of the number of patients with which CPU seconds grow."""
    times = [column for column in cells if column.endswith(", CPU s")]
    rows = []
    for method, part in cells.groupby("method"):
        last = part.sort_values("patients").tail(2)
        step = np.diff(np.log(last["patients"]))
        if len(step) and step[0]:
            slopes = np.diff(np.log(last[times]), axis=0)[0] / step[0]
            rows.append({"method": method} | dict(zip(times, slopes, strict=True)))
    return pd.DataFrame(rows)


def main() -> None:
    """Run the cells, each in a process of its own, and print them."""
    if is_cell(timed):
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="registry")
    parser.add_argument("--patients", type=int, nargs="+", default=[10**3, 10**4, 10**5, 10**6])
    parser.add_argument("--methods", nargs="+", default=["ck4gen_free"])
    parser.add_argument("--draw", type=int, nargs="+", default=[None])
    parser.add_argument("--no-audit", action="store_true")
    given = parser.parse_args()
    cells = []
    for patients in given.patients if given.data == "registry" else [None]:
        for method in given.methods:
            for draw in given.draw:
                asked = [given.data, patients, method, draw, not given.no_audit]
                cells.append(cell(__file__, asked))
                print(json.dumps(cells[-1]), flush=True)
    table = pd.DataFrame(cells)
    print(markdown(table.round(2)))
    if len(grows := exponents(table)):
        print(markdown(grows.round(2)))


if __name__ == "__main__":
    main()
