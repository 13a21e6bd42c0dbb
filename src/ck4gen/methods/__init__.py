"""Synthesizers: each fits a cohort and samples a synthetic one."""
