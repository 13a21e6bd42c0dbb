"""Faults of the machine in one sentence: what is wrong, where, and what to do."""

from __future__ import annotations

import errno
import traceback

from ck4gen.settings import InputError

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)
NO_FOLDER = (errno.ENOTDIR, errno.EEXIST)
KILLED = ("TerminatedWorkerError", "BrokenProcessPool")  # of joblib's loky


def sentence_of(error: BaseException) -> str | None:
    """The sentence of a fault that the user can put right; None of one that deserves a traceback.

    Args:
        error: What was raised; what it was raised from is looked at as well.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, InputError):
            return str(cause)
        if isinstance(cause, OSError) and (sentence := _of_system(cause)) is not None:
            return sentence
        if type(cause).__name__ in KILLED:
            return (
                "a worker process was killed, perhaps because memory ran out; the same command "
                "goes on, with fewer at once: hydra.launcher.n_jobs=1 of a sweep, else workers=1"
            )
        cause = cause.__cause__ or cause.__context__
    return None


def _of_system(error: OSError) -> str | None:
    if error.errno in NO_SPACE:
        return "the disk is full; free some space and repeat the command"
    if error.errno in NO_RIGHT and error.filename:
        return (
            f"{error.filename} cannot be read or written ({error.strerror}); change the rights of "
            "its folder, or name another one"
        )
    if error.errno == errno.EISDIR and error.filename:
        return f"{error.filename} is a folder where a file is wanted; name a file"
    if error.errno in NO_FOLDER and error.filename:
        return f"{error.filename} is a file where a folder is wanted; name another folder"
    if error.errno == errno.ENOENT and error.filename and _made_by(error) == "mkdir":
        return f"{error.filename} cannot be made there; name another folder"
    return None


def _made_by(error: OSError) -> str:
    """The function that asked the system; a file to read that is not there is a fault of ours."""
    return traceback.extract_tb(error.__traceback__)[-1].name
