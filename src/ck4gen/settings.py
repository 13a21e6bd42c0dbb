"""Settings checked at the edge: a wrong name or value fails at once and names the right ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


class InputError(ValueError):
    """Something the user can put right; the message is one sentence: what, where, what to do."""


class NotApplicable(InputError):
    """A method that has no meaning on this split or cohort; a sweep leaves such a run out."""


def require(package: str, extra: str, what: str) -> None:
    """Raise an InputError that names the extra of ck4gen, unless an optional package is there."""
    if find_spec(package) is None:
        raise InputError(
            f'{what} needs {package}, which is not installed; run pip install "ck4gen[{extra}]"'
        )


def import_named(name: str, path: str, example: str) -> Any:
    """What a dotted path names; an InputError where there is no such thing to import.

    Args:
        name: The key that names it, for messages.
        path: Module and name.
        example: Such a path, for messages.
    """
    module, _, last = str(path).rpartition(".")
    try:
        return getattr(import_module(module), last)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(
            f"{name} names '{path}', which cannot be imported ({error}); give the dotted path of a "
            f"function, as {example}"
        ) from error


def choose(name: str, value: str, options: tuple[str, ...]) -> str:
    """Return ``value`` if it is one of ``options``; otherwise an InputError lists them."""
    if value not in options:
        raise InputError(f"{name} is '{value}'; choose one of {', '.join(options)}")
    return value


def did_you_mean(name: str, options: Iterable[str]) -> str:
    """A question that ends a sentence on a name that is not there; empty if nothing is like it."""
    near = get_close_matches(name, list(options), n=1)
    return f". Did you mean '{near[0]}'?" if near else ""


def there_is_no(what: str, name: str, options: Iterable[str]) -> str:
    """The sentence for a name that is none of ``options``."""
    names = list(options)
    near = did_you_mean(name, names)
    return f"there is no {what} '{name}'; choose one of {', '.join(names)}{near}"


def file_at(name: str, path: str | Path) -> Path:
    """The file that a user gives, ``~`` understood; an InputError unless there is one."""
    file = Path(path).expanduser()
    if not file.is_file():
        what = "a folder, no file" if file.is_dir() else "no file"
        raise InputError(f"{name} '{path}' is {what} (looked in {file.absolute().parent})")
    return file


def at_least(name: str, value: float, minimum: float) -> None:
    """Raise an InputError unless ``value`` is a number of at least ``minimum``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= minimum:
        raise InputError(f"{name} is {value!r}; it must be a number of at least {minimum}")


def whole_number(name: str, value: SupportsIndex, minimum: int) -> int:
    """The value, also one of numpy's, as an int.

    Raises:
        InputError: It is no whole number, or less than ``minimum``.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < minimum:
        raise InputError(f"{name} is {value!r}; it must be a whole number of at least {minimum}")
    return int(value)


def true_or_false(name: str, value: object) -> None:
    """Raise an InputError unless ``value`` is true or false."""
    if not isinstance(value, bool):
        raise InputError(f"{name} is {value!r}; it must be true or false")


def inner_share(name: str, value: float) -> None:
    """Raise an InputError unless ``value`` is a number above 0 and below 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise InputError(f"{name} is {value!r}; it lies between 0 and 1")


def build(cls: type[T], path: str, values: Mapping[str, object]) -> T:
    """Make the settings dataclass ``cls`` from a config node found at ``path``.

    A class that has several places in the configuration takes ``path`` to name the right one.

    Raises:
        InputError: A key is unknown or missing; the message lists the keys there are.
    """
    names = [field.name for field in fields(cls)]
    for key in values:
        if key not in names:
            raise InputError(f"{path} has no key '{key}'; its keys are {', '.join(names)}")
    for name in names:
        if name not in values:
            raise InputError(f"{path} lacks '{name}'; its keys are {', '.join(names)}")
    path_argument = {"path": path} if {"path"} & {*signature(cls).parameters} - {*names} else {}
    return cls(**values, **path_argument)
