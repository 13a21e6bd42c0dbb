"""A user's own cohort, from a file or a DataFrame."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from copy import copy
from pathlib import Path
from typing import Any

import pandas as pd

from ck4gen.data.datamodule import Parts, SurvivalDataModule, tidy
from ck4gen.data.duration_rules import SUPPORT, duration_rules
from ck4gen.data.public_reading import names_read, read_publicly
from ck4gen.data.public_table import PublicTable
from ck4gen.data.public_table_file import read_public_table
from ck4gen.data.reading import Source, as_source, read_table_file
from ck4gen.data.reading.by_names import read_by_names
from ck4gen.data.rule_search import MOST_COLUMNS, find_rules
from ck4gen.data.rule_words import requested_rules
from ck4gen.data.rules import Rule
from ck4gen.data.understanding import (
    ASKED,
    Question,
    SchemaFile,
    Understanding,
    read_schema,
    understand,
)
from ck4gen.data.understanding.understand import raw_columns
from ck4gen.settings import at_least

LEFT_OUT = "left out"
WITHHELD = (
    "{}, but fewer than 10 patients stand behind a cut: it is not held; to hold it, write it with "
    "its cuts under rules of the schema file"
)
NAMED = 5  # columns that a warning names


class FrameDataModule(SurvivalDataModule):
    """A cohort in memory; what its columns are is decided by rule, see :class:`Plan`.

    ``rule_sentences`` holds the rules of the schema file in words, None where it names none.
    ``public`` is the description by which alone the rows were read, None where that was by rule.

    Args:
        frame: One row per patient, of pandas or any library with the dataframe interchange
            protocol: covariates, a duration and an event column.
        duration: Name of the column of times (any unit, at least 0), or of the date of their end.
        event: Name of the event column.
        max_levels: Most levels of a column; None for the packaged number.
        entry_date: Name of the column of entry dates, where ``duration`` names a date.
        entry: Name of the column of times at which patients came under observation, where that
            was late (left truncation).
        strata: Columns by which Cox models are stratified.
        cluster: Not supported; the refusal says what is.
        event_of_interest: Value of the event column that is the event; None: by rule.
        censored: Value of the event column in which nothing happened; None: by rule.
        competing: ``keep`` causes other than the event, or ``censor`` them.
        drop: Columns to leave out.
        schema: A schema file: how columns are read.
        missing: ``keep`` blanks as indicator columns beside imputed values, ``impute`` or
            ``refuse`` them.
        understanding: Keys of ``data.understanding``; those left out are the packaged ones.
        public: A file with what is publicly known of the table, or a ``private_release.json``: each
            row is read by it and by itself, as a formal guarantee needs, and nothing by rule. Its
            columns alone are read; blanks are what it says.
        **split: See :class:`SurvivalDataModule`.

    Raises:
        TableFaults: The table cannot be used; every reason is named.
    """

    def __init__(
        self,
        frame: Any,
        duration: str,
        event: str,
        max_levels: int | None = None,
        *,
        entry_date: str | None = None,
        entry: str | None = None,
        strata: str | Collection[str] = (),
        cluster: str | None = None,
        event_of_interest: str | None = None,
        censored: str | None = None,
        competing: str = "keep",
        drop: Collection[str] = (),
        schema: str | None = None,
        missing: str = "refuse",
        understanding: Mapping | None = None,
        public: str | Path | None = None,
        **split: Any,
    ) -> None:
        super().__init__(**split)
        if max_levels is not None:
            at_least("data.max_levels", max_levels, 2)
        schema_file = SchemaFile({}, None) if schema is None else read_schema(schema)
        question = Question(
            str(duration),
            str(event),
            entry_date,
            event_of_interest,
            censored,
            competing,
            tuple(drop),
            schema_file.columns,
            missing,
            entry,
            (strata,) if isinstance(strata, str) else tuple(strata),
            cluster,
        )
        question = schema_file.completed(question)
        self.public: PublicTable | None = (
            None if public is None else read_public_table(Path(public))
        )
        source = self._source(frame, question)
        self.understanding = Understanding.of(max_levels, understanding)
        understood = (
            understand(source, question, self.understanding)
            if self.public is None
            else read_publicly(source, question, self.public, self.understanding)
        )
        self.rule_sentences = schema_file.rules
        self._question = question
        self.plan, self.table, self.schema = understood.plan, understood.table, understood.schema
        self.presentation = understood.plan.presentation
        self._as_read = understood.schema  # setup leaves terms out and adds rules
        self._filled: dict[int, pd.DataFrame] = {}  # all rows without blanks, by seed
        self.notes = source.notes
        self._say_dropped()

    def _source(self, frame: Any, question: Question) -> Source:
        """The cells as they were given."""
        return as_source(frame)

    @property
    def columns_read(self) -> list[str]:
        """The user's columns that a public description has looked at."""
        return [] if self.public is None else names_read(self.public, self._question)

    def _say_dropped(self) -> None:
        if dropped := [
            f"{c.name} ({c.drop})" for c in self.plan.columns if c.drop and c.drop != ASKED
        ]:
            more = f" and {len(dropped) - NAMED} more" * (len(dropped) > NAMED)
            warnings.warn(f"{LEFT_OUT}: {', '.join(dropped[:NAMED])}{more}", stacklevel=3)

    def split_anew(self, split: str, holdout: float, split_seed: int) -> FrameDataModule:
        """The same table, read, understood and filled once, to set up with another part held out.

        It says again what is left out, as a table does that is read.
        """
        self._say_dropped()
        other = copy(self)
        SurvivalDataModule.__init__(other, split, holdout, split_seed)
        other.schema = self._as_read
        return other

    def load(self) -> pd.DataFrame:
        """The clean table, outcome columns renamed to ``duration`` and ``event``."""
        return self.table

    def imputed(self, train: pd.DataFrame, holdout: pd.DataFrame | None) -> Parts:
        """Both parts without blanks, filled by what the training rows tell."""
        if not self.table.isna().any(axis=None):
            return train, holdout
        from ck4gen.data.mixed_imputer import MixedImputer  # scikit-learn, a second for blanks only

        seed = self.split_seed
        if holdout is None and seed in self._filled:
            return self._filled[seed], None
        imputer = MixedImputer(self.schema, seed, self.understanding.impute_rows).fit(train)
        filled = imputer.transform(train)
        if holdout is not None:
            return filled, imputer.transform(holdout)
        self._filled[seed] = filled
        return filled, None

    def rules(self, known: pd.DataFrame) -> tuple[Rule, ...]:
        """Rules between the user's columns, of cells that are no blank: an imputed one obeys none.

        Args:
            known: The training rows before they are imputed.

        Raises:
            TableFaults: A rule of the schema file is not understood, or real rows break it.
        """
        if self.public is not None:  # it alone says what holds of every row
            return ()
        found = find_rules(known, self.schema)
        table_rules = found.rules
        called = self.plan.duration_name
        # what is asked for need not stand out
        support = SUPPORT if self.rule_sentences is None else 0
        beside = duration_rules(known, self.schema, table_rules, called, support)
        if self.rule_sentences is None:
            for words in found.withheld:
                warnings.warn(WITHHELD.format(words), stacklevel=2)
            return (
                (*beside, *table_rules) if len(self.schema.columns) <= MOST_COLUMNS else table_rules
            )
        data_rules = (*beside, *table_rules)
        return requested_rules(
            self.rule_sentences, data_rules, tidy(self.table, self.schema), self.schema
        )

    def recoded(self, table: pd.DataFrame) -> pd.DataFrame:
        """Another table with the user's columns as this one is coded; cells that don't fit stay.

        Args:
            table: (m, p + 2) rows.
        """
        if self.public is not None:
            read = read_publicly(as_source(table), self._question, self.public, self.understanding)
            return read.table
        raw = raw_columns(as_source(table))
        clean, outcome = self.plan.covariates(raw)[0], self.plan.outcome(raw)
        for name in clean:
            clean[name] = clean[name].where(clean[name].notna(), raw[str(name)].values)
        return pd.concat([clean.rename(columns=self.plan.internal), outcome], axis=1)


class CSVDataModule(FrameDataModule):
    """A cohort in a file.

    Args:
        path: The file: delimited text, Excel, Parquet, Stata, SPSS, SAS or R.
        duration: Name of the duration column.
        event: Name of the event column.
        max_levels: Most levels of a column.
        **keys: See :class:`FrameDataModule`.
    """

    def __init__(self, path: str, duration: str, event: str, max_levels: int, **keys: Any) -> None:
        super().__init__(path, duration, event, max_levels, **keys)

    def _source(self, frame: Any, question: Question) -> Source:
        """The cells of the file; under a public description those of its columns, row by row."""
        if self.public is None:
            return read_table_file(frame)
        return read_by_names(frame, names_read(self.public, question))
