"""The card of a synthetic table: one page for whoever keeps the real one."""

from ck4gen.experiments.card.page import card

__all__ = ["card"]
