"""What goes out with a table: complete, in two standards, and without a trace of the audit."""

import hashlib
import json
from datetime import date

import html5lib
import pandas as pd
import pytest
import yaml

from ck4gen.config import defaults
from ck4gen.experiments.card.review import card_settings, review
from ck4gen.experiments.public_part.write import write_public
from ck4gen.settings import InputError

LEAK = "MARKER"
NUMBER = 0.7654321
BOOK = {
    "rows": 2,
    "effective_n": 300,
    "standard_error_factor": 1.118,
    "columns": {
        "age <y>": {"kind": "numeric", "unit": "years", "integer": True, "missing": "blank"},
        "bmi": {"kind": "numeric", "unit": "not given", "integer": False},
        "sex": {"kind": "binary", "levels": [True, False]},
        "stage": {"kind": "categorical", "levels": ["I", "II & more"]},
        "days": {"kind": "numeric", "meaning": "time", "unit": "days", "integer": True},
        "died": {"kind": "binary", "levels": ["0", "1"], "event": "1"},
    },
}
FINDING = {"status": LEAK, "limit": 0.09, "note": LEAK, "leak": True, "patients": 7654321}


@pytest.fixture
def shared(tmp_path):
    """The folder, of reports in which everything that was found is marked."""
    table = {"age <y>": [61, None], "bmi": [2.5, 3.5], "sex": [True, False]}
    table |= {"stage": ["I", "II & more"], "days": [5, 6], "died": [0, 1]}
    pd.DataFrame(table).to_csv(tmp_path / "synthetic.csv", index=False)
    (tmp_path / "codebook.yaml").write_text(yaml.safe_dump(BOOK, sort_keys=False))
    metric = {"value": NUMBER, "low": NUMBER, "high": NUMBER, "reason": LEAK}
    config = defaults("data=csv", "method=ck4gen_free", "card.licence=CC-BY-4.0")
    config["data"]["path"] = f"/{LEAK}.csv"
    release = {
        "method": "ck4gen_free", "seed": 7654321, "id": LEAK, "contains_real": False,
        "times_copied": False,
        "config": config, "versions": {"ck4gen": "1.2.3"}, "commit": "abc", "warnings": [LEAK],
        "metrics": {"hazard/log_hr_z": metric, "privacy/leak/copies": metric},
        "diagnostics": {"guard/noise": 0.5, "guard/capped": NUMBER},
        "release": {"noise": {LEAK: 1.0}},
    }  # fmt: skip
    audit = release | {
        "verdict": {
            "overall": LEAK, "summary": LEAK, "reason": LEAK, "patients": 7654321,
            "findings": {
                "privacy/leak/copies": FINDING,
                "privacy/leak/self_link": FINDING | {"limit": None},
                "privacy/worst_case/columns/max": FINDING | {"limit": 0.9},
            },
        }
    }  # fmt: skip
    files = {"synthetic.csv": "the table", "codebook.yaml": "what each column means"}
    write_public(tmp_path, files, "The outcome.", release, audit, date(2026, 1, 31))
    return tmp_path


def test_nothing_that_was_found_and_no_seed_goes_out(shared):
    for file in shared.iterdir():
        text = file.read_text(encoding="utf-8")
        for mark in (LEAK, "0.765", "7654321", "guard/capped"):
            assert mark not in text, (file.name, mark)


def test_the_page_says_what_is_public(shared):
    html = (shared / "about.html").read_text(encoding="utf-8")
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    text = " ".join("".join(tree.itertext()).split())
    for said in (
        "A table of 2 rows. No row is a patient", "multiply them by 1.12", "age <y>", "II & more",
        "Do not try to find out", "CC-BY-4.0", "for the custodian to fill in", "2026-01-31",
        "looked at again by 2027-01-31", "Looks for real patients who stand in the table unchanged",
        "stays with the custodian",
    ):  # fmt: skip
        assert said in text, said
    assert "Looks for the patient behind each row" not in text  # was not tried


def test_catalogues_find_the_columns_and_the_hash_of_the_table(shared):
    croissant = json.loads((shared / "croissant.json").read_text())
    health = json.loads((shared / "health_dcat.jsonld").read_text())
    digest = hashlib.sha256((shared / "synthetic.csv").read_bytes()).hexdigest()
    (file,), (records,) = croissant["distribution"], croissant["recordSet"]
    assert file["sha256"] == digest
    assert croissant["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    types = {f["source"]["extract"]["column"]: f["dataType"] for f in records["field"]}
    assert types == {
        "age <y>": "sc:Float", "bmi": "sc:Float", "sex": "sc:Boolean", "stage": "sc:Text",
        "days": "sc:Integer", "died": "sc:Integer",
    }  # fmt: skip
    assert {"name": "synthetic", "value": True, "@type": "sc:PropertyValue"} in croissant[
        "additionalProperty"
    ]
    (part,) = health["dcat:distribution"]
    assert part["spdx:checksum"]["spdx:checksumValue"] == digest == health["dct:identifier"]
    assert health["healthdcatap:numberOfRecords"]["@value"] == "2"
    assert health["dct:type"]["@id"].endswith("/SYNTHETIC_DATA")
    names = [column["csvw:name"] for column in part["csvw:tableSchema"]["csvw:column"]]
    assert names == list(BOOK["columns"])


def test_a_review_is_due_after_whole_months():
    assert review(date(2026, 1, 31), 1)["due"] == "2026-02-28"
    assert card_settings({}).review_months == 12  # a run from before there were any settings
    with pytest.raises(InputError, match=r"card\.review_months is 0; it must be a whole number"):
        card_settings({"card": defaults()["card"] | {"review_months": 0}})
