"""Figures of the report, one function a kind."""

from ck4gen.report.figures.kaplan_meier import kaplan_meier

__all__ = ["kaplan_meier"]
