"""A dataset of your own: the veterans' lung cancer trial.

ck4gen train data=own data._target_=veterans.VeteransDataModule data.name=veterans
"""

from __future__ import annotations

from typing import ClassVar

import pandas as pd
from sksurv.datasets import load_veterans_lung_cancer

from ck4gen.data.benchmark import Benchmark
from ck4gen.data.schema import Column, Schema

CELLS = ("adeno", "large", "smallcell", "squamous")


class VeteransDataModule(Benchmark):
    """Veterans' Administration lung cancer trial (Kalbfleisch and Prentice 1980).

    ============ ===================================== ======== ==============================
    column       meaning                               unit     levels
    ============ ===================================== ======== ==============================
    age          age                                   years
    cell         cell type                                      adeno, large, smallcell,
                                                                squamous
    karnofsky    Karnofsky performance score           points   10-99
    months       time from diagnosis to randomisation  months
    prior        prior therapy                                  0, 1
    treatment    test chemotherapy (0: standard)                0, 1
    duration     survival                              days     1-999
    event        death                                          0, 1
    ============ ===================================== ======== ==============================
    """

    schemas: ClassVar[dict[str, Schema]] = {
        "paper": Schema(
            (
                Column("age", "numeric", "age", "years", integer=True),
                Column("cell", "categorical", "cell type", levels=CELLS),
                Column("karnofsky", "numeric", "Karnofsky score", "points", integer=True),
                Column("months", "numeric", "months from diagnosis", "months", integer=True),
                Column("prior", "binary", "prior therapy"),
                Column("treatment", "binary", "test chemotherapy (0: standard)"),
            ),
            event_meaning="death",
        )
    }

    def load(self) -> pd.DataFrame:
        """Read the 137 rows."""
        raw, outcome = load_veterans_lung_cancer()
        return pd.DataFrame(
            {
                "age": raw["Age_in_years"],
                "cell": raw["Celltype"],
                "karnofsky": raw["Karnofsky_score"],
                "months": raw["Months_from_Diagnosis"],
                "prior": raw["Prior_therapy"] == "yes",
                "treatment": raw["Treatment"] == "test",
                "duration": outcome["Survival_in_days"],
                "event": outcome["Status"],
            }
        )
