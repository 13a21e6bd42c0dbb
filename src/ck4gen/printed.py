"""A table as whoever reads it wants it: ruled on a terminal, Markdown in a pipe or a file."""

from __future__ import annotations

import sys

import pandas as pd

from ck4gen.markdown import markdown


def print_frame(table: pd.DataFrame) -> None:
    """Print a table; what Markdown sets in bold is bold."""
    if not sys.stdout.isatty():
        print(markdown(table))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    shown = Table(*(escape(str(name)) for name in table.columns))
    for row in table.astype(str).itertuples(index=False):
        shown.add_row(*map(_styled, map(escape, row)))
    Console().print(shown)


def _styled(cell: str) -> str:
    inner = cell.removeprefix("**").removesuffix("**")
    return cell if inner == cell else f"[bold]{inner}[/bold]"
