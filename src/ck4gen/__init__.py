"""CK4Gen: synthetic survival cohorts that keep hazard ratios.

Example:
    >>> import ck4gen
    >>> data = ck4gen.load("whas500")
    >>> synthetic = ck4gen.CK4Gen().fit(data).sample(seed=1)  # doctest: +SKIP

``methods`` is the package of all generators. The other names are documented where they are
defined; each is imported on first use, so that ``import ck4gen`` takes no time.
"""

from __future__ import annotations

from importlib import import_module

from ck4gen.settings import InputError

HOME = {  # public name: module that defines it
    "CK4Gen": "ck4gen.methods.ck4gen",
    "Synthesizer": "ck4gen.methods.base",
    "audit": "ck4gen.api",
    "calibrate": "ck4gen.methods.calibrate",
    "evaluate": "ck4gen.api",
    "load": "ck4gen.api",
    "load_method": "ck4gen.methods.saving",
    "pool": "ck4gen.pooled",
    "reanalyse": "ck4gen.api",
    "synthesize": "ck4gen.own_cohort",
}

__all__ = [
    "CK4Gen",
    "InputError",
    "Synthesizer",
    "audit",
    "calibrate",
    "evaluate",
    "load",
    "load_method",
    "methods",
    "pool",
    "reanalyse",
    "synthesize",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name == "methods":
        return import_module("ck4gen.methods")
    if name in HOME:
        return getattr(import_module(HOME[name]), name)
    raise AttributeError(f"module 'ck4gen' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
