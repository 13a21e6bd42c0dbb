"""Two tables in, numbers out; nothing here imports torch."""

from ck4gen.evaluation.evaluate import evaluate
from ck4gen.evaluation.hazard_table import hazard_table
from ck4gen.evaluation.metric import EvaluationSettings, Metric

__all__ = ["EvaluationSettings", "Metric", "evaluate", "hazard_table"]
