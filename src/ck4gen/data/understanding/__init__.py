"""What the columns of a user's table are, decided by rule, said and editable."""

from ck4gen.data.understanding.column_plan import ASKED
from ck4gen.data.understanding.plan import Plan
from ck4gen.data.understanding.presentation import Presentation
from ck4gen.data.understanding.question import COMPETING, Question
from ck4gen.data.understanding.schema_file import SchemaFile, read_schema, schema_text
from ck4gen.data.understanding.screen import screen
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.understand import Understood, understand

__all__ = [
    "ASKED",
    "COMPETING",
    "Plan",
    "Presentation",
    "Question",
    "SchemaFile",
    "Understanding",
    "Understood",
    "read_schema",
    "schema_text",
    "screen",
    "understand",
]
