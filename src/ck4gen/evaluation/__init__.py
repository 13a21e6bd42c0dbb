"""Two tables in, numbers out; nothing here imports torch."""

from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.evaluation.hazard_table import hazard_table

__all__ = ["CoxComparison", "EvaluationSettings", "Metric", "evaluate", "hazard_table"]
