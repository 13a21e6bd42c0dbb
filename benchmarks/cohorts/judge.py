"""What an analyst who has both tables finds: hazard ratios, values, rules, identifiers.

Nothing here is taken from ck4gen: the refit is lifelines', and columns are read as they come.
"""

import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from lifelines import CoxPHFitter

FEW = 10  # rows of a level that stands for itself
FEW_VALUES = 12  # a numeric column with at most so many is a code or a scale
MOST_TERMS = 200  # of a model that is refitted
RIDGE = 1e-4  # keeps the refit finite beside separation, the same for both tables
NO_ESTIMATE = 1.0  # standard error per SD from which on a term separates, or nearly follows
SHARE = 0.05  # tolerated difference of a share of blanks
OUTCOME = ["duration", "event"]
MERGED = "other"  # what a table calls levels of too few patients


@dataclass
class Judged:
    """What was found: errors in standard errors, terms compared, and faults."""

    max_error: float | None = None
    mean_error: float | None = None
    terms: int = 0
    faults: list[str] = field(default_factory=list)


def judge(facts: dict, file: Path) -> Judged:
    """Compare a synthetic table with the real one and with what is expected of it."""
    synthetic = pd.read_csv(file, low_memory=False)
    real = readable(Path(facts["file"]))
    faults = released(facts, synthetic) + expected_values(facts, synthetic)
    if real is None:
        return Judged(faults=faults)
    real, synthetic = outcome_first(real, facts), outcome_first(synthetic, facts)
    faults += invented(real, synthetic) + orderings(real, synthetic)
    error = pd.Series(dtype=float)
    if set(OUTCOME) <= set(real):
        error = refit(real, synthetic, kinds(file))
    if error.empty:
        return Judged(faults=faults)
    return Judged(round(error.max(), 4), round(error.mean(), 4), len(error), faults)


def readable(file: Path) -> pd.DataFrame | None:
    """The real table where it is a plain CSV file."""
    try:
        return pd.read_csv(file, low_memory=False)
    except (UnicodeDecodeError, pd.errors.ParserError):
        return None


def outcome_first(real: pd.DataFrame, facts: dict) -> pd.DataFrame:
    """The real table with its outcome named as in a synthetic one, events 1 and others 0."""
    if not {facts["duration"], facts["event"]} <= set(real):
        return real
    happened = str(facts.get("happened", 1))
    event = real[facts["event"]].map(str).isin([happened, f"{happened}.0"]).astype(int)
    duration = pd.to_numeric(real[facts["duration"]], errors="coerce")
    rest = real.drop(columns=[facts["duration"], facts["event"]])
    return rest.drop(columns=OUTCOME, errors="ignore").assign(duration=duration, event=event)


def kinds(file: Path) -> dict[str, str]:
    """Kinds of the columns as the codebook beside the table has them."""
    for name in ("schema.yaml", "codebook.yaml"):
        if (file.parent / name).is_file():
            book = yaml.safe_load((file.parent / name).read_text())
            return {key: entry.get("kind", "") for key, entry in book["columns"].items()}
    return {}


def released(facts: dict, synthetic: pd.DataFrame) -> list[str]:
    """Identifiers that stand in the table, and columns that don't."""
    faults = [f"{name} is released" for name in facts.get("dropped", []) if name in synthetic]
    lost = [name for name in facts.get("kept") or [] if name not in synthetic]
    return faults + [f"{name} is lost" for name in lost]


def expected_values(facts: dict, synthetic: pd.DataFrame) -> list[str]:
    """Levels, blanks, kinds and conditions that the messy table's author wrote down."""
    named = [*facts.get("levels", {}), *facts.get("missing", {}), *facts.get("kinds", {})]
    faults = [f"{name} is lost" for name in named if name not in synthetic]
    if faults:
        return faults
    for name, levels in facts.get("levels", {}).items():
        if found := set(synthetic[name].dropna().astype(str)) - set(levels):
            faults.append(f"{name} has the levels {sorted(found)[:3]}")
    for name, share in facts.get("missing", {}).items():
        blank = synthetic[name].isna().mean()
        if abs(blank - share) > SHARE:
            faults.append(f"{name} has {blank:.0%} blanks, not {share:.0%}")
    for name, kind in facts.get("kinds", {}).items():
        if pd.api.types.is_numeric_dtype(synthetic[name]) != (kind == "numeric"):
            faults.append(f"{name} is not {kind}")
    named = outcome_first(synthetic, facts)
    return faults + [fault for c in facts.get("holds", []) if (fault := broken(c, named))]


