"""What the private releases of a cohort spend together: a file beside the custodian's secret."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from math import sqrt
from pathlib import Path

import pandas as pd
from filelock import FileLock

from ck4gen.private.mechanism import total_epsilon
from ck4gen.settings import InputError

LEDGER = "ledger.json"


def note_spent(folder: Path, rows: pd.DataFrame, spent: dict, run: str) -> float:
    """Add a release to the ledger, and say what those of the same cohort spend together.

    Releases of one cohort add up: whoever has two knows more than from either. A cohort is known
    again by a hash of its rows, so the ledger stays with the custodian.

    Args:
        folder: Where the ledger stands.
        rows: The rows that the release was made from.
        spent: The account of the release.
        run: Name of the run.

    Returns:
        Epsilon of all releases of the cohort together, at the delta of this one.

    Raises:
        InputError: The ledger is damaged.
    """
    file = folder.expanduser().absolute() / LEDGER
    file.parent.mkdir(parents=True, exist_ok=True)
    cohort = hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest()
    with FileLock(file.with_name(f".{LEDGER}.lock")):
        try:
            entries = json.loads(file.read_text()) if file.exists() else []
            before = [line for line in entries if line["cohort"] == cohort]
            mu = sqrt(sum(line["mu"] ** 2 for line in before) + spent["spent_mu"] ** 2)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"the ledger {file} is damaged; put a copy of it back") from error
        line = {
            "cohort": cohort,
            "run": run,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "epsilon": spent["epsilon"],
            "delta": spent["delta"],
            "mu": spent["spent_mu"],
        }
        file.write_text(json.dumps([*entries, line], indent=1))
    together = total_epsilon(mu, spent["delta"])
    if before:
        warnings.warn(
            f"this cohort has had {len(before)} private releases before; with this one they spend "
            f"epsilon {together:.2f} together (delta {spent['delta']:g}). method.stored draws more "
            "tables from a release at no cost",
            UserWarning,
            stacklevel=2,
        )
    return together


@contextmanager
def ledger_kept(unfinished: Path, folder: Path) -> Iterator[None]:
    """Keep the ledger of a folder that is never finished: what was released before is spent.

    Args:
        unfinished: The folder in which it is written meanwhile.
        folder: Where it goes if the computation fails.
    """
    before = _read(unfinished / LEDGER)
    try:
        yield
    except BaseException:
        if _read(unfinished / LEDGER) != before:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(unfinished / LEDGER, folder / LEDGER)
            warnings.warn(
                f"a private release was made before this ended, and its budget is spent: "
                f"{folder / LEDGER} notes it. Try again with the same folder and --force, which "
                "keeps it (force=True in Python)",
                UserWarning,
                stacklevel=2,
            )
        raise


def _read(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""
