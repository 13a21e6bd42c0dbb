"""The keys of the teacher; apart from it, so that a wrong one is refused without SciPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ck4gen.constraints import Above, AtLeast, NonNegative, Positive, check_fields


@dataclass(frozen=True)
class TeacherSettings:
    """The keys of ``conf/teacher``; each is described there."""

    penalizer: NonNegative
    strengths: tuple[float, ...]
    folds: Annotated[int, AtLeast(2)]
    events_per_term: NonNegative
    max_terms: Positive
    wide_terms: Positive
    wide_rows: Positive

    def most_terms(self, rows: int) -> int:
        """Terms that a design of so many rows may have."""
        return max(self.max_terms, self.wide_terms) if rows <= self.wide_rows else self.max_terms

    def __post_init__(self) -> None:
        object.__setattr__(self, "strengths", tuple(self.strengths))
        check_fields("method.teacher", self)
        for strength in self.strengths:
            Above(0).check("method.teacher.strengths", strength, float)
