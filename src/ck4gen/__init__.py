"""CK4Gen: synthetic survival cohorts that keep hazard ratios.

>>> from ck4gen import CK4Gen
>>> synthetic = CK4Gen().fit(frame, duration="days", event="died").sample(seed=1)
"""

from ck4gen.methods.ck4gen import CK4Gen
from ck4gen.settings import InputError

__all__ = ["CK4Gen", "InputError"]
