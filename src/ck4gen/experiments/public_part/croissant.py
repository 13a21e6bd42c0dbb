"""The table in the words of Croissant (MLCommons, version 1.0), as JSON-LD."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

VERSION = "http://mlcommons.org/croissant/1.0"
KEYWORDS = ["synthetic data", "survival analysis", "health"]


def croissant(about: dict) -> dict:
    """The metadata.

    Args:
        about: Of :func:`ck4gen.experiments.public_part.about.about`.
    """
    context = files(__package__).joinpath("croissant_context.json").read_text(encoding="utf-8")
    tables = [file for file in about["files"] if file["table"]]
    return {
        "@context": json.loads(context),
        "@type": "sc:Dataset",
        "conformsTo": VERSION,
        "name": about["title"],
        "description": described(about),
        "citeAs": f"{about['creator']}. {about['title']}, synthetic. {about['audited']}",
        "license": about["licence"],
        "creator": {"@type": "sc:Organization", "name": about["creator"]},
        "datePublished": about["audited"],
        "version": "1.0.0",
        "keywords": KEYWORDS,
        "isLiveDataset": False,
        "additionalProperty": [
            {"@type": "sc:PropertyValue", "name": name, "value": about[name]}
            for name in ("synthetic", "standard_error_factor")
        ],
        "distribution": [_file(file) for file in tables],
        "recordSet": [_records(file["name"], about) for file in tables],
    }


def described(about: dict) -> str:
    """What the table is, in a paragraph."""
    return " ".join([f"{about['rows']} synthetic rows.", about["may"], about["may_not"]])


def _file(file: dict) -> dict:
    return {
        "@type": "cr:FileObject",
        "@id": file["name"],
        "name": file["name"],
        "description": file["what"],
        "contentUrl": file["name"],
        "encodingFormat": "text/csv",
        "sha256": file["sha256"],
    }


def _records(file: str, about: dict) -> dict:
    name = Path(file).stem
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [
            _field(name, index, file, column) for index, column in enumerate(about["columns"])
        ],
    }


def _field(records: str, index: int, file: str, column: dict) -> dict:
    return {
        "@type": "cr:Field",
        "@id": f"{records}/{index}",  # a name may hold whatever the user wrote
        "name": column["name"],
        "description": explained(column),
        "dataType": f"sc:{data_type(column)}",
        "source": {"fileObject": {"@id": file}, "extract": {"column": column["name"]}},
    }


def explained(column: dict) -> str:
    """Meaning, unit and levels of a column, as far as they are known."""
    parts = [column["meaning"] or column["kind"]]
    parts += [f"unit {column['unit']}"] if column["unit"] else []
    parts += [f"one of {', '.join(map(str, column['levels']))}"] if column["levels"] else []
    parts += ["blank where missing"] if column["blanks"] else []
    return "; ".join(parts)


def data_type(column: dict) -> str:
    """Type of schema.org: Integer, Float, Boolean or Text."""
    levels = column["levels"]
    if column["kind"] == "numeric":
        return "Integer" if column["whole"] and not column["blanks"] else "Float"
    if levels and all(isinstance(level, bool) for level in levels):
        return "Text" if column["blanks"] else "Boolean"
    whole = levels and all(str(level).lstrip("-").isdigit() for level in levels)
    return ("Float" if column["blanks"] else "Integer") if whole else "Text"
