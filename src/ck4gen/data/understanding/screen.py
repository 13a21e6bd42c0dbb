"""The plan on one screen: for the custodian, since it shows counts and extremes of real rows."""

from __future__ import annotations

from collections.abc import Sequence

from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.plan import Plan

LINE = 110  # characters of a line
COLUMNS_SHOWN = 40
PRIVATE = (
    "The plan shows counts and extremes of real patients: it is for the custodian of the data, "
    "not for the recipient."
)


def screen(plan: Plan, rules: Sequence[str] = (), warnings: Sequence[str] = ()) -> str:
    """The plan as text: the outcome, each column, what is left out, what to look at.

    Args:
        plan: The plan.
        rules: Rules between columns that every synthetic row keeps.
        warnings: What else the user should know.
    """
    share = plan.events / max(plan.rows, 1)
    event = f"'{plan.event.name}' is {plan.event.happened}"
    reason = f" ({plan.event.reason})" if plan.event.reason else ""
    lines = [
        f"{plan.rows} rows, {plan.events} events ({share:.0%}): {event}{reason}",
        *competing(plan),
        f"median follow-up {plan.follow_up:g}: {_time(plan)}",
        *at_risk(plan),
        "",
    ]
    kept = plan.kept
    lines += [_column(column) for column in kept[:COLUMNS_SHOWN]]
    if len(kept) > COLUMNS_SHOWN:
        lines.append(f"  ... and {len(kept) - COLUMNS_SHOWN} more, see schema.yaml")
    if told := [f"  {c.name}: {c.meaning}" for c in kept if c.meaning]:
        lines += ["", "goes to the recipient, as the meaning of a column:", *told[:COLUMNS_SHOWN]]
        if len(told) > COLUMNS_SHOWN:
            lines.append(f"  ... and {len(told) - COLUMNS_SHOWN} more, see schema.yaml")
    dropped = [column for column in plan.columns if column.drop]
    if dropped:
        lines += ["", "left out:"]
        lines += [_cut(f"  {_left_out(column)}") for column in dropped[:COLUMNS_SHOWN]]
        if len(dropped) > COLUMNS_SHOWN:
            lines.append(f"  ... and {len(dropped) - COLUMNS_SHOWN} more, see schema.yaml")
    if rules:
        lines += ["", "holds in every row, real and synthetic:"]
        lines += [_cut(f"  {rule}") for rule in rules[:COLUMNS_SHOWN]]
    notes = [*plan.event.notes, *plan.duration.notes, *plan.notes, *warnings]
    if notes:
        lines += ["", "please look at:", *(_cut(f"  {note}", 2 * LINE) for note in notes)]
    return "\n".join([*lines, "", PRIVATE])


def competing(plan: Plan) -> list[str]:
    """A line for each cause that competes with the event."""
    return [
        f"{number} rows ({number / max(plan.rows, 1):.0%}) with a competing cause: {cause}"
        for cause, number in zip(plan.event.causes, plan.competing, strict=True)
    ]


def at_risk(plan: Plan) -> list[str]:
    """A line for delayed entry, and one for strata."""
    late = f"delayed entry: each row is at risk after '{plan.entry}', up to its time"
    return [late] * bool(plan.entry) + [plan.stratification] * bool(plan.stratification)


def _time(plan: Plan) -> str:
    if plan.duration.entry:
        return f"days from {plan.duration.entry} to {plan.duration.name}"
    return f"'{plan.duration.name}', unit {plan.duration.unit}"


def _left_out(column: ColumnPlan) -> str:
    return f"{column.name}: {column.drop}" + f" ({column.facts})" * bool(column.facts)


def _column(column: ColumnPlan) -> str:
    parts = [f"{column.kind}, {column.facts}" if column.facts else column.kind]
    if column.missing:
        parts.append(f"blank where {', '.join(column.missing)}")
    parts += column.notes
    return _cut(f"  {column.name}: " + "; ".join(parts), 2 * LINE)


def _cut(line: str, most: int = LINE) -> str:
    return line if len(line) <= most else line[: most - 3] + "..."
