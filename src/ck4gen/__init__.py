"""CK4Gen: synthetic survival cohorts that keep hazard ratios."""
