"""What to say of a metric that is not there: a run has hundreds, so the nearest ones alone."""

from __future__ import annotations

from collections.abc import Iterable

from ck4gen.settings import did_you_mean


def metrics_there(name: str, names: Iterable[str]) -> str:
    """The metrics of the same family as ``name``, those of covariates and models cut short.

    Args:
        name: A metric that is not there, as ``hazard/log_hr``.
        names: Those that are.

    Returns:
        Their names, then a question that ends the sentence if one is like it; the families if it
        is of none.
    """
    names = sorted(names)
    nearest = did_you_mean(name, names)
    families = list(dict.fromkeys(each.split("/")[0] for each in names))
    family = name.split("/")[0]
    if family not in families:
        return f"there are those of {', '.join(f'{each}/' for each in families)}{nearest}"
    parts = [each.split("/") for each in names if each.startswith(f"{family}/")]
    short = dict.fromkeys("/".join([*part[:2], *["..."] * (len(part) > 2)]) for part in parts)
    return f"there are {', '.join(short)}{nearest}"
