"""Cohorts: schema, checks of users' tables, split, and the record that the networks see."""
