"""Two curves as plain numbers, and as a picture of them."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from ck4gen.experiments.card.drawing import CURVE_POINTS, curves
from ck4gen.survival.kaplan_meier import Curve

DIGITS = 4  # of a share


def curve_points(real: Curve, synthetic: Curve, unit: str, caption: str) -> dict:
    """Both curves at equally spaced times.

    Args:
        real: Curve of the real table.
        synthetic: Curve of the synthetic one.
        unit: Unit of the time.
        caption: What they show.
    """
    points = {"real": _points(real), "synthetic": _points(synthetic)}
    return {"caption": caption, "unit": unit, **points}


def _points(curve: Curve) -> dict[str, list[float]]:
    times = np.linspace(0, float(curve.times[-1]), CURVE_POINTS)
    return {"time": times.tolist(), "share": curve.at(times).round(DIGITS).tolist()}


def curve_figure(points: dict) -> tuple[Markup, str]:
    """The picture of two curves with its caption; no picture where there are no curves.

    Args:
        points: Of :func:`curve_points`, or a caption alone.
    """
    if "real" not in points:
        return Markup(""), points["caption"]
    real, synthetic = (
        Curve(np.array(points[side]["time"]), np.array(points[side]["share"]))
        for side in ("real", "synthetic")
    )
    return Markup(curves(real, synthetic, points["unit"], points["caption"])), points["caption"]
