"""Durations as people say them."""

from __future__ import annotations


def spoken(seconds: float) -> str:
    """A duration, no more exact than an estimate is."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 90:
        return f"about {round(seconds, -1):.0f} s"
    if seconds < 90 * 60:
        return f"about {seconds / 60:.0f} min"
    return f"about {seconds / 3600:.1f} hours"
