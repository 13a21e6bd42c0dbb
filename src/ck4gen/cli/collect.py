"""``ck4gen collect``: mean and spread over the seeds of finished runs."""

from __future__ import annotations

import json
from pathlib import Path

from omegaconf import DictConfig

from ck4gen.experiments.command_words import output_words
from ck4gen.experiments.missing import few, missing_commands
from ck4gen.experiments.store import REPORT
from ck4gen.experiments.summary import SHARED, mixed_versions, read_runs, summary
from ck4gen.experiments.summary_marks import below, page
from ck4gen.printed import print_frame


def collect(config: DictConfig) -> None:
    """Print the table of a split, write it beside the runs and name the runs that are missing."""
    folder = Path(config.output_dir).expanduser().absolute()
    table = read_runs(folder, config.split, list(config.metrics))
    means = summary(table, config.spread)
    table.to_csv(folder / f"summary_{config.split}.csv", index=False)
    (folder / f"summary_{config.split}.md").write_text(page(means))
    print_frame(means)
    for line in below(means):
        print(line)
    more = [*table.attrs[SHARED], *output_words(folder)]
    for command in few(missing_commands(table, more=more)):
        print(f"missing: {command}")
    files = folder.glob(f"runs/*/*/{config.split}/seed=*/{REPORT}")
    reports = (json.loads(file.read_text()) for file in files)
    for sentence in mixed_versions(reports, folder):
        print(f"warning: {sentence}")
    print(f"one row a run: {folder}/summary_{config.split}.csv")
