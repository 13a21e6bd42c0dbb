"""Tables and figures to files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from ck4gen.experiments.summary_marks import PARTLY
from ck4gen.markdown import markdown
from ck4gen.report.items import Figure, Interval, Number, Table

TEX = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}", "&": r"\&", "%": r"\%", "_": r"\_", "#": r"\#", "$": r"\$",
    "±": r"$\pm$", "<": r"$<$", ">": r"$>$", "≤": r"$\leq$", "≥": r"$\geq$", "|": r"$|$",
    "†": r"$^\dagger$", "²": r"$^2$", "³": r"$^3$", "µ": r"$\mu$", "μ": r"$\mu$",
    "°": r"$^\circ$", "√": r"$\surd$",
})  # fmt: skip


def write_table(table: Table, stem: Path) -> None:
    """Write ``<stem>.csv`` (plain numbers), ``.md`` and ``.tex`` (as printed)."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    flat(table.frame).to_csv(stem.with_suffix(".csv"), index=False)
    printed = table.frame.map(lambda cell: f"**{cell}**" if is_best(cell) else str(cell))
    escaped = printed.map(lambda text: text.replace("|", r"\|"))
    text = f"**{table.title}**\n\n{markdown(escaped)}\n{table.caption}\n"
    stem.with_suffix(".md").write_text(text, encoding="utf-8")
    stem.with_suffix(".tex").write_text(tex(table), encoding="utf-8")


def with_values(table: Table) -> Table:
    """A table without the columns of numbers in which no row has one; its caption names them.

    The caption says as well what the mark of numbers is that not every seed has.
    """
    empty = [
        heading
        for heading in table.frame
        if any(isinstance(cell, Number | Interval) for cell in table.frame[heading])
        and all(str(cell) == "-" for cell in table.frame[heading])
    ]
    frame = table.frame.drop(columns=empty)
    cells = [cell for heading in frame for cell in frame[heading]]
    partly = any(isinstance(cell, Number) and cell.mark for cell in cells)
    left_out = f"Left out, no run has a value: {', '.join(empty)}." if empty else ""
    caption = " ".join(filter(None, (table.caption, left_out, PARTLY if partly else "")))
    return replace(table, frame=frame, caption=caption)


def write_figure(figure: Figure, stem: Path, dpi: int) -> None:
    """Write ``<stem>.pdf`` (vector, fonts embedded) and ``.png``; its numbers as ``.csv``."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    # no creation date, so that the same runs give the same file
    figure.drawing.savefig(stem.with_suffix(".pdf"), metadata={"CreationDate": None})
    figure.drawing.savefig(stem.with_suffix(".png"), dpi=dpi)
    if figure.data is not None:
        figure.data.to_csv(stem.with_suffix(".csv"), index=False)


def is_best(cell: object) -> bool:
    """Whether a cell is a number that clearly wins its column."""
    return isinstance(cell, Number) and cell.best


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of cells as plain numbers: estimates and their SDs or limits side by side."""
    columns: dict[str, list[object]] = {}
    for heading in frame:
        cells = frame[heading]
        numeric = [cell for cell in cells if isinstance(cell, Number | Interval)]
        if not numeric:
            columns[heading] = list(cells)
            continue
        for suffix in dict.fromkeys(suffix for cell in numeric for suffix in cell.parts()):
            columns[heading + suffix] = [
                cell.parts().get(suffix) if isinstance(cell, Number | Interval) else cell
                for cell in cells
            ]
    return pd.DataFrame(columns).dropna(axis="columns", how="all")


def tex(table: Table) -> str:
    """A booktabs table, scaled to the text width (packages booktabs and graphicx)."""

    def escape(text: str) -> str:
        return text.translate(TEX)

    def cell(value: object) -> str:
        return rf"\textbf{{{escape(str(value))}}}" if is_best(value) else escape(str(value))

    frame = table.frame
    lines = [" & ".join(map(escape, frame.columns)) + r" \\", r"\midrule"]
    lines += [" & ".join(map(cell, row)) + r" \\" for row in frame.itertuples(index=False)]
    body = "\n".join(lines)
    return (
        "\\begin{table}\n\\centering\n"
        f"\\caption{{{escape(table.title)}. {escape(table.caption)}}}\n\\smallskip\n"
        f"\\resizebox{{\\textwidth}}{{!}}{{%\n\\begin{{tabular}}{{l{'r' * (frame.shape[1] - 1)}}}\n"
        f"\\toprule\n{body}\n\\bottomrule\n\\end{{tabular}}}}\n\\end{{table}}\n"
    )
