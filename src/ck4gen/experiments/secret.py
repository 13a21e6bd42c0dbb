"""The secret of a cohort's custodian: a file that stays beside the runs."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from filelock import FileLock

from ck4gen.guard.secret_weights import SECRET_LENGTH, new_secret
from ck4gen.settings import InputError


def custodian_secret(path: str | Path) -> bytes:
    """Read the secret, or make it once, readable for its owner alone.

    Whoever has it can tell from a table who was in the cohort as if there were no guard. It goes
    into no report, log, artifact or sampler.

    Args:
        path: The file.

    Raises:
        InputError: The file is no secret, or others may read it.
    """
    file = Path(path).expanduser().absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_name(f".{file.name}.lock")):
        if not file.exists():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(new_secret())
        if file.stat().st_mode & 0o077:
            raise InputError(f"others may read the secret {file}; make it private by chmod 600")
        secret = file.read_bytes()
    if len(secret) != SECRET_LENGTH:
        raise InputError(
            f"{file} is no secret of ck4gen: it has {len(secret)} bytes instead of "
            f"{SECRET_LENGTH}; use the file that the first run made, or another path"
        )
    return secret


def secret_seed(secret: bytes, seed: int) -> int:
    """A seed of 31 bits that hangs on the secret: the same for the same two.

    Of a table whose method has no guard, whoever knows all patients but one could otherwise make
    the tables with and without each candidate again, by the seed that everybody uses, and compare.

    Args:
        secret: That of :func:`custodian_secret`.
        seed: The one that the user gave.
    """
    key = hmac.new(secret, f"seed {seed}".encode(), hashlib.sha256).digest()
    return int.from_bytes(key[:4], "big") >> 1  # what every library takes as a seed
