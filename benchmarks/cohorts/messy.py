"""Tables as people have them, each with the outcome that a person expects.

python benchmarks/cohorts/messy.py outputs/cohorts/messy

Writes the tables and `expected.yaml`. Every table starts from the same plausible cohort, made from
a seed, and has one thing that real tables have and clean examples do not. The cases stand in
`messy_files.py` (how a table is stored), `messy_values.py` (what stands in its cells),
`messy_designs.py` (what its columns are to each other and to the outcome) and `messy_exports.py`
(what registries, trials and spreadsheets export).
"""

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROWS = 400
# they register their cases; the seed of a case is its place, so that new ones come last
MODULES = ("messy_designs", "messy_files", "messy_values", "messy_exports")


@dataclass
class Case:
    """One messy table and what a person expects of it.

    Attributes:
        content: The table, written as plain CSV, or the bytes of the file.
        outcome: `table` or `refusal`.
        names: A column that a refusal has to name.
        duration: Name of the column of times.
        event: Name of the column of events.
        ending: Ending of the file's name.
        dropped: Columns that may not be released.
        kept: Columns that must be in the synthetic table; None for all others.
        kinds: Kind of some columns in the codebook.
        levels: Levels that some columns may have, missing aside.
        missing: Share of blanks of some columns.
        own_values: Columns that may have values of the real column only.
        holds: Conditions (pandas) that hold in every row without blanks.
        events: Events of the real table, where the coding makes them doubtful.
        happened: The value of the event column that is the event.
    """

    content: pd.DataFrame | bytes
    outcome: str = "table"
    names: str = ""
    duration: str = "days"
    event: str = "died"
    ending: str = ".csv"
    dropped: list[str] = field(default_factory=list)
    kept: list[str] | None = None
    kinds: dict[str, str] = field(default_factory=dict)
    levels: dict[str, list[str]] = field(default_factory=dict)
    missing: dict[str, float] = field(default_factory=dict)
    own_values: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    events: int | None = None
    happened: str = "1"


def cohort(rng: np.random.Generator, rows: int = ROWS) -> pd.DataFrame:
    """A clean cohort: age, sex, stage, marker, and an outcome that depends on them."""
    age = rng.normal(62, 11, rows).round().clip(25, 92).astype(int)
    sex = rng.choice(["female", "male"], rows)
    stage = rng.choice(["I", "II", "III"], rows, p=[0.4, 0.35, 0.25])
    marker = rng.lognormal(1.5, 0.6, rows).round(1)
    risk = 0.03 * (age - 62) + 0.3 * (sex == "male") + 0.4 * (stage == "III") + 0.03 * marker
    happens = rng.weibull(1.2, rows) * 1500 * np.exp(-risk / 1.2)
    stops = rng.uniform(200, 2500, rows)
    return pd.DataFrame(
        {
            "age": age,
            "sex": sex,
            "stage": stage,
            "marker": marker,
            "days": np.minimum(happens, stops).round().clip(1).astype(int),
            "died": (happens <= stops).astype(int),
        }
    )


CASES: dict[str, Callable[[np.random.Generator], Case]] = {}


def case(make: Callable[[np.random.Generator], Case]) -> Callable[[np.random.Generator], Case]:
    """Register a case under the name of its function."""
    CASES[make.__name__] = make
    return make


def main(target: Path) -> None:
    """Write every case and `expected.yaml`."""
    for module in MODULES:
        import_module(module)
    target.mkdir(parents=True, exist_ok=True)
    expected = {}
    for number, (name, make) in enumerate(CASES.items()):
        made = make(np.random.default_rng(number))
        file = target / f"{name}{made.ending}"
        if isinstance(made.content, bytes):
            file.write_bytes(made.content)
        else:
            made.content.to_csv(file, index=False)
        facts = {key: value for key, value in asdict(made).items() if key != "content"}
        expected[name] = {"file": file.name} | facts
    (target / "expected.yaml").write_text(yaml.safe_dump(expected, sort_keys=False))
    print(f"{len(expected)} tables in {target}")


if __name__ == "__main__":
    sys.modules["messy"] = sys.modules["__main__"]  # the cases import it under its name
    main(Path(sys.argv[1]))
