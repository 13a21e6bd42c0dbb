"""Made arfpy.json: arfpy 0.1.1 on WHAS500, eight seeds, fast metrics of ck4gen.

pip install --no-deps arfpy==0.1.1 && python tests/reference/arfpy.py
"""

import json
import sys
from pathlib import Path

import numpy as np

sys.path.pop(0)  # this file has the name of the package
np.in1d = np.isin  # noqa: NPY201 (gone from numpy 2.4, which arfpy 0.1.1 does not know)

from arfpy.arf import arf

from ck4gen.config import defaults
from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.data.record_encoder import RecordEncoder
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.settings import build

METRICS = ["hazard/log_hr_z", "survival/km_divergence", "fidelity/ks", "fidelity/tvd",
           "fidelity/correlation"]  # fmt: skip

data = WHAS500DataModule()
data.setup()
schema = data.schema.with_outcome(integer=True)
records = RecordEncoder(schema, "minmax").fit(data.train)
settings = build(EvaluationSettings, "evaluation", defaults("evaluation=fast")["evaluation"])
values = {name: [] for name in METRICS}
for seed in range(8):
    np.random.seed(seed)  # noqa: NPY002 (arfpy draws from the global generator)
    frame = data.train.astype({c.name: float if c.kind == "numeric" else str for c in schema})
    forest = arf(frame, verbose=False)
    forest.forde()
    table = forest.forge(len(frame))
    for column in schema:
        table[column.name] = (
            records.restore(column, table[column.name].to_numpy(float))
            if column.kind == "numeric"
            else table[column.name].astype(int)
        )
    metrics = evaluate(data.train, table, data.schema, settings=settings)
    for name in METRICS:
        values[name].append(round(metrics[name].value, 4))
Path(__file__).with_suffix(".json").write_text(json.dumps(values, indent=1) + "\n")
