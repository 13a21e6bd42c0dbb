"""Tables of the report, one function a kind."""

from ck4gen.report.tables.ablations import ablations
from ck4gen.report.tables.augmentation import calibration, discrimination
from ck4gen.report.tables.descriptive import descriptive
from ck4gen.report.tables.hazard_ratios import hazard_ratios
from ck4gen.report.tables.privacy import privacy
from ck4gen.report.tables.realism import realism
from ck4gen.report.tables.summary import summary
from ck4gen.report.tables.tstr import tstr

__all__ = [
    "ablations",
    "calibration",
    "descriptive",
    "discrimination",
    "hazard_ratios",
    "privacy",
    "realism",
    "summary",
    "tstr",
]
