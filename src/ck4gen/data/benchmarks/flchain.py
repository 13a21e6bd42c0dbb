"""Serum free light chain and mortality: survival of 7874 residents, 2169 deaths."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ck4gen.data.benchmark import Benchmark, read_once
from ck4gen.data.benchmark_keys import check_imputer_seed
from ck4gen.data.datamodule import Parts
from ck4gen.data.record_encoder import Imputer
from ck4gen.data.rules import Banded
from ck4gen.data.schema import Column, Schema

CREATININE = Column("creatinine", "numeric", "serum creatinine, imputed where missing", "mg/dl")
KAPPA = Column("kappa", "numeric", "serum free light chain, kappa", "mg/dl")
LAMBDA = Column("lambda", "numeric", "serum free light chain, lambda", "mg/dl")

DECILES = (1.751, 2.081, 2.331, 2.551, 2.81, 3.07, 3.38, 3.86, 4.72)  # of kappa + lambda, mg/dl

PAPER = Schema(
    (
        Column("age_decade", "numeric", "age at sampling, whole decades", "10 years", integer=True),
        Column("male", "binary", "male"),
        CREATININE,
        Column("top_decile", "binary", "total free light chain in the top decile"),
        Column("flc_decile", "numeric", "decile of total free light chain", "decile", integer=True),
        KAPPA,
        LAMBDA,
        Column("mgus", "binary", "monoclonal gammopathy of undetermined significance"),
    ),
    event_meaning="death",
)
RAW = Schema(
    (
        Column("age", "numeric", "age at sampling", "years", integer=True),
        CREATININE,
        Column("flc.grp", "numeric", "decile of total free light chain", "decile", integer=True),
        KAPPA,
        LAMBDA,
        Column("mgus", "categorical", "monoclonal gammopathy", levels=("no", "yes")),
        Column("sample.yr", "numeric", "year of the blood sample", "calendar year", integer=True),
        Column("sex", "categorical", "F female, M male", levels=("F", "M")),
    ),
    event_meaning="death",
)


class FLChainDataModule(Benchmark):
    """FLChain (Dispenzieri et al. 2012), from scikit-survival.

    ============== =========================================== ======== =========
    column (paper) meaning                                     unit     levels
    ============== =========================================== ======== =========
    age_decade     age at sampling, floor(age / 10)            decades  5-10
    male           male                                                 0, 1
    creatinine     serum creatinine, imputed where missing     mg/dl
    top_decile     total free light chain in the top decile             0, 1
    flc_decile     decile of total free light chain                     1-10
    kappa          free light chain, kappa portion             mg/dl
    lambda         free light chain, lambda portion            mg/dl
    mgus           monoclonal gammopathy                                0, 1
    duration       follow-up (three deaths on day 0)           days     0-5215
    event          death                                                0, 1
    ============== =========================================== ======== =========

    ``chapter``, the cause of death, is dropped: it gives the outcome away. Creatinine is
    missing in 1350 rows and is imputed from the other covariates, fitted on training rows.

    Args:
        imputer_seed: Seed of scikit-learn's IterativeImputer (the authors used 42).
        **benchmark: See :class:`Benchmark`.
    """

    schemas = {"paper": PAPER, "raw": RAW}

    def __init__(self, imputer_seed: int = 42, **benchmark: Any) -> None:
        super().__init__(**benchmark)
        check_imputer_seed(imputer_seed)
        self.imputer_seed = imputer_seed

    @property
    def by_definition(self) -> tuple[Banded, ...]:
        """Deciles of the total free light chain, whose limits are those of the public data."""
        total, decile = ("kappa", "lambda"), "flc.grp" if self.coding == "raw" else "flc_decile"
        deciles = Banded(decile, total, DECILES, tuple(map(float, range(1, 11))))
        top = Banded("top_decile", total, DECILES[-1:], (0.0, 1.0))
        return (deciles,) if self.coding == "raw" else (deciles, top)

    def load(self) -> pd.DataFrame:
        """Read the 7874 rows in the chosen coding, creatinine as it is."""
        from sksurv.datasets import load_flchain  # a second, and a wrong key needs no table

        raw, outcome = read_once(load_flchain)
        decile = raw["flc.grp"].astype(int)
        if self.coding == "raw":
            table = raw[RAW.names].assign(**{"flc.grp": decile})
            table["sample.yr"] = raw["sample.yr"].astype(int)
        else:
            table = pd.DataFrame(
                {
                    "age_decade": raw["age"] // 10,
                    "male": raw["sex"] == "M",
                    "creatinine": raw["creatinine"],
                    "top_decile": decile == 10,
                    "flc_decile": decile,
                    "kappa": raw["kappa"],
                    "lambda": raw["lambda"],
                    "mgus": raw["mgus"] == "yes",
                }
            )
        return table.assign(duration=outcome["futime"], event=outcome["death"])

    def imputed(self, train: pd.DataFrame, holdout: pd.DataFrame | None) -> Parts:
        """Creatinine filled in both parts by an imputer fitted on the training rows."""
        imputer = Imputer(self.schema, self.imputer_seed).fit(train)
        return imputer.transform(train), None if holdout is None else imputer.transform(holdout)