def broken(condition: str, synthetic: pd.DataFrame) -> str:
    """What is wrong with a condition in the rows without blanks; empty where it holds."""
    try:
        rows = int((~synthetic.dropna().eval(condition, engine="python")).sum())
    except (NameError, TypeError, KeyError, AttributeError) as error:
        return f"'{condition}' cannot be checked ({type(error).__name__})"
    return f"'{condition}' is broken in {rows} rows" if rows else ""


def invented(real: pd.DataFrame, synthetic: pd.DataFrame) -> list[str]:
    """Columns of few values with one that no patient has."""
    faults = []
    for name in set(real) & set(synthetic) - {"duration"}:
        own, made = real[name].dropna(), synthetic[name].dropna()
        if not (pd.api.types.is_numeric_dtype(own) and pd.api.types.is_numeric_dtype(made)):
            continue
        if own.nunique() <= FEW_VALUES and (count := int((~made.isin(own)).sum())):
            faults.append(f"{count} values of {name} are invented")
    return faults


def orderings(real: pd.DataFrame, synthetic: pd.DataFrame) -> list[str]:
    """Orderings a <= b of two columns that the real rows keep and synthetic ones break."""
    numeric = [n for n in real.select_dtypes("number") if n in synthetic and n != "event"]
    numeric = [n for n in numeric if pd.api.types.is_numeric_dtype(synthetic[n])][:60]
    faults = []
    for a in numeric:
        for b in numeric:
            own = real[[a, b]].dropna()
            if a == b or len(own) < FEW or own[a].nunique() <= 2 or (own[a] > own[b]).any():
                continue
            chance = np.searchsorted(np.sort(own[b]), own[a]).mean()  # rows, were they unrelated
            if chance >= FEW:
                rows = int((synthetic[a] > synthetic[b]).sum())
                if rows:
                    faults.append(f"{a} <= {b} is broken in {rows} rows")
    return faults


def design(real: pd.DataFrame, synthetic: pd.DataFrame, kind: dict[str, str]) -> list[pd.DataFrame]:
    """Both designs: numerics in real SDs, dummies of levels with at least `FEW` rows, no alias."""
    columns: dict[str, tuple[pd.Series, pd.Series]] = {}
    for name in [name for name in real if name in synthetic and name not in OUTCOME]:
        own, made = same_levels(real[name], synthetic[name])
        as_text = kind.get(name) == "categorical" or not pd.api.types.is_numeric_dtype(own)
        if not as_text and pd.api.types.is_numeric_dtype(made):
            columns[name] = own.astype(float), made.astype(float)
            continue
        own, made = own.map(text), made.map(text)
        counts = own.value_counts()
        for level in sorted(counts.index[counts >= FEW])[1:]:
            dummy = [part.eq(level).astype(float).where(part.notna()) for part in (own, made)]
            columns[f"{name}={level}"] = dummy[0], dummy[1]
    frames = [pd.DataFrame({k: v[i] for k, v in columns.items()}) for i in (0, 1)]
    complete = frames[0].dropna()
    mean, sd = complete.mean(), complete.std()
    kept: list[str] = []
    for name in frames[0].columns[(sd > 0).to_numpy()]:
        z = ((complete[[*kept, name]] - mean) / sd)[[*kept, name]].to_numpy()
        if np.linalg.matrix_rank(z, tol=1e-6 * np.sqrt(len(z))) == z.shape[1]:
            kept.append(name)
        if len(kept) > min(MOST_TERMS, len(complete) // 2):
            return []
    return [((frame[kept] - mean[kept]) / sd[kept]) for frame in frames]


def same_levels(own: pd.Series, made: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Both columns, levels of the real one that were merged as `other`."""
    if pd.api.types.is_numeric_dtype(made):
        return own, made
    levels = set(made.dropna().map(text))
    if MERGED in levels:
        own = own.where(own.isna() | own.map(text).isin(levels), MERGED)
    return own, made


def text(value: object) -> object:
    """A level as its text, whole numbers without a point."""
    if isinstance(value, float) and value == value:
        return f"{value:g}"
    return str(value).strip() if value == value else np.nan


def refit(real: pd.DataFrame, synthetic: pd.DataFrame, kind: dict[str, str]) -> pd.Series:
    """Differences of log hazard ratios in real standard errors, complete cases; empty without."""
    designs = design(real, synthetic, kind)
    if not designs or designs[0].shape[1] == 0:
        return pd.Series(dtype=float)
    fits = []
    for terms, table in zip(designs, (real, synthetic), strict=True):
        frame = terms.join(table[OUTCOME].astype(float)).dropna()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fits.append(CoxPHFitter(penalizer=RIDGE).fit(frame, "duration", "event"))
            except (ArithmeticError, ValueError, np.linalg.LinAlgError):
                return pd.Series(dtype=float)
    error = (fits[1].params_ - fits[0].params_).abs() / fits[0].standard_errors_
    return error[fits[0].standard_errors_ < NO_ESTIMATE]
