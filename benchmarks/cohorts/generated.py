"""Tables that hypothesis makes up, through the whole of `ck4gen synthesize`.

python benchmarks/cohorts/generated.py --tables 300

Each one has to end in a table that is valid, or in one sentence and an exit code that is not zero.
A traceback, an invented level, a code or an identifier that is released, a blank where the real
column has none, or a broken rule is a fault; faults are printed with the table that has them.
The generator is trained for a few steps only: this is about what comes out, not how good it is.
"""

import argparse
import contextlib
import io
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import yaml
from generated_tables import CODES, Made, tables
from hypothesis import HealthCheck, Phase, given, seed, settings

from ck4gen.cli.main import main as command
from ck4gen.data.user_table import FrameDataModule
from ck4gen.experiments import secret
from ck4gen.experiments.synthesize import configuration, understood
from ck4gen.guard.secret_weights import SECRET_LENGTH

SHORT = [
    "trainer=smoke", "trainer.limit_steps=3", "evaluation=fast",
    *(f"method.calibration.{key}" for key in ("least_norm_steps=3", "steps=3", "rounds=1")),
]  # fmt: skip


def synthesized(file: Path, out: Path, made: Made) -> tuple[str, str]:
    """`table`, `refusal` or `fault` of one table, and what was said."""
    line = ["synthesize", str(file), *SHORT, "--duration", made.duration, "--event", made.event]
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            command([*line, "--out", str(out)])
    except SystemExit as stopped:
        return _stopped(stopped.code, out)
    except Exception:  # whatever it is, a user would see a traceback
        return "fault", traceback.format_exc()
    return "table", said.getvalue()


def _stopped(code: object, out: Path) -> tuple[str, str]:
    if not isinstance(code, str) or not code.startswith("error: "):
        return "fault", f"exit code {code!r}"
    if out.exists():
        return "fault", f"something was left behind: {code}"
    return "refusal", code


def faults(made: Made, file: Path, out: Path) -> Iterator[str]:
    """What is wrong with the table that came out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keys = {"path": str(file), "duration": made.duration, "event": made.event}
        data, _ = understood(configuration(keys, ["method=ck4gen_free"]))
    book = yaml.safe_load((out / "share" / "codebook.yaml").read_text(encoding="utf-8"))
    read = pd.read_csv(out / "share" / "synthetic.csv", keep_default_na=False, na_values=[""])
    real = pd.read_csv(file, keep_default_na=False, na_values=[""]).rename(columns=str.strip)
    if list(read) != list(book["columns"]):
        yield f"columns {list(read)} are not those of the codebook"
    if len(read) != len(real):
        yield f"{len(read)} rows"
    yield from (f"{name} is released" for name in made.identifiers if name in read)
    text = "".join(p.read_text(encoding="utf-8") for p in (out / "share").iterdir())
    for name in made.identifiers:
        if any(str(key) in text for key in real[name] if len(str(key)) > 5):
            yield f"a value of {name} is released"
    if not set(read[made.event].map(str)) <= set(real[made.event].map(str)):
        yield "the event has new values"
    if not (read[made.duration] >= 0).all():
        yield "a time is below 0"
    called = {column.name: column.within for column in data.presentation.columns}
    for column in data.plan.kept:
        if called[column.name] not in data.schema.computed:  # may be larger than any patient's
            yield from _column(column.name, read[column.name], real[column.name], book)
    yield from _rules(data, read)


def _column(name: str, made: pd.Series, real: pd.Series, book: dict) -> Iterator[str]:
    """Faults of one column."""
    entry = book["columns"][name]
    if made.isna().any() and "missing" not in entry:
        yield f"{name} has blanks"
    if entry["kind"] == "categorical":
        levels = {str(level) for level in entry["levels"]}
        if new := set(made.dropna().map(str)) - levels:
            yield f"{name} has the levels {sorted(new)[:3]}"
        own = {" ".join(str(v).split()).casefold() for v in real.dropna()} | {"other"}
        own |= {str(int(v)) for v in pd.to_numeric(real, errors="coerce").dropna() if v == int(v)}
        parts = {part for level in levels for part in level.casefold().split(" or ")}
        if invented := parts - own:
            yield f"{name} has the invented levels {sorted(invented)[:3]}"
    elif entry["kind"] == "numeric" and not entry.get("unit", "").startswith("days since"):
        numbers = pd.to_numeric(real, errors="coerce")
        known = numbers[~numbers.isin(CODES)].dropna()
        cells = pd.to_numeric(made, errors="coerce").dropna()
        beside = entry.get("step", 0) / 2  # odd cells are moved to the grid
        low, high = min(known.min(), 0) - beside, known.max() + beside
        if known.size and not cells.between(low, high).all():
            yield f"{name} leaves the real range"
        if cells.isin(CODES).any() and not known.isin(CODES).any():
            yield f"a code of {name} is released"
        if "values" in entry and not cells.isin(entry["values"]).all():
            yield f"{name} has values of its own"


def _rules(data: FrameDataModule, made: pd.DataFrame) -> Iterator[str]:
    coded = data.recoded(made)
    columns = {
        c.name: coded[c.name].to_numpy(object if c.kind == "categorical" else float)
        for c in data.schema
        if c.name in coded
    }
    for c in data.schema:
        if c.blank_of:  # the file has blanks, and not their indicator
            columns[c.name] = coded[c.blank_of[0]].isna().to_numpy(float)
    for rule in data.schema.rules:
        with np.errstate(invalid="ignore"):
            if (rows := rule.broken(columns)).any():
                yield f"{rows.sum()} rows break '{rule.sentence}'"


def run(count: int, number: int, show: bool) -> list[str]:
    """Make and judge `count` tables; one line of each fault, with its table."""
    found: list[str] = []
    ends: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(tables())
    def one(made: Made) -> None:
        # the same secret for the same table of the same seed, so that a fault comes again
        known = np.random.default_rng([number, ends.total()]).bytes(SECRET_LENGTH)
        with (
            tempfile.TemporaryDirectory() as folder,
            warnings.catch_warnings(),
            patch.object(secret, "new_secret", lambda: known),
        ):
            warnings.simplefilter("ignore")
            file, out = Path(folder, "made.csv"), Path(folder, "out")
            made.frame.to_csv(file, index=False)
            end, said = synthesized(file, out, made)
            wrong = [said] if end == "fault" else []
            if end == "table":
                wrong = list(faults(made, file, out))
        ends[end] += 1
        found.extend(f"{made.story}\n  {what}" for what in wrong)
        if show:
            first = said.splitlines()[0] if end == "refusal" else ""
            print(f"{sum(ends.values())}: {end} {made.story} {first} {wrong or ''}", flush=True)

    one()
    print(f"{sum(ends.values())} tables: {dict(ends)}, {len(found)} faults")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    wrong = run(parser.parse_args().tables, parser.parse_args().seed, show=True)
    sys.exit("\n".join(wrong) or 0)
