"""Look up rows of an audit's tables, with None for what is hidden or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peelian.audit.frames import arrow_of
from peelian.kernel.model.capability import Findings

EVERYONE, CROSSED = "everyone", "crossed"
"""Axes of a risk audit that are no column of the data."""
ALL = "all"
"""The group of a face audit that holds everybody."""
UNDETERMINED = "undetermined"
"""The adequacy of a face audit's rate with fewer than ten errors."""

Row = Mapping[str, Any]


def rows_of(findings: Findings, table: str) -> list[dict[str, Any]]:
    """The rows of a table as plain values; none where there is no such table. O(cells)."""
    found = [made for made in findings.tables if made.name == table]
    return arrow_of(found[0]).to_pylist() if found else []


def having(rows: Sequence[Row], **wanted: Any) -> list[Row]:
    """The rows whose columns have these values. O(rows)."""
    return [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]


def by_group(rows: Sequence[Row], metric: str, value: str = "value", at: float | None = None) -> dict[Any, Any]:
    """(axis, group) → a value of one metric, at one score where `at` is given. O(rows)."""
    found = having(rows, metric=metric) if at is None else having(rows, metric=metric, at=at)
    return {(row["axis"], row["group"]): row[value] for row in found}


def own_groups(rows: Sequence[Row]) -> list[Row]:
    """Of a face audit's rows, those of comparisons within one group, and of all."""
    return [row for row in rows if row["group"] == row["other_group"]]
