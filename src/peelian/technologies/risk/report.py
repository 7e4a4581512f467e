"""Export the report as JSON (versioned schema) and as one long CSV."""

from __future__ import annotations

import json
import math
from typing import Any

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Kind, Table
from peelian.pictures.words import english
from peelian.technologies.risk.counts import EVERYONE
from peelian.technologies.risk.extract import Row, rows
from peelian.technologies.risk.suppression import BARE, SHOWN

SCHEMA = "peelian-risk-report/2"
CSV_HEADER = ("group", "cell", "metric", "value", "lo", "hi", "num", "den", "suppressed")


def report_json(findings: Findings) -> str:
    """The whole report as JSON text after `report.schema.json`. O(rows).

    A number that is hidden, unknown or unbounded is null; `suppressed` says which of them it is.
    """
    record = {
        "schema": SCHEMA,
        "facts": {name: _plain(value) for name, value in findings.facts.items()},
        "notes": [
            {
                "kind": note.kind,
                "says": english(note.text, **note.values),
                "message": note.text,
                "values": {name: _plain(value) for name, value in note.values.items()},
            }
            for note in findings.notes
        ],
        "tables": {table.name: _records(table) for table in findings.tables},
    }
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False)


def long_csv(findings: Findings) -> str:
    """Rates and figures as CSV text: group, cell, metric, value, lo, hi, num, den, suppressed. O(rows).

    `group` is "everyone" or "axis: group"; `cell` says at which score, against which group; hidden numbers are empty.
    """
    lines = [",".join(CSV_HEADER)]
    for name in ("rates", "figures"):
        for row in rows(findings, name):
            counted = name == "rates"
            fields = (
                EVERYONE if row.axis == EVERYONE else f"{row.axis}: {row.group}",
                _cell(row),
                row.metric,
                *(_number(value) for value in (row.value, row.low, row.high)),
                str(row.num) if counted and row.suppressed == SHOWN else "",
                str(row.den) if counted and row.suppressed in (SHOWN, BARE) else "",
                row.suppressed,
            )
            lines.append(",".join(_quoted(field) for field in fields))
    return "\r\n".join(lines) + "\r\n"  # RFC 4180


def _cell(row: Row) -> str:
    parts = [] if math.isnan(row.at) else [f"at {row.at:.10g}"]
    parts += [f"against {row.against}"] if row.against else []
    return "; ".join(parts) or "all"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.10g}"


def _quoted(field: str) -> str:
    """RFC 4180 quoting; a leading sign that a spreadsheet would run as a formula is disarmed by a quote mark."""
    if field[:1] in ("=", "@", "+", "\t", "\r") or (field[:1] == "-" and not _is_number(field)):
        field = "'" + field
    return '"' + field.replace('"', '""') + '"' if any(mark in field for mark in ',"\r\n') else field


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _records(table: Table) -> list[dict[str, Any]]:
    """Rows as records; a count that is hidden is null and not the 0 that stands in its column."""
    names = table.names
    hidden = "suppressed" in names
    counts = {c.name for c in table.columns if c.kind is Kind.COUNT}
    records = []
    for values in table.rows():
        record = {name: _plain(value) for name, value in zip(names, values, strict=True)}
        if hidden and record["suppressed"] != SHOWN:
            kept = {"den"} if record["suppressed"] == BARE else {"n"} if record.get("n") else set()
            record |= dict.fromkeys(counts - kept)
        records.append(record)
    return records


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
