"""How far outcomes drawn at a cohort's own covariates are from its outcomes, without a guard.

python benchmarks/drawn_outcomes.py                       # the four cohorts
python benchmarks/cohorts/fetch.py outputs/cohorts
python benchmarks/drawn_outcomes.py --bed outputs/cohorts --only SurvSet   # three minutes

A line of JSON for each cohort, and one for all together. 20,000 rows or more are drawn, so what is
left is the error of the curves themselves: ``events`` is their number relative to that of the
patients, minus 1; ``largest`` and ``mean`` are the distances of the two Kaplan-Meier curves, at
quantiles of the times up to 90 %.
"""

import argparse
import json
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
from guard_frontier import choose_cohorts, printed, readers

from ck4gen.config import built, defaults
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError
from ck4gen.survival.cox import CoxError
from ck4gen.survival.kaplan_meier import kaplan_meier
from ck4gen.survival.teacher import CoxTeacher
from ck4gen.survival.teacher_settings import TeacherSettings

ROWS = 20_000
SHARES = np.linspace(0.02, 0.9, 45)


def errors(cohort: WeightedCohort, method: dict) -> dict:
    """What is off for one cohort."""
    teacher = CoxTeacher(TeacherSettings(**method["teacher"])).fit(cohort)
    outcomes = built(method["outcomes"]).fit(cohort, {1: teacher})
    copies = [cohort.table] * -(-ROWS // len(cohort))
    drawn = outcomes.draw(pd.concat(copies, ignore_index=True), SimpleNamespace(seed=0))
    times = np.quantile(cohort.duration, SHARES)
    curves = [kaplan_meier(table).at(times) for table in (cohort.table, drawn)]
    distance = np.abs(np.subtract(*curves))
    return {
        "patients": len(cohort),
        "with_event": int(cohort.event.sum()),
        "events": drawn["event"].mean() / cohort.event.mean() - 1,
        "largest": distance.max(),
        "mean": distance.mean(),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    choose_cohorts(parser)
    parser.add_argument("--knots", type=int, help="of a curve, at least; as packaged if not given")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    method = defaults("method=ck4gen_free")["method"]
    if chosen.knots:
        method["outcomes"]["knots"] = chosen.knots
    measured = []
    for name, read in readers(chosen).items():
        try:
            measured.append(errors(read().cohort, method))
        except (CoxError, InputError, KeyError) as error:  # KeyError: a second cause
            print(json.dumps({"cohort": name, "left_out": str(error)[:100]}), flush=True)
            continue
        printed({"cohort": name} | measured[-1])
    together = pd.DataFrame(measured).assign(events=lambda table: table["events"].abs())
    middle = together[["events", "largest", "mean"]]
    printed({"cohorts": len(together)} | middle.mean().add_prefix("mean_").to_dict())
    printed({"cohorts": len(together)} | middle.median().add_prefix("median_").to_dict())
