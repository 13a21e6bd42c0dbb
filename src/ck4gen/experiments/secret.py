"""The secret of a cohort's custodian: a file that stays beside the runs."""

from __future__ import annotations

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
