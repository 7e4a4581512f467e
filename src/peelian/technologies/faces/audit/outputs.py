"""Export an audit as JSON (schema: audit.schema.json) and as one long CSV."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.capability import Findings
from peelian.measure.legible import harmless
from peelian.measure.table import Table
from peelian.technologies.faces.small_counts import SMALLEST

SCHEMA = "peelian-faces-audit/1"
CSV_HEADER = (
    "policy,threshold,measure,group,other_group,value,low,high,errors,n,bound,method,adequacy,verdict,suppressed"
)


def to_json(findings: Findings) -> str:
    """The findings as one JSON document, version 1 of its schema; nan and infinity become null. O(cells)."""
    document = {
        "schema": SCHEMA,
        "facts": {key: _plain(value) for key, value in sorted(findings.facts.items())},
        "notes": [
            {"kind": n.kind, "text": n.text, "values": {k: _plain(v) for k, v in sorted(n.values.items())}}
            for n in findings.notes
        ],
        "tables": {t.name: _rows(t) for t in findings.tables},
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)


def to_csv(findings: Findings) -> str:
    """Rates and summary measures as one long CSV with the header `CSV_HEADER`. O(rows).

    Empty cells are values that are not known; `suppressed` is 1 where a value was withheld because it rests on fewer
    than 11 errors (public findings).
    """
    lines = [CSV_HEADER]
    tables = {t.name: t for t in findings.tables}
    if "rates" not in tables:
        raise InputError("findings have no error rates", accepted="findings of faces.audit or faces.histogram")
    for row in _rows(tables["rates"]):
        cells = [
            row[name] for name in ("policy", "threshold", "measure", "group", "other_group", "rate", "low", "high")
        ]
        cells += [row.get("errors"), row["n"], row["bound"], row["method"], row["adequacy"], row["verdict"]]
        lines.append(_line([*cells, int(row["rate"] is None and row["n"] >= SMALLEST)]))
    for row in _rows(tables["summaries"]) if "summaries" in tables else []:
        name = f"{row['measure']} of {row['of']}"
        cells = [row["policy"], None, name, "all", "all", row["value"], row["low"], row["high"], None, row["groups"]]
        lines.append(_line([*cells, row["bound"], "simultaneous (max-t)", row["adequacy"], None, 0]))
    return "\n".join(lines) + "\n"


def _rows(table: Table) -> list[Mapping[str, Any]]:
    return [dict(zip(table.names, (_plain(v) for v in row), strict=True)) for row in table.rows()]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _line(cells: list[Any]) -> str:
    return ",".join(_cell(value) for value in cells)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = repr(value) if isinstance(value, float) else str(harmless(value))
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text
