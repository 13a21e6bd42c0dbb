"""Terms that follow from the terms before them, which Cox models go on without."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema

TOLERANCE = 1e-7  # of R's lm: what is left of a term, as a share of it
NAMED = 5  # terms that a warning names at most


def without_aliased(schema: Schema, train: pd.DataFrame) -> Schema:
    """The schema whose Cox design has full rank on these rows, as R's ``coxph`` makes it.

    Terms are taken in schema order, within strata where there are some, and one that is a linear
    combination of the terms before it, or constant, is left out of the design. Its column stays in
    the table. A warning says which term follows from which. Where the design has as many terms as
    rows, every later term would follow, so that nothing is left out: such a design needs a penalty.

    Args:
        schema: Columns of the cohort.
        train: (n, >= p) training rows; rows with missing values don't count.
    """
    design = schema.design(train).dropna()
    if (stratum := schema.stratum(train)) is not None:  # baselines hold what is alike within them
        strata = pd.Series(stratum, train.index)[design.index]
        design = design - design.groupby(strata).transform("mean")
    if design.shape[1] >= len(design) - 1:
        return schema
    aliased_terms = aliased(design)
    if not aliased_terms:
        return schema
    constant = "constant within every stratum" if schema.strata else "constant"
    warnings.warn(_sentence(design, aliased_terms, constant), UserWarning, stacklevel=2)
    columns = (
        replace(
            c, aliased=(*c.aliased, *(name for name in c.design_names if name in aliased_terms))
        )
        for c in schema
    )
    return replace(schema, columns=tuple(columns))


def aliased(design: pd.DataFrame) -> list[str]:
    """Terms that are constant, or linear combinations of the terms before them.

    Args:
        design: (n, q) float design without missing values.
    """
    z = _unit(design)
    basis = np.empty((len(z), min(z.shape)))  # orthonormal, of the terms that are kept
    aliased_terms, rank = [], 0
    for name, rest in zip(design, z.T, strict=True):
        span = basis[:, :rank]
        for _ in range(2):  # the second pass takes off what rounding left of the first
            rest = rest - span @ (span.T @ rest)
        size = np.linalg.norm(rest)
        if size < TOLERANCE or rank == basis.shape[1]:
            aliased_terms.append(name)
        else:
            basis[:, rank] = rest / size
            rank += 1
    return aliased_terms


def sources(design: pd.DataFrame, term: str, aliased_terms: list[str]) -> list[str]:
    """The terms that an aliased one is made of; none for a constant one.

    Args:
        design: (n, q) float design without missing values.
        term: The aliased term.
        aliased_terms: All of them.
    """
    before = list(design.columns[: design.columns.get_loc(term)])
    kept = [name for name in before if name not in aliased_terms]
    target = _unit(design[[term]])[:, 0]
    if not kept or not target.any():
        return []
    weights = np.abs(np.linalg.lstsq(_unit(design[kept]), target, rcond=None)[0])
    return [name for name, weight in zip(kept, weights, strict=True) if weight > TOLERANCE]


def _unit(design: pd.DataFrame) -> np.ndarray:
    """(n, q) terms less their mean, of length 1; zeros for a constant one."""
    centred = (design - design.mean()).to_numpy()
    length = np.linalg.norm(centred, axis=0)
    size = np.abs(design.to_numpy()).max(axis=0) * np.sqrt(len(design))
    return np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-12 * size)


def _sentence(design: pd.DataFrame, aliased_terms: list[str], constant: str) -> str:
    """One sentence for all terms that are left out."""
    clauses = []
    for name in aliased_terms[:NAMED]:
        of = sources(design, name, aliased_terms)
        named = ", ".join(of[:NAMED]) + " and others" * (len(of) > NAMED)
        clauses.append(f"{name} follows from {named}" if of else f"{name} is {constant}")
    more = f"; {len(aliased_terms) - NAMED} more" if len(aliased_terms) > NAMED else ""
    return (
        f"{'; '.join(clauses)}{more}: the Cox models go on without, as R's coxph does, and the "
        "columns stay in the table"
    )
