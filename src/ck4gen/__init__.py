"""CK4Gen: synthetic survival cohorts that keep hazard ratios.

>>> from ck4gen import CK4Gen
>>> synthetic = CK4Gen().fit(frame, duration="days", event="died").sample(seed=1)
"""

from ck4gen.settings import InputError

__all__ = ["CK4Gen", "InputError", "calibrate"]


def __getattr__(name: str) -> object:
    """Import what needs torch on first use: the evaluation alone needs none."""
    if name == "CK4Gen":
        from ck4gen.methods.ck4gen.ck4gen import CK4Gen

        return CK4Gen
    if name == "calibrate":
        from ck4gen.methods.calibrate import calibrate

        return calibrate
    raise AttributeError(f"module 'ck4gen' has no attribute '{name}'")
