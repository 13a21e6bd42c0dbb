"""Columns of metrics that no table names: those of plug-ins and of ``evaluation.extra``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ck4gen.evaluation.plugged import importable
from ck4gen.experiments.summary import extra_metrics
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.tables.comparison import Column


def further(runs: Mapping[str, Sequence[StoredRun]], families: Sequence[str]) -> tuple[Column, ...]:
    """One column for each such metric of these families that any run has, in their order.

    Args:
        runs: Runs of each generator.
        families: First parts of their names, as ``fidelity``.
    """
    reports = [run.report for method_runs in runs.values() for run in method_runs]
    metrics = importable(extra_metrics(reports))
    names = dict.fromkeys(name for report in reports for name in report["metrics"])
    infos = [metrics[name].info for name in names if name in metrics]
    return tuple(
        Column(info.label, info.name, info.ideal, info.digits, info.meaning)
        for info in infos
        if info.name.split("/")[0] in families
    )
