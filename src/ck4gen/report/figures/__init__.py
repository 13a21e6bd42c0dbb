"""Figures of the report, one function a kind."""

from ck4gen.report.figures.calibration import calibration
from ck4gen.report.figures.correlations import correlations
from ck4gen.report.figures.cost import cost
from ck4gen.report.figures.distributions import distributions
from ck4gen.report.figures.frontier import frontier
from ck4gen.report.figures.hazard_ratios import hazard_ratios
from ck4gen.report.figures.kaplan_meier import kaplan_meier
from ck4gen.report.figures.methods import methods
from ck4gen.report.figures.pipeline import pipeline

__all__ = [
    "calibration", "correlations", "cost", "distributions", "frontier", "hazard_ratios",
    "kaplan_meier", "methods", "pipeline",
]  # fmt: skip
