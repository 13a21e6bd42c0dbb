"""Models trained on synthetic patients, tested on real ones held out."""

from __future__ import annotations

from ck4gen.report.items import Table
from ck4gen.report.registry import table
from ck4gen.report.results import Results
from ck4gen.report.seeds import over_seeds
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.style import title_of
from ck4gen.report.tables.comparison import (
    BOLD,
    GENERATOR,
    SEEDS,
    TIMES,
    Column,
    column,
    comparison,
)

MODELS = {"coxph": "Cox", "rsf": "Forest", "gbcox": "Boosting"}
SCORES = {"c_index": "C", "ibs": "IBS", "slope": "slope"}


@table(order=40)
def tstr(results: Results, dataset: str) -> Table:
    """Discrimination, integrated Brier score and slope of three models, audit runs."""
    runs = results.compared(dataset, "audit")
    columns = [
        column(f"utility/tstr/{key}/{name}", f"{model} {score}", ranked=False)
        for key, model in MODELS.items()
        for name, score in SCORES.items()
        if (key, name) == ("coxph", "slope") or name != "slope"
    ]
    loss = column("utility/loss/coxph/c_index", "Cox loss of C")
    frame = comparison(runs, [*columns, loss])
    longest = max(runs.values(), key=len)
    frame.loc[-1] = real_only(longest, columns) | {loss.heading: "-"}
    caption = (
        "Each model is trained on synthetic rows and tested on patients held out; 'Real only' is "
        "trained on the real ones. C: Harrell's, IBS: integrated Brier score, slope: calibration "
        "slope, 1 is right. Loss of C: real only minus synthetic, paired by split. " + BOLD
    )
    return Table(
        f"Train on synthetic, test on real, {title_of(dataset)}",
        caption,
        frame.sort_index(ignore_index=True),
        [results.command("train", dataset, "audit", list(runs))],
    )


def real_only(runs: list[StoredRun], columns: list[Column]) -> dict:
    """The row of models trained on real rows, which every run of the same split repeats."""
    return {
        GENERATOR: "Real only",
        SEEDS: str(len(runs)),
        TIMES: "-",
        **{
            column.heading: over_seeds(
                runs, column.metric.replace("/tstr/", "/trtr/"), column.digits
            )
            for column in columns
        },
    }
