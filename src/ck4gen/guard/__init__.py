"""The guard: what stands between the rows of a cohort and every number that leaves it."""
