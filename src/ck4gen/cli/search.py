"""``ck4gen search``: hyper-parameters by several metrics, within bounds."""

from __future__ import annotations

from omegaconf import DictConfig

from ck4gen.cli.count_bar import count_bar, how_long
from ck4gen.experiments.expected import expected
from ck4gen.markdown import markdown
from ck4gen.printed import print_frame
from ck4gen.settings import require


def search(config: DictConfig) -> None:
    """Run the trials that are missing and print the best, none better than another."""
    require("optuna", "sweeps", "ck4gen search")
    from ck4gen.experiments import search as searches

    run, runs = expected(config), len(searches.settings_of(config).seeds)

    def header(trials: int) -> str:
        return (
            f"{config.data.name}, {config.method.name}, split={config.split}, search: {trials} "
            f"trials of {runs} run{'s' * (runs > 1)} each: {how_long(run, trials * runs, 'run')}"
        )

    with count_bar("trials", config.search.trials, header, runs * run.total) as progress:
        folder, settings, table = searches.search(config, progress)
    best = table[table["best"]].sort_values(settings.objectives[0])
    if best.empty:
        bounds = ", ".join(f"{b['metric']} at most {b['at_most']}" for b in settings.bounds)
        print(f"no configuration keeps the bounds: {bounds}")
    else:
        front = best[["trial", *settings.metrics]].round(3)
        front["overrides"] = [searches.overrides(row, settings) for _, row in best.iterrows()]
        print("none of these is better than another on every objective:\n")
        print_frame(front)
        (folder / "front.md").write_text(markdown(front))
    print(f"every trial: {folder}/trials.csv")
