"""Finished runs in, tables out."""
