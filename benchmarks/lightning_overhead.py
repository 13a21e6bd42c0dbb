"""Cost of Lightning: both stages under the Trainer against bare PyTorch loops of the same steps.

    python benchmarks/lightning_overhead.py [whas500 | gbsg2 | actg320 | flchain] [repeats]

The target is a ratio of at most 1.5, in CPU seconds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterable

import torch

from ck4gen.config import built, defaults
from ck4gen.methods.ck4gen.ck4gen import CK4Gen
from ck4gen.methods.ck4gen.stages import latent_of
from ck4gen.models.training import threads


def cpu_seconds(task: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    task()
    return time.process_time() - start


def bare_loop(module: torch.nn.Module, loader: Iterable[dict], steps: int) -> None:
    """The same loss, optimiser, schedule and batches without a Trainer."""
    configured = module.configure_optimizers()
    optimizer, schedule = configured["optimizer"], configured["lr_scheduler"]["scheduler"]
    module.train().requires_grad_()  # a finished stage is frozen
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


def main(name: str, repeats: int) -> None:
    """Print the ratio of CPU seconds."""
    data = built(defaults(f"data={name}")["data"])
    data.setup()
    lightning, bare = [], []
    for seed in range(repeats):
        method = CK4Gen()
        lightning.append(cpu_seconds(lambda seed=seed, method=method: method.fit(data, seed=seed)))
        stages = (
            (method.encoder, method.encoder_settings.steps),
            (method.decoder, method.decoder_settings.steps),
        )
        cohort = data.encode(method.settings.numeric)
        cohort = cohort.with_tensors(latent=latent_of(method.encoder, cohort.tensors["x"]))
        with threads(1):
            bare.append(
                sum(
                    cpu_seconds(lambda m=m, n=n, c=cohort: bare_loop(m, c.loader(None, n, 0), n))
                    for m, n in stages
                )
            )
    ratio = statistics.median(lightning) / statistics.median(bare)
    print(
        f"{name}: Lightning {statistics.median(lightning):.2f} s, "
        f"bare loop {statistics.median(bare):.2f} s, ratio {ratio:.2f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default="whas500")
    parser.add_argument("repeats", nargs="?", type=int, default=3)
    arguments = parser.parse_args()
    main(arguments.data, arguments.repeats)
