"""Cohorts from a shared sampler, where the real one never was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig

from ck4gen.config import check_complete
from ck4gen.data.schema import standard_error_factor
from ck4gen.data.table_files import writer_for
from ck4gen.experiments import store
from ck4gen.experiments.thread_limits import thread_limits
from ck4gen.methods.ck4gen.shared_sampler import FEWEST, load
from ck4gen.settings import InputError, true_or_false, whole_number
from ck4gen.written_file import check_file, replaced


@dataclass(frozen=True)
class Generated:
    """What was written.

    Attributes:
        table: File of the cohort.
        codebook: Its codebook.
        rows: Its rows.
        trained_on: Real rows behind it.
        factor: By how much naive standard errors are too small.
    """

    table: Path
    codebook: Path
    rows: int
    trained_on: int
    factor: float


def generate(config: DictConfig) -> Generated:
    """Draw a cohort and write it with its codebook.

    Args:
        config: ``conf/generate.yaml``, composed.

    Raises:
        InputError: A key is wrong, there is no sampler, or a file is in the way.
    """
    check_complete(config)
    if config.n is not None:
        whole_number("n", config.n, 1)
    whole_number("seed", config.seed, 0)
    true_or_false("force", config.force)
    out = Path(config.out).expanduser().absolute()
    write, book = writer_for(f"out={config.out}", out), out.with_suffix(".schema.yaml")
    for file in (out, book):
        check_file(f"out={config.out}", file)
        if file.exists() and not config.force:
            raise InputError(f"{file} is there already; name another out=, or set force=true")
    shared = load(sampler_file(config.run))
    with thread_limits(shared.threads):
        table = shared.sample(config.n, config.seed)
    codebook = shared.schema.codebook(len(table), shared.rows, shared.noise)
    if (shown := shared.presentation) is not None:
        table, codebook = shown.table(table), shown.codebook(codebook)
    with replaced(out) as cohort, replaced(book) as text:
        write(table, cohort)
        text.write_text(codebook, encoding="utf-8")
    factor = standard_error_factor(len(table), shared.rows, shared.noise)
    return Generated(out, book, len(table), shared.rows, factor)


def sampler_file(run: str) -> Path:
    """The sampler that ``run`` names: a run folder's, or the file itself.

    Raises:
        InputError: There is none.
    """
    path = Path(run).expanduser().absolute()
    file = path / store.SAMPLER if path.is_dir() else path
    if not file.is_file():
        raise InputError(
            f"run={run} holds no {store.SAMPLER}; method=ck4gen_free writes one, with "
            f"groups, events and censored patients of at least {FEWEST}"
        )
    return file
