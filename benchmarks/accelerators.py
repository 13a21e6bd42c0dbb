"""Seconds of fit and draw on the processor and on a GPU of one machine.

python benchmarks/accelerators.py                            # FLChain and a registry of a million
python benchmarks/accelerators.py --patients 10000 --accelerators cpu

Wall clock, medians over rounds that follow each other; every cell is a process of its own. Stages
are trained where the Trainer puts them; guard, outcomes and searches are on the processor either
way. Where there is no GPU, its cells are left out.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from dataclasses import replace
from statistics import median

import pandas as pd
from machine import machine
from one_thread import is_cell, tried

from ck4gen.config import built, defaults
from ck4gen.experiments.prepare import check_device
from ck4gen.markdown import markdown
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import build

METHODS = ["ck4gen", "ck4gen_free"]
ACCELERATORS = ["cpu", "gpu"]


def timed(data: str, method: str, accelerator: str) -> dict[str, float]:
    """Seconds of one fit and of one table as long as the cohort."""
    import pytorch_lightning  # noqa: F401 - seconds of imports are those of no fit

    import ck4gen

    check_device(accelerator)
    name, _, rows = data.partition(" ")
    cohort = ck4gen.load(name, **({"rows": int(rows)} if rows else {}))
    generator = built(defaults(f"method={method}")["method"])
    settings = build(TrainerSettings, "trainer", defaults()["trainer"])
    training = Training(replace(settings, accelerator=accelerator), 0, b"accelerators")
    marks = [time.perf_counter()]
    generator.fit(cohort, training=training)
    marks.append(time.perf_counter())
    generator.sample(seed=0)
    marks.append(time.perf_counter())
    return {"fit, s": marks[1] - marks[0], "draw, s": marks[2] - marks[1]}


def main() -> None:
    """Run all cells and print their medians."""
    if is_cell(timed):
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=10**6, help="of the simulated registry")
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--accelerators", nargs="+", default=ACCELERATORS, choices=ACCELERATORS)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    seconds, left_out = defaultdict(list), dict[str, str]()
    for _ in range(given.rounds):
        for data in ("flchain", f"registry {given.patients}"):
            for method in given.methods:
                for accelerator in given.accelerators:
                    asked = [data, method, accelerator]
                    found = tried(__file__, asked, accelerator, left_out)
                    for step, value in found.items():
                        seconds[data, method, accelerator, step].append(value)
    medians = pd.Series({key: median(values) for key, values in seconds.items()})
    names = ["data", "method", "accelerator"]
    print(markdown(medians.unstack().rename_axis(names).reset_index().round(2)))
    for accelerator, reason in left_out.items():
        print(f"{accelerator} is left out: {reason}")
    print(json.dumps(machine()))


if __name__ == "__main__":
    main()
