"""Leaves of scikit-learn trees: draws from their members, their boxes, and too small ones."""

from __future__ import annotations

import numpy as np
from sklearn.tree._tree import TREE_LEAF, Tree


def donors(members: np.ndarray, leaves: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """One random training row for each leaf that is asked for.

    Args:
        members: (n,) leaf of each training row.
        leaves: (m,) leaves, each of which holds at least one training row.
        generator: Source of the draws.

    Returns:
        (m,) indices of training rows.
    """
    order = np.argsort(members, kind="stable")
    first, last = (np.searchsorted(members[order], leaves, side) for side in ("left", "right"))
    return order[generator.integers(first, last)]


def prune(tree: Tree, rows: np.ndarray, least: int) -> None:
    """Cut a tree, in place, until each leaf holds at least ``least`` of ``rows``.

    The rows of a leaf that is too small go to its sibling; two such siblings become one leaf.

    Args:
        tree: A fitted tree's ``tree_``.
        rows: (n, p) float32 rows to count.
        least: Rows that a leaf must hold; fewer remain only where the whole tree has fewer.
    """
    left, right = tree.children_left, tree.children_right
    counts = np.asarray(tree.decision_path(rows).sum(axis=0)).ravel()
    gone = np.zeros(tree.node_count, bool)
    for node in reversed(range(tree.node_count)):  # children come after their parents
        if left[node] == TREE_LEAF:
            gone[node] = counts[node] < least
        elif gone[left[node]] and gone[right[node]]:
            left[node] = right[node] = TREE_LEAF
            gone[node] = counts[node] < least
        elif gone[left[node]]:
            left[node] = right[node]  # a door to the sibling alone
        elif gone[right[node]]:
            right[node] = left[node]


def boxes(tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bounds of every node, each (nodes, p); infinite where nothing bounds."""
    low = np.full((tree.node_count, tree.n_features), -np.inf)
    high = -low
    for node in range(tree.node_count):
        left, right = tree.children_left[node], tree.children_right[node]
        if left == TREE_LEAF:
            continue
        for child in (left, right):
            low[child], high[child] = low[node], high[node]
        if left != right:
            high[left, tree.feature[node]] = tree.threshold[node]
            low[right, tree.feature[node]] = tree.threshold[node]
    return low, high
