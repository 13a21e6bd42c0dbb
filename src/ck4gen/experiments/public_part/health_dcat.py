"""The table in the words of HealthDCAT-AP, an extension of DCAT for health data, as JSON-LD."""

from __future__ import annotations

from ck4gen.experiments.public_part.about import TO_FILL_IN
from ck4gen.experiments.public_part.croissant import KEYWORDS, data_type, described, explained

CONTEXT = {
    "csvw": "http://www.w3.org/ns/csvw#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "healthdcatap": "http://healthdataportal.eu/ns/health#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
SYNTHETIC = "http://publications.europa.eu/resource/authority/dataset-type/SYNTHETIC_DATA"
CSV = "https://www.iana.org/assignments/media-types/text/csv"
SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
TYPES = {"Integer": "integer", "Float": "double", "Boolean": "boolean", "Text": "string"}


def health_dcat(about: dict) -> dict:
    """The metadata.

    Args:
        about: Of :func:`ck4gen.experiments.public_part.about.about`.
    """
    tables = [file for file in about["files"] if file["table"]]
    kind = {"dct:type": {"@id": SYNTHETIC}} if about["synthetic"] else {}
    return {
        "@context": CONTEXT,
        "@id": f"urn:sha256:{tables[0]['sha256']}",
        "@type": "dcat:Dataset",
        **kind,
        "dct:title": about["title"],
        "dct:description": described(about),
        "dct:identifier": tables[0]["sha256"],
        "dct:creator": _agent(about["creator"]),
        "dct:publisher": _agent(about["creator"]),
        "dct:accessRights": {"@type": "dct:RightsStatement", "rdfs:label": TO_FILL_IN},
        "dct:issued": _date(about["audited"]),
        "dct:provenance": {"@type": "dct:ProvenanceStatement", "rdfs:label": _provenance(about)},
        "dcat:contactPoint": {"@type": "vcard:Kind", "vcard:fn": about["contact"]},
        "dcat:keyword": KEYWORDS,
        "healthdcatap:numberOfRecords": _count(about["rows"] * len(tables)),
        "healthdcatap:populationCoverage": _coverage(about),
        "dcat:distribution": [_distribution(file, about) for file in tables],
    }


def _agent(name: str) -> dict:
    return {"@type": "foaf:Agent", "foaf:name": name}


def _date(day: str) -> dict:
    return {"@type": "xsd:date", "@value": day}


def _count(number: int) -> dict:
    return {"@type": "xsd:nonNegativeInteger", "@value": str(number)}


def _provenance(about: dict) -> str:
    return ". ".join(f"{name}: {text}" for name, text in about["made"])


def _coverage(about: dict) -> str:
    return (
        f"{about['rows']} synthetic rows, with the information of {about['information_of']} "
        f"patients. Which patients: {TO_FILL_IN}"
    )


def _distribution(file: dict, about: dict) -> dict:
    return {
        "@type": "dcat:Distribution",
        "dct:title": file["name"],
        "dct:description": file["what"],
        "dct:license": {"@type": "dct:LicenseDocument", "rdfs:label": about["licence"]},
        "dcat:accessURL": {"@id": f"urn:sha256:{file['sha256']}"},
        "dcat:mediaType": {"@id": CSV},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": SHA256},
            "spdx:checksumValue": file["sha256"],
        },
        "csvw:tableSchema": {"csvw:column": [_column(column) for column in about["columns"]]},
    }


def _column(column: dict) -> dict:
    return {
        "csvw:name": column["name"],
        "csvw:datatype": TYPES[data_type(column)],
        "dct:description": explained(column),
    }
