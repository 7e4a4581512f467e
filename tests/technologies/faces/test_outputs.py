"""Proves that the JSON document keeps to its schema and the CSV to its header, without nan and without formulas."""

from __future__ import annotations

import csv
import io
import json
from importlib import resources
from typing import Any

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import Findings
from peelian.measure.table import Kind, table
from peelian.technologies.faces.audit.audited import audited
from peelian.technologies.faces.audit.case import public_audit
from peelian.technologies.faces.audit.declared import AuditParams
from peelian.technologies.faces.audit.outputs import CSV_HEADER, SCHEMA, to_csv, to_json
from peelian.technologies.faces.audit.sentences import findings_of
from peelian.technologies.faces.audit.tables import VOCABULARY
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.scores import built, oriented

SCHEMA_FILE = resources.files("peelian.technologies.faces.audit") / "audit.schema.json"


@pytest.fixture(scope="module")
def findings():
    comparisons, people = example_tables(120)
    scores = oriented(built([comparisons], people, by=("sex",), least=11), "auto")
    return findings_of(audited(AuditParams(thresholds=(2.4,), keep_histogram=True), scores, seed=1))


TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], where: str = "$") -> list[str]:
    """The part of JSON Schema 2020-12 that our schema uses."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    wanted = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if wanted and not any(isinstance(value, TYPES[t]) for t in wanted):
        return [f"{where} is no {wanted}"]
    found = [f"{where} is not the constant"] if value != schema.get("const", value) else []
    found += [f"{where} is none of the words"] if value not in schema.get("enum", [value]) else []
    if isinstance(value, dict):
        found += _of_object(value, schema, root, where)
    if isinstance(value, list):
        found += [f for i, one in enumerate(value) for f in faults(one, schema.get("items", {}), root, f"{where}[{i}]")]
    return found


def _of_object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], where: str) -> list[str]:
    found = [f"{where} lacks {k}" for k in schema.get("required", []) if k not in value]
    extra = schema.get("additionalProperties", {})
    for key, item in value.items():
        inner = schema.get("properties", {}).get(key, extra)
        found += [f"{where}.{key} is not declared"] if inner is False else faults(item, inner, root, f"{where}.{key}")
    return found


@pytest.mark.parametrize("released", [False, True])
def test_the_document_keeps_to_its_schema(findings, released):
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    document = json.loads(to_json(public_audit(findings) if released else findings), parse_constant=pytest.fail)
    assert document["schema"] == SCHEMA == schema["properties"]["schema"]["const"]
    assert faults(document, schema, schema) == []
    del document["facts"]
    document["tables"]["rates"][0]["surprise"] = 1
    assert len(faults(document, schema, schema)) == 2, "the check itself can fail"


def test_the_schema_s_words_are_ours():
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    words = {w for d in schema["$defs"].values() for p in d["properties"].values() for w in p.get("enum", [])}
    assert len(words) > 30
    assert words <= VOCABULARY


def test_the_csv_is_long_and_says_what_is_suppressed(findings):
    rows = list(csv.DictReader(io.StringIO(to_csv(findings))))
    assert list(rows[0]) == CSV_HEADER.split(",")
    rates = findings.table("rates")
    assert [float(r["value"]) for r in rows[: len(rates)] if r["value"]] == rates["rate"][rates["n"] > 0].tolist()
    assert any(r["measure"] == "max/min of FMR" for r in rows)
    assert not any(r["suppressed"] == "1" for r in rows)
    released = list(csv.DictReader(io.StringIO(to_csv(public_audit(findings)))))
    assert any(r["suppressed"] == "1" and not r["value"] for r in released)
    assert all(not r["errors"] for r in released)


def test_a_label_that_a_spreadsheet_would_run_is_quoted(findings):
    rates = findings.table("rates")
    group = np.array(['=HYPERLINK("x")'] * len(rates), dtype=object)
    columns = {c.name: (c.kind, group if c.name == "group" else c.values) for c in rates.columns}
    text = to_csv(Findings(tables=(table("rates", columns),)))
    assert next(csv.DictReader(io.StringIO(text)))["group"] == '\'=HYPERLINK("x")'
    with pytest.raises(InputError, match="have no error rates"):
        to_csv(Findings(tables=(table("x", {"n": (Kind.COUNT, [1])}),)))
