"""AIDS Clinical Trials Group 320: time to AIDS or death of 1151 patients, 96 events."""

from __future__ import annotations

import pandas as pd

from ck4gen.data.benchmark import Benchmark, read_once
from ck4gen.data.schema import Column, Schema

PAPER = Schema(
    (
        Column("cd4_51_200", "binary", "CD4 count from 51 to 200 cells/µl"),
        Column("treatment", "binary", "three drugs, indinavir included (0: two drugs)"),
        Column(
            "karnofsky_severity", "numeric", "Karnofsky score 100, 90, 80, 70 as 0 to 3",
            "steps of 10", integer=True,
        ),
        Column("age", "numeric", "age at enrolment", "years", integer=True),
        Column("male", "binary", "male"),
        Column("months_prior_zdv", "numeric", "prior zidovudine", "months"),
    ),
    event_meaning="AIDS-defining event or death",
)  # fmt: skip
RAW = Schema(
    (
        Column("age", "numeric", "age at enrolment", "years", integer=True),
        Column("cd4", "numeric", "CD4 count at baseline", "cells/µl"),
        Column("hemophil", "binary", "haemophiliac"),
        Column(
            "ivdrug", "categorical", "intravenous drug use (2 current and 3 previous merged)",
            levels=("1", "2/3"),
        ),
        Column("karnof", "numeric", "Karnofsky performance score", "points", integer=True),
        Column("priorzdv", "numeric", "prior zidovudine", "months"),
        Column(
            "raceth", "categorical",
            "1 white, 2 black, 3 Hispanic, 4/5 Asian, Pacific, American Indian or Alaskan",
            levels=("1", "2", "3", "4/5"),
        ),
        Column("sex", "categorical", "1 male, 2 female", levels=("1", "2")),
        Column("strat2", "binary", "CD4 above 50 at screening"),
        Column("tx", "binary", "treatment includes indinavir"),
    ),
    event_meaning="AIDS-defining event or death",
)  # fmt: skip


class ACTG320DataModule(Benchmark):
    """ACTG 320 (Hammer et al. 1997), endpoint AIDS or death, from scikit-survival.

    ================== ======================================== =========== =========
    column (paper)     meaning                                  unit        levels
    ================== ======================================== =========== =========
    cd4_51_200         CD4 count from 51 to 200 (others 0)      cells/µl    0, 1
    treatment          three drugs (0: two)                                 0, 1
    karnofsky_severity Karnofsky 100, 90, 80, 70 as 0 to 3      10 points   0-3
    age                age at enrolment                         years
    male               male                                                 0, 1
    months_prior_zdv   prior use of zidovudine                  months
    duration           time to AIDS, death or censoring         days        1-364
    event              AIDS-defining event or death                         0, 1
    ================== ======================================== =========== =========

    The CD4 flag is the authors': 51 <= cd4 <= 200, everyone else 0. ``coding: raw`` leaves
    out ``txgrp``, which contains ``tx``, and merges levels held by fewer than 20 patients.
    """

    schemas = {"paper": PAPER, "raw": RAW}

    def load(self) -> pd.DataFrame:
        """Read the 1151 rows in the chosen coding."""
        from sksurv.datasets import load_aids  # a second, and a wrong key needs no table

        raw, outcome = read_once(load_aids, endpoint="aids")
        karnofsky = raw["karnof"].astype(int)
        if self.coding == "raw":
            table = raw[RAW.names].copy()
            table["ivdrug"] = raw["ivdrug"].astype(str).replace({"2": "2/3", "3": "2/3"})
            table["raceth"] = raw["raceth"].astype(str).replace({"4": "4/5", "5": "4/5"})
        else:
            table = pd.DataFrame(
                {
                    "cd4_51_200": raw["cd4"].between(51, 200),
                    "treatment": raw["tx"].astype(int),
                    "karnofsky_severity": (100 - karnofsky) // 10,
                    "age": raw["age"],
                    "male": raw["sex"] == "1",
                    "months_prior_zdv": raw["priorzdv"],
                }
            )
        return table.assign(duration=outcome["time"], event=outcome["censor"])
