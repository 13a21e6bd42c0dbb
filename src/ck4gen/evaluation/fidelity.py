"""Marginals and dependence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from ck4gen.data.rules import Columns, Following, Rule
from ck4gen.data.schema import DURATION, ENTRY, EVENT, Column, Schema
from ck4gen.evaluation.base.metric import Metric, absent, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.base.settings import EvaluationSettings

MARGINALS = ("fidelity/ks", "fidelity/wasserstein", "fidelity/tvd", "fidelity/correlation")
INVALID = ("fidelity/invalid",)
C2ST = ("fidelity/c2st_auc",)
PMSE = ("fidelity/pmse_ratio",)
INFO = (
    MetricInfo(
        "fidelity/ks",
        "KS",
        "mean Kolmogorov-Smirnov distance of numerics",
        ideal=0,
        digits=3,
        headline=True,
    ),
    MetricInfo(
        "fidelity/wasserstein",
        "Wasserstein",
        "mean Wasserstein distance of numerics, in real SDs",
        ideal=0,
        digits=3,
    ),
    MetricInfo(
        "fidelity/tvd",
        "TVD",
        "mean total variation distance of categories",
        ideal=0,
        digits=3,
        headline=True,
    ),
    MetricInfo(
        "fidelity/correlation",
        "Correlation",
        "mean difference of Pearson correlations",
        ideal=0,
        digits=3,
    ),
    MetricInfo(
        "fidelity/invalid", "Invalid", "share of impossible records", ideal=0, headline=True
    ),
    MetricInfo(
        "fidelity/c2st_auc",
        "Classifier AUC",
        "AUC of a classifier that tells synthetic from real rows",
        ideal=0.5,
    ),
    MetricInfo(
        "fidelity/pmse_ratio",
        "pMSE ratio",
        "propensity mean squared error over its expectation for a bootstrap",
        ideal=1,
    ),
)


def marginals(real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema) -> dict[str, Metric]:
    """Mean distances over columns; ideal 0 for each.

    ``ks`` is sup |F_S - F_R| over numerics, in [0, 1]. ``wasserstein`` is the integral of
    |F_S - F_R| over numerics in real SDs, not bounded. ``tvd`` is half the sum of |p_S - p_R|
    over the levels of binaries and categories, in [0, 1]. ``correlation`` is the mean
    |difference| of Pearson correlations over pairs of the design, in [0, 2].

    Args:
        real: (n, p + 2) rows.
        synthetic: (m, p + 2) rows.
        schema: Columns of both.
    """
    metrics = absent(MARGINALS[:2], "no numeric covariate")
    if numerics := schema.of_kind("numeric"):
        pairs = [(real[n].astype(float), synthetic[n].astype(float)) for n in numerics]
        ks = [stats.ks_2samp(r, s, method="asymp").statistic for r, s in pairs]
        distance = [stats.wasserstein_distance(r, s) / r.std() for r, s in pairs]
        metrics = {
            "fidelity/ks": number(np.mean(ks)),
            "fidelity/wasserstein": number(np.mean(distance)),
        }
    metrics |= absent(MARGINALS[2:3], "no binary or categorical covariate")
    if discrete := schema.of_kind("binary", "categorical"):
        texts = [[_levels(t[n], schema[n]) for t in (real, synthetic)] for n in discrete]
        distances = [_total_variation(*pair) for pair in texts]
        metrics["fidelity/tvd"] = number(np.mean(distances))
    return metrics | {"fidelity/correlation": _correlation(real, synthetic, schema)}


def _levels(values: pd.Series, column: Column) -> pd.Series:
    """Levels as text; 1, 1.0 and True are the same level of a binary."""
    if column.kind == "binary":
        values = pd.to_numeric(values, errors="coerce").astype(float)
    return values.astype(str)


def _total_variation(real: pd.Series, synthetic: pd.Series) -> float:
    shares = [side.value_counts(normalize=True) for side in (real, synthetic)]
    return shares[0].sub(shares[1], fill_value=0).abs().sum() / 2


def _correlation(real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema) -> Metric:
    schema = schema.unstratified
    designs = schema.design(real), schema.design(synthetic)
    varying = [n for n in designs[0] if all(design[n].std() > 0 for design in designs)]
    if len(varying) < 2:
        return Metric(None, reason="fewer than two covariates vary in both tables")
    matrices = [np.corrcoef(design[varying].to_numpy(), rowvar=False) for design in designs]
    above = np.triu_indices(len(varying), 1)
    lost = [n for n in designs[0] if n not in varying]
    caveat = f"without {', '.join(lost)}, constant in one table" if lost else None
    return number(np.abs(matrices[1] - matrices[0])[above].mean(), reason=caveat)


def invalid(real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema) -> dict[str, Metric]:
    """Share of synthetic records outside the real support; must be 0.

    A record counts when a value is missing, a level unknown, a binary not 0/1, a numeric out of
    the real range, or a fraction where the real column is whole, or where it breaks a rule between
    columns that every real row keeps. Cells that an indicator marks as blank are not looked at:
    what fills them leaves the table before anybody sees it. A number that follows from others by
    a rule may be beyond the real range, where they are not.
    """
    blank = _blank(synthetic, schema)
    follows = {rule.mended for rule in schema.rules if isinstance(rule, Following)}
    wrong = np.zeros(len(synthetic), dtype=bool)
    for column in schema:
        values = synthetic[column.name]
        if column.kind != "categorical":
            values = pd.to_numeric(values, errors="coerce")  # text counts as missing
        odd = values.isna().to_numpy()
        if column.kind == "categorical":
            odd |= ~values.astype(str).isin(column.levels).to_numpy()
        elif column.kind == "binary":
            odd |= ~values.isin([0, 1]).to_numpy()
        else:
            ends = real[column.name].min(), real[column.name].max()
            odd |= ~values.between(*ends).to_numpy() & (column.name not in follows)
            if column.integer:
                odd |= (values != values.round()).to_numpy()
        wrong |= odd & ~blank[column.name]
    sound = np.flatnonzero(~wrong)
    sides = [(_plain(t, schema), _blank(t, schema)) for t in (real, synthetic.iloc[sound])]
    for rule in schema.rules:
        real_broken, synthetic_broken = (_broken(rule, *side) for side in sides)
        if not real_broken.any():
            wrong[sound] |= synthetic_broken
    return {"fidelity/invalid": number(wrong.mean())}


def _broken(rule: Rule, columns: Columns, blank: Mapping[str, np.ndarray]) -> np.ndarray:
    """(n,) rows that break a rule, none of whose columns is blank there."""
    broken = np.array(rule.broken(columns))
    for name in rule.columns:
        if name in blank:  # a duration has none
            broken &= ~blank[name]
    return broken


def _blank(table: pd.DataFrame, schema: Schema) -> dict[str, np.ndarray]:
    """By column, the (n,) rows in which an indicator says that it is blank."""
    blank = {name: np.zeros(len(table), dtype=bool) for name in schema.names}
    for indicator in schema:
        for name in indicator.blank_of:
            blank[name] |= pd.to_numeric(table[indicator.name], errors="coerce").eq(1).to_numpy()
    return blank


def _plain(table: pd.DataFrame, schema: Schema) -> dict[str, np.ndarray]:
    """Covariates and duration as rules take them: numbers, and levels as text."""
    covariates = {
        column.name: table[column.name].astype(str).to_numpy(object)
        if column.kind == "categorical"
        else table[column.name].to_numpy(float)
        for column in schema
    }
    return covariates | {DURATION: table[DURATION].to_numpy(float)}


def _joined(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema
) -> tuple[pd.DataFrame, np.ndarray]:
    """Designs with outcomes, stacked, and 1 for synthetic rows."""
    outcome = (DURATION, EVENT, *([ENTRY] if schema.delayed_entry else []))
    schema = schema.unstratified
    parts = [schema.design(t).assign(**{c: t[c] for c in outcome}) for t in (real, synthetic)]
    labels = np.repeat([0, 1], [len(real), len(synthetic)])
    return pd.concat(parts, ignore_index=True), labels


def c2st(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, settings: EvaluationSettings
) -> dict[str, Metric]:
    """Classifier two-sample test (Lopez-Paz and Oquab 2017): out-of-fold AUC, ideal .5.

    Gradient-boosted trees on covariates and outcome; interval of Hanley and McNeil 1982.
    """
    features, labels = _joined(real, synthetic, schema)
    folds = StratifiedKFold(settings.c2st_folds, shuffle=True, random_state=settings.c2st_seed)
    model = HistGradientBoostingClassifier(random_state=settings.c2st_seed)
    scores = cross_val_predict(model, features, labels, cv=folds, method="predict_proba")[:, 1]
    auc = roc_auc_score(labels, scores)
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    n_real, n_synthetic = len(real), len(synthetic)
    variance = (
        auc * (1 - auc) + (n_synthetic - 1) * (first - auc**2) + (n_real - 1) * (second - auc**2)
    ) / (n_real * n_synthetic)
    half = stats.norm.ppf((1 + settings.confidence) / 2) * np.sqrt(variance)
    return {"fidelity/c2st_auc": number(auc, max(0, auc - half), min(1, auc + half))}


def pmse_ratio(real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema) -> dict[str, Metric]:
    """Logistic propensity mean squared error over its null expectation (Snoke et al. 2018).

    pMSE = mean (p_i - c)^2, c = share of synthetic rows; null (k - 1)(1 - c)^2 c / N with k
    parameters, intercept included. The null takes the real rows as given and the synthetic ones
    as drawn from their distribution: a bootstrap scores 1, a fresh cohort 1 / (1 - c), a copy 0.
    """
    features, labels = _joined(real, synthetic, schema)
    features = features.loc[:, features.std() > 0]
    scaled = ((features - features.mean()) / features.std()).to_numpy()
    # at its default tolerance the solver stops early: up to .4 % off on FLChain
    model = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(scaled, labels)
    share, rows = labels.mean(), len(labels)
    parameters = 1 + np.linalg.matrix_rank(scaled)
    expected = (parameters - 1) * (1 - share) ** 2 * share / rows
    observed = np.mean((model.predict_proba(scaled)[:, 1] - share) ** 2)
    return {"fidelity/pmse_ratio": number(observed / expected)}
