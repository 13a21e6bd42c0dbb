"""Cohorts that are known by a description alone: a private release, or published tables."""
