"""Simulated cohorts whose true hazard ratios are known, and what their analyses are worth."""
