"""Runs and sweeps: from a composed configuration to a folder of results."""
