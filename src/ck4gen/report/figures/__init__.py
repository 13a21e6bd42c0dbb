"""Figures of the report, one function a kind."""

from ck4gen.report.figures.correlations import correlations
from ck4gen.report.figures.distributions import distributions
from ck4gen.report.figures.hazard_ratios import hazard_ratios
from ck4gen.report.figures.kaplan_meier import kaplan_meier

__all__ = ["correlations", "distributions", "hazard_ratios", "kaplan_meier"]
