"""Patient weights that nobody can repeat without the secret of the cohort's custodian."""

from __future__ import annotations

import hashlib
import hmac
from secrets import token_bytes

import numpy as np
import pandas as pd

SMALLEST = 1e-9  # a weight of 0 has no logarithm
SECRET_LENGTH = 32  # bytes, as long as the key of the hash that it goes into


def new_secret() -> bytes:
    """Random bytes from the operating system."""
    return token_bytes(SECRET_LENGTH)


def secret_weights(table: pd.DataFrame, noise: float, secret: bytes, *number: int) -> np.ndarray:
    """(n,) independent gamma weights with mean 1 and SD ``noise``.

    Statistics of the weighted rows spread around those of the rows as ``noise`` times a bootstrap
    would spread them: gamma weights of SD 1 are the Bayesian bootstrap (Rubin 1981).

    They are drawn from a keyed hash of the whole table, so a cohort with one patient fewer has
    weights of its own, and the difference of two releases tells of all weights at once. The same
    cohort has the same weights at every call with the same number, so that tables made from it
    again do not average the noise away.

    Args:
        table: The cohort.
        noise: SD of a weight; 0 gives weights of 1.
        secret: Random bytes that the custodian keeps.
        *number: Which release; another one has other weights.
    """
    if not noise:
        return np.ones(len(table))
    rows = pd.util.hash_pandas_object(table, index=False).to_numpy()
    content = "\x1f".join(map(str, table.columns)).encode() + rows.tobytes() + repr(number).encode()
    key = hmac.new(secret, content, hashlib.sha256).digest()
    generator = np.random.default_rng(int.from_bytes(key, "big"))
    shape = noise**-2
    return generator.gamma(shape, 1 / shape, len(table)).clip(SMALLEST)
