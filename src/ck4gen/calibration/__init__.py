"""Hazard calibration: a synthetic table whose Cox models give the real hazard ratios."""
