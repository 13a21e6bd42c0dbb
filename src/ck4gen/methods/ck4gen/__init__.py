"""CK4Gen (Kuo, Gallego and Jorm 2024) and its variants."""

from ck4gen.methods.ck4gen.ck4gen import CK4Gen

__all__ = ["CK4Gen"]
