"""A formal guarantee: every number that is taken from the cohort is a private release."""
