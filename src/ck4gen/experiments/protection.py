"""How the patients behind a table are protected, in a sentence that may be public."""

from __future__ import annotations

FORMAL = (
    "a formal guarantee (differential privacy): whatever is done with the table, the odds that a "
    "patient was used change by at most e^{epsilon:g}, up to a chance of {delta:g}"
)
GUARDED = (
    "every number is taken from the patients under secret random weights, which move it by "
    "{noise:g} times what chance moves it from one sample of patients to the next"
)
NONE = "no noise is added to the numbers that the method takes from the patients"


def noisy(report: dict) -> bool:
    """Whether noise protects the patients.

    Args:
        report: Report of a run.
    """
    return bool(report["diagnostics"].get("guard/noise")) or formal(report)


def formal(report: dict) -> bool:
    """Whether a formal guarantee protects the patients.

    Args:
        report: Report of a run.
    """
    return _epsilon(report) is not None


def publicly_described(report: dict) -> bool:
    """Whether the columns of the table are as a public description has them, and not by rule.

    Args:
        report: Report of a run.
    """
    return "public" in report["config"]["method"]


def protection(report: dict) -> str:
    """The sentence, without its full stop: settings alone, and no number of the patients.

    Args:
        report: Report of a run.
    """
    if (epsilon := _epsilon(report)) is not None:
        return FORMAL.format(epsilon=epsilon, delta=report["release"]["delta"])
    if noise := report["diagnostics"].get("guard/noise"):
        return GUARDED.format(noise=noise)
    return NONE


def _epsilon(report: dict) -> float | None:
    epsilon: float | None = report["release"].get("epsilon")
    return epsilon
