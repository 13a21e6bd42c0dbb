"""Analyses that a table is not calibrated to: which of them does it still answer?"""
