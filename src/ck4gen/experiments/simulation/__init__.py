"""Cohorts whose true hazard ratios are known."""
