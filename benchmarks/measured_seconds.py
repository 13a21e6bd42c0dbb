"""CPU seconds of each step of a run, by method: what conf/measured_seconds.yaml holds.

python benchmarks/measured_seconds.py whas500 OUTPUTS     # a minute or two on one idle core
"""

import sys
import time
from itertools import pairwise

import yaml
from omegaconf import OmegaConf

from ck4gen.config import choices, defaults
from ck4gen.experiments.make_run import make_run
from ck4gen.settings import InputError

DATASET, OUTPUTS = sys.argv[1:]
LEFT_OUT = ("own", "fresh", "ctgan", "tvae")  # no method, audits only, installed on request

seconds = {}
for method in ["bootstrap", *choices("method")]:  # the first one pays for the imports
    if method in LEFT_OUT:
        continue
    keys = f"data={DATASET}", f"method={method}", f"output_dir={OUTPUTS}", "force=true"
    marks = []
    try:
        make_run(
            OmegaConf.create(defaults(*keys, "logger=csv")),
            begin=lambda step, marks=marks: marks.append((step, time.process_time())),
        )
    except InputError as error:
        print(f"{method}: {error}", file=sys.stderr)
        continue
    marks.append(("end", time.process_time()))
    seconds[method] = {
        step: round(after - since, 1) for (step, since), (_, after) in pairwise(marks)
    }
    print(method, seconds[method], file=sys.stderr)
print(
    yaml.safe_dump(
        {"dataset": DATASET, "seconds": seconds}, sort_keys=False, default_flow_style=None
    )
)
