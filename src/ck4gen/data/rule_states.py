"""Rules as plain values, and back."""

from __future__ import annotations

from ck4gen.data.duration_rule import BesideDuration
from ck4gen.data.product_rule import Product
from ck4gen.data.rules import Banded, Bounded, Forbidden, Mapped, Ordered, Rule, Sum

RULES: dict[str, type[Rule]] = {
    cls.__name__: cls
    for cls in (Mapped, Banded, Sum, Product, Ordered, Forbidden, Bounded, BesideDuration)
}


def rule_from_state(state: dict) -> Rule:
    """The rule of :meth:`Rule.to_state`; lists stand for tuples, as in YAML."""
    plain = {key: tuple(v) if isinstance(v, list) else v for key, v in state.items()}
    return RULES[str(plain.pop("rule"))](**plain)
