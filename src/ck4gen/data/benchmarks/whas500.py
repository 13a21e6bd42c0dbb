"""Worcester Heart Attack Study: survival of 500 patients after infarction, 215 deaths."""

from __future__ import annotations

import pandas as pd

from ck4gen.data.benchmark import Benchmark, read_once
from ck4gen.data.schema import Column, Schema

COLUMNS = {
    "age": Column("age", "numeric", "age at admission", "years", integer=True),
    "bmi": Column("bmi", "numeric", "body mass index", "kg/m^2"),
    "gender": Column("gender", "binary", "female"),
    "hr": Column("hr", "numeric", "initial heart rate", "beats/min", integer=True),
    "sysbp": Column("sysbp", "numeric", "systolic blood pressure", "mmHg", integer=True),
    "diasbp": Column("diasbp", "numeric", "diastolic blood pressure", "mmHg", integer=True),
    "cvd": Column("cvd", "binary", "history of cardiovascular disease"),
    "afb": Column("afb", "binary", "atrial fibrillation"),
    "chf": Column("chf", "binary", "congestive heart failure"),
    "miord": Column("miord", "binary", "recurrent infarction (0: first)"),
    "mitype": Column("mitype", "binary", "Q-wave infarction"),
    "av3": Column("av3", "binary", "complete heart block"),
    "sho": Column("sho", "binary", "cardiogenic shock"),
    "los": Column("los", "numeric", "length of hospital stay", "days", integer=True),
}
PAPER = Schema(
    tuple(COLUMNS[name] for name in COLUMNS if name not in ("av3", "sho", "los")),
    event_meaning="death",
)
RAW = Schema(tuple(COLUMNS[name] for name in sorted(COLUMNS)), event_meaning="death")


class WHAS500DataModule(Benchmark):
    """WHAS500 (Hosmer, Lemeshow and May 2008), from scikit-survival.

    ========= ==================================== =========== ========
    column    meaning                              unit        levels
    ========= ==================================== =========== ========
    age       age at admission                     years
    bmi       body mass index                      kg/m^2
    gender    female                                           0, 1
    hr        initial heart rate                   beats/min
    sysbp     systolic blood pressure              mmHg
    diasbp    diastolic blood pressure             mmHg
    cvd       history of cardiovascular disease                0, 1
    afb       atrial fibrillation                              0, 1
    chf       congestive heart failure                         0, 1
    miord     recurrent infarction (0: first)                  0, 1
    mitype    Q-wave infarction                                0, 1
    duration  follow-up                            days        1-2358
    event     death                                            0, 1
    ========= ==================================== =========== ========

    ``coding: raw`` adds ``av3`` (complete heart block), ``sho`` (cardiogenic shock) and
    ``los`` (days in hospital).
    """

    schemas = {"paper": PAPER, "raw": RAW}

    def load(self) -> pd.DataFrame:
        """Read the 500 rows in the chosen coding."""
        from sksurv.datasets import load_whas500  # a second, and a wrong key needs no table

        raw, outcome = read_once(load_whas500)
        table = raw[self.schema.names].astype(float)
        return table.assign(duration=outcome["lenfol"], event=outcome["fstat"])
