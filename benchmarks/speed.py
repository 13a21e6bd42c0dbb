"""CPU seconds of fit, draw and evaluation, and of the start of a command: medians over rounds.

python benchmarks/speed.py                                       # on one idle core
python benchmarks/speed.py --data gbsg2 --methods ck4gen_free vae --rounds 3 --output speed.json

Every cell is a process of its own with one thread, the rounds one after another, so that what else
happens on the machine falls on all cells alike. Methods that are not installed are left out. Of the
guarded ones each round has a secret of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

import pandas as pd
from machine import machine
from one_thread import is_cell, run, tried

from ck4gen.config import built, defaults
from ck4gen.markdown import markdown

COHORTS = ["gbsg2", "actg320", "whas500", "flchain"]
METHODS = ["ck4gen", "ck4gen_free", "cart", "arf", "vae", "ctgan", "tvae"]


def timed(data: str, method: str, seed: int, evaluated: bool) -> dict[str, float]:
    """Seconds of one fit, one table as long as the cohort, and its full evaluation."""
    import pytorch_lightning  # noqa: F401 - seconds of imports are those of no method

    import ck4gen
    from ck4gen.data.schema import DURATION, EVENT

    cohort = ck4gen.load(data)
    if evaluated:
        ck4gen.evaluate(cohort.train, cohort.train, DURATION, EVENT, level="fast")  # likewise
    generator = built(defaults(f"method={method}")["method"])
    marks = [time.process_time()]
    generator.fit(cohort, seed=seed, secret=f"round {seed} of {method} and {data}".encode())
    marks.append(time.process_time())
    table = generator.sample(seed=seed)
    marks.append(time.process_time())
    seconds = {
        "fit": marks[1] - marks[0],
        "draw": marks[2] - marks[1],
        "fit and draw": marks[2] - marks[0],
    }
    if evaluated:
        ck4gen.evaluate(cohort.train, table, DURATION, EVENT)
        seconds["full evaluation"] = time.process_time() - marks[2]
    return seconds


def started() -> float:
    """CPU seconds of a command that says what is wrong with its options."""
    before = os.times()
    run(str(Path(sys.executable).with_name("ck4gen")), "train", "data=nonsense")
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])  # of children that have ended


def main() -> None:
    """Run all cells and print their medians."""
    if is_cell(timed):
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=COHORTS)
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, help="a JSON file with every number")
    given = parser.parse_args()
    seconds, starts, left_out = defaultdict(list), [], dict[str, str]()
    for round_number in range(given.rounds):
        starts.append(started())
        for data in given.data:
            for method in given.methods:
                asked = [data, method, round_number, method == given.methods[0]]
                for step, value in tried(__file__, asked, method, left_out).items():
                    seconds[data, method, step].append(value)
    medians = pd.Series({key: median(values) for key, values in seconds.items()})
    print(
        markdown(
            medians.unstack(0)[given.data].rename_axis(["method", "CPU s"]).reset_index().round(2)
        )
    )
    print(f"A command with a wrong option: {median(starts):.2f} CPU s")
    for method, reason in left_out.items():
        print(f"{method} is left out: {reason}")
    if given.output:
        every = [
            {"data": d, "method": m, "step": s, "seconds": v} for (d, m, s), v in seconds.items()
        ]
        everything = {"machine": machine(), "cells": every, "start": starts}
        given.output.write_text(json.dumps(everything, indent=2) + "\n")


if __name__ == "__main__":
    main()
