"""Finds numbers that are products of powers of two others: an index, a ratio, a rate."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from ck4gen.data.precision import decimals
from ck4gen.data.product_rule import Product
from ck4gen.data.round_number import shortest

MOST_POWER = 3  # a body mass index has -2, a ponderal index -3
NEAR = 0.1  # distance of a fitted power to the whole number that it is taken for


def find_products(numbers: Mapping[str, np.ndarray], few: int, support: int) -> list[Product]:
    """The columns that are products of two others, none of which is such a product.

    Args:
        numbers: (n,) by numeric column, NaN for a blank.
        few: A column of at most so many values is no product, and no factor.
        support: Rows that must be known beyond the three that any product fits.
    """
    many = {name: values for name, values in numbers.items() if _varies(values, few)}
    products: list[Product] = []
    for target in reversed(list(many)):
        taken = {name for rule in products for name in rule.columns}
        if target in taken:
            continue
        free = [name for name in many if name not in {target, *(r.target for r in products)}]
        rules = (_product(target, pair, many, support) for pair in combinations(free, 2))
        products += [rule for rule in rules if rule is not None][:1]
    return products


def _varies(values: np.ndarray, few: int) -> bool:
    """Whether a column has many values, all above 0."""
    observed = values[~np.isnan(values)]
    return bool((observed > 0).all()) and len(np.unique(observed)) > few


def _product(
    target: str, sources: tuple[str, str], numbers: Mapping[str, np.ndarray], support: int
) -> Product | None:
    """The rule for these columns, if every row obeys one.

    Powers are coefficients of a regression of logarithms. The factor is the median quotient, with
    as few digits as leave each row right to its last decimal: no row alone decides them.
    """
    columns = np.column_stack([numbers[name] for name in (target, *sources)])
    columns = columns[~np.isnan(columns).any(1)]
    if len(columns) < 3 + support:
        return None
    logs = np.log(columns)
    logs -= logs.mean(0)
    fitted = np.linalg.lstsq(logs[:, 1:], logs[:, 0], rcond=None)[0]
    powers = np.array(fitted).round()
    if (powers == 0).any() or (np.abs(powers) > MOST_POWER).any():
        return None
    if np.abs(fitted - powers).max() > NEAR:
        return None
    decimal_places = decimals(columns[:, 0])
    product = columns[:, 1] ** powers[0] * columns[:, 2] ** powers[1]
    half = 0.5 * 10.0**-decimal_places
    low = ((columns[:, 0] - half) / product).max()
    high = ((columns[:, 0] + half) / product).min()
    factor = shortest(float(np.median(columns[:, 0] / product)), low, high)
    if factor is None:
        return None
    order = np.argsort(-powers, kind="stable")  # as people write it: what is divided by comes last
    return Product(
        target,
        tuple(sources[source] for source in order),
        tuple(float(powers[source]) for source in order),
        factor,
        decimal_places,
    )
