"""Write the tables of the README and the docs that come from results/*.csv.

    python benchmarks/docs_tables.py            # the pages, as results/tables.yaml says
    python benchmarks/docs_tables.py --check    # exit 1 where a page says something else

A table stands between two comments, ``<!-- table NAME -->`` and ``<!-- end of table -->``.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import pandas as pd
import yaml
from results_tables import LAYOUTS, read_results

from ck4gen.config import ROOT
from ck4gen.markdown import markdown

RESULTS = ROOT / "results"
PLACE = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end of table -->)", re.DOTALL)


def pages() -> list[Path]:
    """Pages that may hold tables."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def table(name: str, specification: dict, runs: pd.DataFrame) -> str:
    """A table in Markdown, and a line on the runs behind it."""
    keys = dict(specification)
    layout, split = LAYOUTS[keys.pop("layout")], keys.pop("split")
    methods = keys.get("methods") or [keys["method"]]
    shown = runs[(runs.split == split) & runs.method.isin(methods)]
    if other := keys.pop("judged", None):
        keys["judged"] = runs[(runs.split == other) & runs.method.isin(methods)]
    commits = ", ".join(f"`{commit}`" for commit in sorted(set(shown.commit)))
    source = f"{len(shown)} runs, split={split}, commit {commits}"
    return f"{markdown(layout(shown, **keys))}\n*{source}; `{name}` of results/tables.yaml.*\n"


def written(text: str, runs: pd.DataFrame, specifications: dict) -> str:
    """The text of a page with its tables as they should be."""

    def put(place: re.Match[str]) -> str:
        name = place[2]
        return f"{place[1]}\n{table(name, specifications[name], runs)}\n{place[3]}"

    return PLACE.sub(put, text)


def main() -> None:
    """Write the pages, or say which of them differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    runs = read_results(RESULTS)
    specifications = yaml.safe_load((RESULTS / "tables.yaml").read_text())
    stale = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        made = written(text, runs, specifications)
        if made != text:
            stale.append(str(page.relative_to(ROOT)))
            if not check:
                page.write_text(made, encoding="utf-8")
    print("\n".join(stale) or "all tables are as results/ says")
    sys.exit(bool(stale) and check)


if __name__ == "__main__":
    main()
