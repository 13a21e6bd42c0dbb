"""Cohorts made from published tables and curves alone."""
