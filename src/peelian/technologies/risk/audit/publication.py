"""An audit in public: what the register may show (no crossed groups, no bands, no count of 1 to 10), and its files."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Findings, Note
from peelian.measure.table import Column, Kind, Table, Values
from peelian.pictures.words import english
from peelian.technologies.risk.audit.rows import Row, picked, rows
from peelian.technologies.risk.publication import SMALLEST_PUBLIC
from peelian.technologies.risk.shared import BARE, CROSSED, EVERYONE, PARTNER, SHOWN

PUBLIC_RATES = frozenset({"base_rate", "high_share", "fpr", "fnr", "ppv", "npv", "accuracy"})
PUBLIC_AT_THE_CUT = frozenset(
    {"high_per_thousand", "wrongly_high_per_thousand", "wrongly_low_per_thousand", "promised"}
)
Node = tuple[str, str]


def public(findings: Findings) -> Findings:
    """The part of an audit that may be published. O(rows).

    Groups stand alone, never crossed; a group is shown with its four counts at the cut (scored high or low, event or
    not) only if each is 0 or at least 11, and so is what is left of everyone without the groups shown.
    """
    cut = float(findings.facts["cut"])
    open_ = _open_nodes(findings, cut)
    tables = []
    for table in findings.tables:
        if table.name in ("rates", "figures", "verdicts"):
            tables.append(_hidden(_kept(table, cut), open_))
        elif table.name == "leakage":
            nodes = zip(table["axis"].tolist(), table["group"].tolist(), strict=True)
            tables.append(table.take(np.array([node in open_ for node in nodes], dtype=np.bool_)))
        elif table.name == "rules":
            tables.append(table.take(table["n"] >= SMALLEST_PUBLIC))
        else:
            tables.append(table)
    return Findings(tables=tuple(tables), notes=_notes(findings, open_), facts=findings.facts)


def _open_nodes(findings: Findings, cut: float) -> frozenset[Node]:
    """Everyone and the groups that may be shown."""
    quadrants = _quadrants(picked(findings, "rates", "fpr", at=cut), picked(findings, "rates", "fnr", at=cut))
    whole = quadrants.get((EVERYONE, EVERYONE))
    if whole is None or _small(whole):
        return frozenset()
    shown = {(EVERYONE, EVERYONE)}
    for axis in dict.fromkeys(axis for axis, _ in quadrants if axis != EVERYONE):
        groups = {node: counts for node, counts in quadrants.items() if node[0] == axis and not _small(counts)}
        while groups and _small(whole - sum(groups.values(), np.zeros(4, dtype=np.int64))):
            del groups[min(groups, key=lambda node: (int(groups[node].sum()), node))]
        shown |= set(groups)
    return frozenset(shown)


def _quadrants(fpr: Mapping[Node, Row], fnr: Mapping[Node, Row]) -> dict[Node, Values]:
    """False high, true low, false low, true high of every group that the audit itself shows."""
    return {
        node: np.array([row.num, row.den - row.num, fnr[node].num, fnr[node].den - fnr[node].num])
        for node, row in fpr.items()
        if row.shown and node in fnr and fnr[node].shown
    }


def _small(counts: Values) -> bool:
    return bool(((counts > 0) & (counts < SMALLEST_PUBLIC)).any())


def _kept(table: Table, cut: float) -> Table:
    """Without crossed groups, without bands of scores, and without figures that count a second set of people."""
    keep = table["axis"] != CROSSED
    if table.name == "rates":
        keep &= np.isin(table["metric"], list(PUBLIC_RATES)) & (np.isnan(table["at"]) | (table["at"] == cut))
    elif table.name == "figures":
        banded = np.isin(table["metric"], list(PUBLIC_AT_THE_CUT))
        keep &= ~banded | ((table["at"] == cut) & (table["metric"] != "promised"))
        keep &= ~np.char.endswith(table["metric"].astype(str), "_bounds")
        keep &= ~np.char.startswith(table["metric"].astype(str), "persons")
    return table.take(keep)


def _hidden(table: Table, open_: frozenset[Node]) -> Table:
    """Numbers of groups that may not be shown, or that are compared with one, are taken out."""
    names = list(zip(table["axis"].tolist(), table["group"].tolist(), strict=True))
    may = np.array([node in open_ for node in names], dtype=np.bool_)
    if "against" in table:
        pairs = zip(names, table["against"].tolist(), strict=True)
        may &= np.array([not other or (axis, other) in open_ for (axis, _), other in pairs], dtype=np.bool_)
    may &= table["suppressed"] == SHOWN
    return Table(name=table.name, columns=tuple(_cleared(column, may, table) for column in table.columns))


def _cleared(column: Column, may: Values, table: Table) -> Column:
    if column.name == "suppressed":
        was = table["suppressed"]
        return replace(column, values=np.where(may, SHOWN, np.where(was == SHOWN, PARTNER, was)).astype(object))
    if column.kind is Kind.COUNT:
        return replace(column, values=np.where(may, column.values, 0))
    if column.kind in (Kind.RATE, Kind.AMOUNT) and column.name != "at":
        return replace(column, values=np.where(may, column.values, np.nan))
    return column


def _notes(findings: Findings, open_: frozenset[Node]) -> tuple[Note, ...]:
    """Notes that name no hidden group."""
    shown = {group for _, group in open_}
    return tuple(
        note
        for note in findings.notes
        if all(str(note.values[name]) in shown for name in ("group", "other") if name in note.values)
    )


# Export the report as JSON (versioned schema) and as one long CSV.

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
