"""Cost of Lightning: every stage under the Trainer against a bare PyTorch loop of the same steps.

    python benchmarks/lightning_overhead.py [whas500 | gbsg2 | ...] [ck4gen | ck4gen_free] [repeats]

Both train copies of the same module on the same batches, one right after the other. A target is a
ratio of at most 1.2 over all stages, in CPU seconds.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from statistics import median

import torch
from pytorch_lightning import LightningModule
from torch.utils.data import DataLoader

from ck4gen.config import built, defaults
from ck4gen.models.training import Training, threads


def cpu_seconds(task: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    task()
    return time.process_time() - start


def bare_loop(module: LightningModule, loader: DataLoader, steps: int) -> None:
    """The same loss, optimiser, schedule and batches without a Trainer."""
    module.trainer = Named(loader)
    module.log = lambda *_: None
    configured = module.configure_optimizers()
    optimizer, schedule = configured["optimizer"], configured["lr_scheduler"]["scheduler"]
    module.on_train_start()
    done = 0
    while done < steps:
        for batch in loader:
            optimizer.zero_grad()
            module.training_step(batch, done).backward()
            optimizer.step()
            schedule.step()
            done += 1
            if done == steps:
                break


class Named:
    """What a module asks a Trainer for: the rows that it trains on."""

    def __init__(self, loader: DataLoader) -> None:
        self.train_dataloader = loader


def main(data: str, method: str, repeats: int) -> None:
    """Print seconds and ratio of each stage and of all."""
    seconds: dict[str, list[tuple[float, float]]] = defaultdict(list)
    under_trainer = Training._train

    def both(
        self: Training, module: LightningModule, loader: DataLoader, stage: str, steps: int
    ) -> int:
        copied = deepcopy((module, loader))
        with threads(self.settings.threads):
            bare = cpu_seconds(lambda: bare_loop(*copied, steps))
        trainer = cpu_seconds(lambda: under_trainer(self, module, loader, stage, steps))
        seconds[stage].append((trainer, bare))
        return steps

    Training._train = both  # type: ignore[method-assign]
    for seed in range(repeats + 1):
        built(defaults(f"method={method}")["method"]).fit(
            built(defaults(f"data={data}")["data"]), seed=seed
        )
        if seed == 0:
            seconds.clear()  # it had the imports
    seconds["all stages"] = [
        (sum(t for t, _ in run), sum(b for _, b in run))
        for run in zip(*seconds.values(), strict=True)
    ]
    for stage, runs in seconds.items():
        trainer, bare = (median(column) for column in zip(*runs, strict=True))
        print(
            f"{data} {stage}: Lightning {trainer:.2f} s, bare loop {bare:.2f} s, "
            f"ratio {trainer / bare:.2f}"
        )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default="whas500")
    parser.add_argument("method", nargs="?", default="ck4gen")
    parser.add_argument("repeats", nargs="?", type=int, default=3)
    given = parser.parse_args()
    main(given.data, given.method, given.repeats)
