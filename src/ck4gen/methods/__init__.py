"""Synthesizers: everything that fits a cohort and samples a synthetic one."""
