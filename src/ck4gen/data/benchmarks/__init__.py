"""The four public cohorts of the paper, one file each."""
