"""A sampler as one file that holds no row of the real data; docs/sharing.md says what it holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from ck4gen.calibration.conditions import Conditions
from ck4gen.calibration.hazard_calibration import HazardCalibration
from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.data.schema import Schema
from ck4gen.data.understanding import Presentation
from ck4gen.importing import importing
from ck4gen.methods.ck4gen.sampler import Sampler
from ck4gen.methods.draw import Draw
from ck4gen.methods.state_file import read_state
from ck4gen.models.training import threads
from ck4gen.settings import InputError

FORMAT = 20
PARTS = "ck4gen.methods.ck4gen."
FEWEST = 10  # patients behind an average, curve or model in a shared file


@dataclass(frozen=True)
class SharedSampler:
    """A restored sampler.

    Attributes:
        sampler: It.
        schema: Columns of its cohorts.
        rows: Real rows that it was fitted on.
        noise: Noise of its guard, relative to a bootstrap's.
        threads: CPU threads that its fit used; the last bits of a sum depend on them.
        presentation: How the user knows her own table; None of a public cohort.
    """

    sampler: Sampler
    schema: Schema
    rows: int
    noise: float
    threads: int
    presentation: Presentation | None

    def sample(self, n: int | None, seed: int) -> pd.DataFrame:
        """Draw a cohort as the method would.

        Args:
            n: Rows; None for as many as it was fitted on.
            seed: Seed of the draw.
        """
        with threads(self.threads):
            table, _ = self.sampler.sample(Draw(self.rows, n, seed))
        return table[self.schema.table_names].reset_index(drop=True)


def pack(
    sampler: Sampler, rows: int, noise: float, threads: int, presentation: Presentation | None
) -> dict:
    """The sampler as plain dicts of tensors, numbers and texts.

    Args:
        sampler: One whose latents and outcomes keep no row, with a quantile map for every numeric.
        rows: Real rows that it was fitted on.
        noise: Noise of its guard.
        threads: CPU threads that its fit used.
        presentation: How the user knows her own table.
    """
    calibration = None
    if sampler.calibration is not None:
        calibration = {
            "conditions": sampler.calibration.conditions.to_state(),
            "settings": asdict(sampler.calibration.settings),
        }
    return {
        "format": FORMAT,
        "ck4gen": version("ck4gen"),
        "rows": rows,
        "noise": noise,
        "threads": threads,
        "presentation": None if presentation is None else presentation.to_state(),
        "decoder": sampler.decoder.to_state(),
        "record_decoder": sampler.record_decoder.to_state(),
        "latents": {"class": qualified(sampler.latents)} | sampler.latents.to_state(),
        "residuals": {"class": qualified(sampler.residuals)} | sampler.residuals.to_state(),
        "outcomes": {"class": qualified(sampler.outcomes)} | sampler.outcomes.to_state(),
        "calibration": calibration,
    }


def unpack(state: dict) -> SharedSampler:
    """The sampler of :func:`pack`."""
    with importing():
        from ck4gen.models.decoder_module import DecoderModule  # Lightning, which takes seconds

    record_decoder = RecordDecoder.from_state(state["record_decoder"])
    schema, residuals = record_decoder.record_encoder.schema, state["residuals"]
    calibration = None
    if (target := state["calibration"]) is not None:
        calibration = HazardCalibration(
            Conditions.from_state(target["conditions"], schema),
            CalibrationSettings(**target["settings"]),
        )
    sampler = Sampler(
        DecoderModule.from_state(state["decoder"]),
        record_decoder,
        class_of(state["latents"]).from_state(state["latents"]),
        class_of(residuals)(**{k: value for k, value in residuals.items() if k != "class"}),
        class_of(state["outcomes"]).from_state(state["outcomes"], schema),
        calibration,
    )
    shown = state["presentation"]
    return SharedSampler(
        sampler,
        schema,
        state["rows"],
        state["noise"],
        state["threads"],
        None if shown is None else Presentation.from_state(shown),
    )


def qualified(part: object) -> str:
    """Module and name of the class of ``part``."""
    return f"{type(part).__module__}:{type(part).__qualname__}"


def class_of(state: dict) -> Any:
    """The class that a part of a file names; only one of this package is imported.

    Raises:
        InputError: It names another one.
    """
    module, _, name = state["class"].partition(":")
    if not module.startswith(PARTS):
        raise InputError(f"the sampler names the class {state['class']}, which is none of ck4gen")
    return getattr(import_module(module), name)


def load(file: Path) -> SharedSampler:
    """Read a sampler's file; nothing in it is executed.

    Raises:
        InputError: It is no such file, or one of another format.
    """
    return unpack(read_state(file, "sampler", "format", FORMAT))
