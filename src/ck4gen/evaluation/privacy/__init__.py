"""Attacks on a synthetic table, held-out patients as control, and the verdict."""
