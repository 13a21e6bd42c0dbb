"""Layouts of the tables of the docs, from results/*.csv.

Each layout is one function: the runs, and what results/tables.yaml says of the table -> its cells.
An error over seeds is half the width of the 95 % t-interval of their mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from scipy import stats

from ck4gen.evaluation.base.registry import find
from ck4gen.evaluation.reanalysis.reanalysis import METRICS
from ck4gen.evaluation.statuses import PASS, counted
from ck4gen.experiments.display import in_order, of_dataset
from ck4gen.report import seeds
from ck4gen.report.items import Number
from ck4gen.report.style import name_of, title_of

CONFIDENCE = 0.95
DIGITS = 2
FEWEST = 3  # seeds for an interval; the values of fewer stand there by themselves


def read_results(folder: Path) -> pd.DataFrame:
    """One row a run: what ``runs.csv`` says of it, and its metrics as columns."""
    runs = pd.read_csv(folder / "runs.csv", index_col="run", keep_default_na=False)
    values = pd.read_csv(folder / "metrics.csv")
    return runs.join(values.pivot(index="run", columns="metric", values="value"))


def cohorts(
    runs: pd.DataFrame, methods: Sequence[str], columns: dict[str, str], verdict: bool = False
) -> pd.DataFrame:
    """A block of rows for each cohort, one a method; mean ± error over its seeds."""
    rows = []
    for dataset in _datasets(runs):
        of_dataset = runs[runs.dataset == dataset]
        rows.append({"": f"**{title_of(dataset)}**, {seeds.counted([of_dataset.seed.nunique()])}"})
        for method in methods:
            found = of_dataset[of_dataset.method == method]
            if len(found):
                cells = {text: _spread(found, metric) for text, metric in columns.items()}
                judged = {"verdict": _judged(found)} if verdict else {}
                rows.append({"": method, **cells, **judged})
    return pd.DataFrame(rows).fillna("")


def pooled(
    runs: pd.DataFrame,
    methods: Sequence[str],
    columns: dict[str, str],
    verdict: bool = False,
    judged: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """A row a method: means over cohorts of means over seeds.

    Args:
        runs: The runs.
        methods: Those of the rows.
        columns: Heading -> metric.
        verdict: Whether to count the verdicts of these runs.
        judged: Other runs, whose verdict stands in a column, cohort by cohort.
    """
    rows = []
    for method in methods:
        found = runs[runs.method == method]
        means = found.groupby("dataset")[list(columns.values())].mean().mean()
        row = {"generator": name_of(method)}
        if judged is not None:
            cohorts_judged = ", ".join(map(title_of, _datasets(judged)))
            row[f"verdict: {cohorts_judged}"] = _verdicts(judged, method)
        row |= {text: _number(means[metric], metric) for text, metric in columns.items()}
        rows.append(row | ({"verdicts": counted(found.verdict)} if verdict else {}))
    return pd.DataFrame(rows)


def metrics(runs: pd.DataFrame, method: str, rows: dict[str, str | list[str]]) -> pd.DataFrame:
    """Metrics in rows, cohorts in columns: means over the seeds of one method."""
    found = runs[runs.method == method]
    lines = []
    for text, names in rows.items():
        listed = [names] if isinstance(names, str) else names
        line = {method: text}
        for dataset in _datasets(found):
            means = found.loc[found.dataset == dataset, listed].mean()
            line[title_of(dataset)] = ", ".join(_number(means[name], name) for name in listed)
        lines.append(line)
    return pd.DataFrame(lines)


def methods(
    runs: pd.DataFrame,
    methods: Sequence[str],
    cell: str | list[str],
    columns: dict[str, str] | None = None,
) -> pd.DataFrame:
    """Methods in rows, cohorts in columns: the verdict, or a metric with another in brackets.

    Args:
        runs: The runs.
        methods: Those of the rows.
        cell: ``verdict``, or two metrics.
        columns: Further columns, means over the cohorts: heading -> metric.
    """
    rows = []
    for method in methods:
        found = runs[runs.method == method]
        row = {"": method}
        for dataset in _datasets(runs):
            here = found[found.dataset == dataset]
            row[title_of(dataset)] = _judged(here) if cell == "verdict" else _pair(here, cell)
        means = found.groupby("dataset")[list((columns or {}).values())].mean().mean()
        row |= {text: _number(means[name], name) for text, name in (columns or {}).items()}
        rows.append(row)
    return pd.DataFrame(rows)


def battery(
    runs: pd.DataFrame,
    methods: Sequence[str],
    large: Sequence[str],
    margin: float,
    shares: Mapping[str, str],
) -> pd.DataFrame:
    """Other analyses in rows, cohorts in columns: the first method beside yardsticks.

    Italic: above the second one (``margin`` times it on ``large`` cohorts). Bold: the interval of
    the difference (Welch) lies above 0 as well. ``shares`` are further lines, heading -> metric, of
    which 1 is best: nothing is marked.
    """
    rows = []
    for name, line in METRICS.items():
        row = {"analysis": line.label}
        for dataset in _datasets(runs):
            here = runs[runs.dataset == dataset]
            values = [here.loc[here.method == method, name].dropna() for method in methods]
            texts = [f"{found.mean():.2f}" if len(found) else "-" for found in values]
            if len(values[0]):
                factor = margin if dataset in large else 1.0
                texts[0] = _marked(texts[0], values[0], factor * values[1])
            row[title_of(dataset)] = ", ".join(texts) if len(values[0]) else "-"
        rows.append(row)
    for heading, name in shares.items():
        means = runs.groupby(["dataset", "method"])[name].mean()
        row = {"analysis": heading}
        for dataset in _datasets(runs):
            row[title_of(dataset)] = ", ".join(f"{means[dataset, m]:.2f}" for m in methods)
        rows.append(row)
    return pd.DataFrame(rows)


LAYOUTS = {one.__name__: one for one in (cohorts, pooled, metrics, methods, battery)}


def _marked(text: str, ours: pd.Series, second: pd.Series) -> str:
    if ours.mean() <= second.mean():
        return text
    test = stats.ttest_ind(ours, second, equal_var=False)
    return f"**{text}**" if test.confidence_interval(CONFIDENCE).low > 0 else f"*{text}*"


def _datasets(runs: pd.DataFrame) -> list[str]:
    return in_order(set(runs.dataset), of_dataset)


def _number(value: float, metric: str) -> str:
    """A value with the digits of its metric."""
    info = find(metric)
    return str(Number(value, DIGITS if info is None else info.digits))


def _spread(runs: pd.DataFrame, metric: str) -> str:
    values = runs[metric].dropna()
    if len(values) < FEWEST:
        ends = dict.fromkeys(_number(value, metric) for value in sorted(values))
        return " / ".join(ends) or "-"
    half = stats.sem(values) * stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)
    shown = _number(half, metric)
    mean = _number(values.mean(), metric)
    return mean if float(shown) == 0 else f"{mean} ± {shown}"


def _pair(runs: pd.DataFrame, names: Sequence[str]) -> str:
    first, second = (_number(runs[name].mean(), name) for name in names)
    return f"{first} ({second})"


def _verdicts(runs: pd.DataFrame, method: str) -> str:
    """The verdict on each cohort; of several seeds how many pass."""
    verdicts = dict(list(runs[runs.method == method].groupby("dataset").verdict))
    return ", ".join(_shortened(verdicts.get(dataset, ())) for dataset in _datasets(runs))


def _shortened(verdicts: Sequence[str]) -> str:
    if len(verdicts) > 1:
        return f"{sum(verdict == PASS for verdict in verdicts)} of {len(verdicts)} pass"
    return next(iter(verdicts), "-")


def _judged(runs: pd.DataFrame) -> str:
    """How many have which verdict; of a single run what it failed by, too."""
    if len(runs) != 1:
        return counted(runs.verdict)
    run = runs.iloc[0]
    named = f"{run.failed or run.too_few}".replace("privacy/leak/", "").split()
    parts = sorted({part.removeprefix("privacy/").partition("/")[0] for part in named})
    why = ", ".join(part.replace("_", " ") for part in parts)
    return f"{run.verdict}: {why}" if why else run.verdict
