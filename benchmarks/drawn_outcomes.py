"""How far outcomes drawn at a cohort's own covariates are from its outcomes, without a guard.

python benchmarks/drawn_outcomes.py                       # the four cohorts
python benchmarks/cohorts/fetch.py outputs/cohorts
python benchmarks/drawn_outcomes.py --bed outputs/cohorts --only SurvSet   # three minutes
python benchmarks/drawn_outcomes.py --classifier --follow-up-groups 0      # one curve of censoring

A line of JSON for each cohort, and one for all together. 20,000 rows or more are drawn, so what is
left is the error of the curves themselves: ``events`` is their number relative to that of the
patients, minus 1; ``largest`` and ``mean`` are the distances of the two Kaplan-Meier curves, at
quantiles of the times up to 90 %. ``groups`` is the column by which censoring has several curves.
With ``--classifier`` one set of outcomes is drawn, and ``classifier`` is the area under the curve
of a boosted classifier (five folds, both rows of a patient in one) that tells it from theirs.
"""

import argparse
import json
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
from guard_frontier import choose_cohorts, printed, readers
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from ck4gen.config import built, defaults
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError
from ck4gen.survival.cox import CoxError
from ck4gen.survival.kaplan_meier import kaplan_meier
from ck4gen.survival.teacher import CoxTeacher
from ck4gen.survival.teacher_settings import TeacherSettings

ROWS = 20_000
SHARES = np.linspace(0.02, 0.9, 45)


def classifier_area(cohort: WeightedCohort, drawn: pd.DataFrame) -> float:
    """How well a classifier tells the drawn outcomes from those of the patients."""
    design, real = cohort.schema.unstratified.design(cohort.table), cohort.table
    tables = [
        design.join(outcome[["duration", "event"]].astype(float)) for outcome in (real, drawn)
    ]
    label, patient = np.repeat([0, 1], len(design)), np.tile(np.arange(len(design)), 2)
    model = HistGradientBoostingClassifier(random_state=0)
    x = pd.concat(tables, ignore_index=True)
    folds = {"cv": GroupKFold(5), "groups": patient, "method": "predict_proba"}
    return roc_auc_score(label, cross_val_predict(model, x, label, **folds)[:, 1])


def errors(cohort: WeightedCohort, method: dict, classifier: bool) -> dict:
    """What is off for one cohort."""
    teacher = CoxTeacher(TeacherSettings(**method["teacher"])).fit(cohort)
    outcomes = built(method["outcomes"]).fit(cohort, {1: teacher})
    copies = [cohort.table] * -(-ROWS // len(cohort))
    drawn = outcomes.draw(pd.concat(copies, ignore_index=True), SimpleNamespace(seed=0))
    times = np.quantile(cohort.duration, SHARES)
    curves = [kaplan_meier(table).at(times) for table in (cohort.table, drawn)]
    distance = np.abs(np.subtract(*curves))
    area = {}
    if classifier:
        once = outcomes.draw(cohort.table, SimpleNamespace(seed=0))
        area = {"classifier": classifier_area(cohort, once)}
    return {
        "patients": len(cohort),
        "with_event": int(cohort.event.sum()),
        "groups": outcomes.groups.column,
        "curves": 0 if outcomes.censoring is None else len(outcomes.censoring.curves),
        "events": drawn["event"].mean() / cohort.event.mean() - 1,
        "largest": distance.max(),
        "mean": distance.mean(),
    } | area


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    choose_cohorts(parser)
    parser.add_argument("--knots", type=int, help="of a curve, at least; as packaged if not given")
    parser.add_argument("--follow-up-groups", type=int, help="0: one curve of censoring for all")
    parser.add_argument("--classifier", action="store_true")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    method = defaults("method=ck4gen_free")["method"]
    if chosen.knots:
        method["outcomes"]["knots"] = chosen.knots
    if chosen.follow_up_groups is not None:
        method["outcomes"]["follow_up_groups"] = chosen.follow_up_groups
    measured = []
    for name, read in readers(chosen).items():
        try:
            measured.append(errors(read().cohort, method, chosen.classifier))
        except (CoxError, InputError, KeyError) as error:  # KeyError: a second cause
            print(json.dumps({"cohort": name, "left_out": str(error)[:100]}), flush=True)
            continue
        printed({"cohort": name} | measured[-1])
    together = pd.DataFrame(measured).assign(events=lambda table: table["events"].abs())
    middle = together[["events", "largest", "mean"] + ["classifier"] * chosen.classifier]
    printed({"cohorts": len(together)} | middle.mean().add_prefix("mean_").to_dict())
    printed({"cohorts": len(together)} | middle.median().add_prefix("median_").to_dict())
