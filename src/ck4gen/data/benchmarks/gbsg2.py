"""German Breast Cancer Study Group 2: recurrence-free survival of 686 women, 299 events."""

from __future__ import annotations

import pandas as pd

from ck4gen.data.benchmark import Benchmark, read_once
from ck4gen.data.schema import Column, Schema

PAPER = Schema(
    (
        Column("age", "categorical", "age at diagnosis", levels=("<=45", "46-60", ">60")),
        Column("menopause", "binary", "post-menopausal"),
        Column("size", "categorical", "tumour size in mm", levels=("<=20", "21-30", ">30")),
        Column("grade", "categorical", "tumour grade", levels=("I", "II", "III")),
        Column("nodes", "categorical", "positive lymph nodes", levels=("1-3", "4-9", ">=10")),
        Column("progesterone_lt20", "binary", "progesterone receptor below 20 fmol/l"),
        Column("oestrogen_lt20", "binary", "oestrogen receptor below 20 fmol/l"),
        Column("hormone_therapy", "binary", "treated with tamoxifen"),
    ),
    event_meaning="recurrence or death",
)
RAW = Schema(
    (
        Column("age", "numeric", "age at diagnosis", "years", integer=True),
        Column("estrec", "numeric", "oestrogen receptor", "fmol/l", integer=True),
        Column("horTh", "categorical", "hormone therapy", levels=("no", "yes")),
        Column("menostat", "categorical", "menopausal status", levels=("Pre", "Post")),
        Column("pnodes", "numeric", "positive lymph nodes", "count", integer=True),
        Column("progrec", "numeric", "progesterone receptor", "fmol/l", integer=True),
        Column("tgrade", "categorical", "tumour grade", levels=("I", "II", "III")),
        Column("tsize", "numeric", "tumour size", "mm", integer=True),
    ),
    event_meaning="recurrence or death",
)


class GBSG2DataModule(Benchmark):
    """GBSG2 (Schumacher et al. 1994), from scikit-survival.

    ================== =================================== ======== ======================
    column (paper)     meaning                             unit     levels
    ================== =================================== ======== ======================
    age                age at diagnosis                    years    <=45, 46-60, >60
    menopause          post-menopausal                              0, 1
    size               tumour size                         mm       <=20, 21-30, >30
    grade              tumour grade                                 I, II, III
    nodes              positive lymph nodes                count    1-3, 4-9, >=10
    progesterone_lt20  progesterone receptor below 20      fmol/l   0, 1
    oestrogen_lt20     oestrogen receptor below 20         fmol/l   0, 1
    hormone_therapy    tamoxifen                                    0, 1
    duration           recurrence-free survival            days     8-2659
    event              recurrence or death                          0, 1
    ================== =================================== ======== ======================

    The authors cut age at > 44 although they name the level 46-60, so the level ``46-60``
    includes the women of 45; kept, because only so the published hazard ratios come out.
    """

    schemas = {"paper": PAPER, "raw": RAW}

    def load(self) -> pd.DataFrame:
        """Read the 686 rows in the chosen coding."""
        from sksurv.datasets import load_gbsg2  # a second, and a wrong key needs no table

        raw, outcome = read_once(load_gbsg2)
        if self.coding == "raw":
            table = raw[RAW.names].copy()
        else:
            table = pd.DataFrame(
                {
                    "age": pd.cut(raw["age"], [0, 44, 60, 120], labels=PAPER["age"].levels),
                    "menopause": raw["menostat"] == "Post",
                    "size": pd.cut(raw["tsize"], [0, 20, 30, 999], labels=PAPER["size"].levels),
                    "grade": raw["tgrade"],
                    "nodes": pd.cut(raw["pnodes"], [0, 3, 9, 99], labels=PAPER["nodes"].levels),
                    "progesterone_lt20": raw["progrec"] < 20,
                    "oestrogen_lt20": raw["estrec"] < 20,
                    "hormone_therapy": raw["horTh"] == "yes",
                }
            )
        return table.assign(duration=outcome["time"], event=outcome["cens"])
