"""What the recipient is told of a table."""

import pytest

from ck4gen.experiments.share_readme import conclusions

BOOK = "{effective_n: 254, standard_error_factor: 1.12}"
REPORT = {"contains_real": False, "times_copied": False, "release": {"noise": 0.5}}
KEPT = "A Cox model of all columns gives about the hazard ratios"


@pytest.mark.parametrize(
    ("diagnostics", "kept"),
    [
        ({}, True),  # of a method without calibration
        ({"calibration/max_z": 0.3, "calibration/degenerate": 0.0}, True),
        ({"calibration/max_z": 1.4, "calibration/degenerate": 0.0}, False),
        ({"calibration/max_z": 0.1, "calibration/degenerate": 2.0}, False),  # columns of one value
    ],
)
def test_hazard_ratios_are_promised_where_they_were_kept(diagnostics, kept):
    may, _ = conclusions(BOOK, REPORT | {"diagnostics": diagnostics})
    assert may.startswith(KEPT) == kept
    assert ("Ask the custodian of the data which" in may) != kept
    assert "multiply them by 1.12" in may
