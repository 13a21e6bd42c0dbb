"""Cohorts: schema, preprocessing, and one LightningDataModule per benchmark."""
