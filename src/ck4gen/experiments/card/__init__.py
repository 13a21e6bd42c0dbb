"""The card of a synthetic table for whoever keeps the real one: its content and its page."""

from ck4gen.experiments.card.content import content
from ck4gen.experiments.card.page import page

__all__ = ["content", "page"]
