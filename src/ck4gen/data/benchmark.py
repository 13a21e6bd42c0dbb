"""A public cohort as a LightningDataModule."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from pytorch_lightning import LightningDataModule

from ck4gen.data.benchmark_keys import check_coding
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import Schema


@cache
def read_once(load: Callable[..., tuple[Any, Any]], **keys: Any) -> tuple[Any, Any]:
    """A data set of scikit-survival, not to be changed: its file is parsed once in a process.

    Args:
        load: A function of ``sksurv.datasets``.
        **keys: Its arguments.
    """
    return load(**keys)


class Benchmark(SurvivalDataModule, LightningDataModule):
    """A public cohort in two codings.

    Args:
        coding: ``paper`` (the authors' covariates) or ``raw`` (scikit-survival's columns).
        **split: See :class:`SurvivalDataModule`.
    """

    schemas: ClassVar[dict[str, Schema]]

    def __init__(self, coding: str = "paper", **split: Any) -> None:
        LightningDataModule.__init__(self)
        SurvivalDataModule.__init__(self, **split)
        check_coding(coding)
        self.coding = coding
        self.schema = self.schemas[coding]

    def lightning(self) -> LightningDataModule:
        """Itself."""
        return self

    @property
    def public_file(self) -> Path:
        """Where what is publicly known of its table would stand, see :class:`PublicTable`."""
        name = type(self).__name__.removesuffix("DataModule").lower()
        return Path(__file__).parent / "benchmarks" / "public" / f"{name}_{self.coding}.yaml"
