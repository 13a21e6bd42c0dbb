"""The private release of a cohort: the only reader of its rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.public_table import PublicTable
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.described.description import CohortDescription, Terms
from ck4gen.described.hazards import quadratic_cuts
from ck4gen.private.columns import private_copula, private_marginals
from ck4gen.private.hazard_ratios import private_hazard_ratios
from ck4gen.private.mechanism import Mechanism
from ck4gen.private.settings import PrivateSettings
from ck4gen.private.simulated import Simulated
from ck4gen.private.times import private_times


def private_description(
    table: pd.DataFrame,
    public: PublicTable,
    settings: PrivateSettings,
    mechanism: Mechanism,
    seed: int,
) -> CohortDescription:
    """Describe a cohort within a budget.

    Rows are read for their number, for histograms of the columns, for means and spreads of
    numerics, for products of their scores, for counts of outcomes in time, and step by step for
    scores of the hazards. Each time a patient's part is a function of the patient's own row, of the
    public description and of earlier releases, and its norm is cut; all else works on what was
    released.

    Args:
        table: (n, >= p + 2) rows: the covariates as they are, blanks included, duration, event.
        public: What is known of such a table without a look at it.
        settings: Shares of the budget, cells and the like.
        mechanism: The budget.
        seed: Seed of the simulated patients, who are no secret.
    """
    rows = public.read(table)
    generator = np.random.default_rng(seed)
    marginals, patients = private_marginals(rows, public, settings, mechanism)
    copula = private_copula(rows, marginals, patients, mechanism, settings, generator)
    cuts = quadratic_cuts(public.horizon, settings.stretches)
    time, event = rows[DURATION].to_numpy(float), rows[EVENT].to_numpy(float)
    events, censored = private_times(time, event, cuts, mechanism, settings.times)
    of_all = max(events.sum() + censored.sum(), 1.0)
    names = [column.name for column in public.free]
    pool = public.completed(copula.filled(copula.draw(settings.pool, generator)))
    real = public.completed(copula.filled(rows[names]))
    uniform, shares = 1 - generator.random((len(pool), 2)), (events / of_all, censored / of_all)
    terms = Terms.of(public, pool)
    simulated = Simulated(terms(pool), uniform, cuts, *shares)
    coefficients, factors = private_hazard_ratios(
        terms(real), time, event, patients, simulated, settings, mechanism
    )
    return CohortDescription(
        public,
        max(2, round(patients)),
        copula,
        terms,
        coefficients,
        cuts,
        *shares,
        factors,
    )
