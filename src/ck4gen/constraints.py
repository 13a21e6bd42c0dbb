"""What the values of settings may be: said once, at the field, and checked in one place.

Example:
    >>> @dataclass(frozen=True)
    ... class Forest:
    ...     trees: Annotated[int, AtLeast(1)]
    ...     share: Annotated[float, AtLeast(0), Below(1)] | None
    ...
    ...     def __post_init__(self) -> None:
    ...         check_fields("method", self)
    >>> Forest(trees=0, share=None)
    Traceback (most recent call last):
        ...
    ck4gen.settings.InputError: method.trees is 0; it must be a whole number of at least 1
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin, get_type_hints

from ck4gen.settings import InputError, at_least, choose, true_or_false, whole_number

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True)
class AtLeast:
    """A number of at least ``minimum``; a whole one where the field is an ``int``."""

    minimum: float

    def check(self, name: str, value: Any, kind: type) -> None:
        """Raise an InputError unless it is."""
        if kind is int:
            whole_number(name, value, int(self.minimum))
        else:
            at_least(name, value, self.minimum)


@dataclass(frozen=True)
class Below:
    """A number below ``limit``."""

    limit: float

    def check(self, name: str, value: float, kind: type) -> None:
        """Raise an InputError unless it is."""
        if not value < self.limit:
            raise InputError(f"{name} is {value}; keep it below {self.limit:g}")


@dataclass(frozen=True)
class Above:
    """A number above ``limit``."""

    limit: float

    def check(self, name: str, value: float, kind: type) -> None:
        """Raise an InputError unless it is."""
        at_least(name, value, self.limit)
        if value == self.limit:
            raise InputError(f"{name} is {value}; it must be above {self.limit:g}")


@dataclass(frozen=True)
class Between:
    """A number between two others, neither of them included."""

    low: float
    high: float

    def check(self, name: str, value: float, kind: type) -> None:
        """Raise an InputError unless it is."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.low < value < self.high:
            raise InputError(f"{name} is {value}; it lies between {self.low:g} and {self.high:g}")


@dataclass(frozen=True)
class OneOf:
    """One of some texts."""

    options: tuple[str, ...]

    def check(self, name: str, value: str, kind: type) -> None:
        """Raise an InputError unless it is."""
        choose(name, value, self.options)


@dataclass(frozen=True)
class LayerWidths:
    """A list of layer widths."""

    def check(self, name: str, value: object, kind: type) -> None:
        """Raise an InputError unless it is."""
        if not isinstance(value, list) or any(not isinstance(v, int) or v < 1 for v in value):
            raise InputError(
                f"{name} is {value!r}; it must be a list of layer widths, as [64,64,64]"
            )


Natural = Annotated[int, AtLeast(0)]
Positive = Annotated[int, AtLeast(1)]
NonNegative = Annotated[float, AtLeast(0)]
Share = Annotated[float, Between(0, 1)]
Widths = Annotated[list[int], LayerWidths()]


def check_fields(path: str, settings: DataclassInstance) -> None:
    """Check every field of a settings dataclass that says what it may be, and every ``bool``.

    Args:
        path: Where the settings stand in the configuration; empty for its root.
        settings: The dataclass; a field that may be None is then not checked.

    Raises:
        InputError: A value is wrong; the message says what it must be.
    """
    for name, hint in _hints(type(settings)).items():
        value = getattr(settings, name)
        members = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        if value is None and type(None) in members:
            continue
        for member in members:
            if member is bool:
                true_or_false(f"{path}.{name}".lstrip("."), value)
            if get_origin(member) is Annotated:
                kind, *constraints = get_args(member)
                for constraint in constraints:
                    constraint.check(f"{path}.{name}".lstrip("."), value, kind)


@cache
def _hints(cls: type) -> dict[str, Any]:
    """What the fields of a class may be; the words of its annotations are compiled once."""
    return get_type_hints(cls, include_extras=True)
