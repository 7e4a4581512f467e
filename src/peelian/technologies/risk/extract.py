"""Look up rows of an audit's tables by metric and group, for pages, public extracts and reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from peelian.kernel.model.capability import Findings
from peelian.technologies.risk.counts import CROSSED, EVERYONE
from peelian.technologies.risk.suppression import SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the rates or the figures; `num` and `den` are 0 for a figure."""

    axis: str
    group: str
    metric: str
    at: float
    value: float
    low: float
    high: float
    suppressed: str
    num: int = 0
    den: int = 0
    against: str = ""

    @property
    def shown(self) -> bool:
        """Whether it has a number."""
        return self.suppressed == SHOWN and isfinite(self.value)


def has(findings: Findings, name: str) -> bool:
    """Whether there is a table of this name with rows."""
    return any(table.name == name and len(table) for table in findings.tables)


def rows(findings: Findings, name: str, metric: str = "") -> Iterator[Row]:
    """The rows of "rates" or "figures", in order, all or of one metric; none where the table is missing. O(rows)."""
    if has(findings, name):
        table = findings.table(name)
        yield from map(_row, (table.take(table["metric"] == metric) if metric else table).records())


def picked(
    findings: Findings, name: str, metric: str, *, at: float | None = None, crossed: bool = False
) -> dict[tuple[str, str], Row]:
    """Rows of one metric by (axis, group); `at` keeps those at one score, `crossed` also crossed groups. O(rows)."""
    return {
        (row.axis, row.group): row
        for row in rows(findings, name, metric)
        if (at is None or row.at == at) and (crossed or row.axis != CROSSED)
    }


def verdict_rows(findings: Findings) -> list[dict[str, Any]]:
    """The verdicts as plain rows."""
    return findings.table("verdicts").records() if has(findings, "verdicts") else []


def everyone(found: dict[tuple[str, str], Row]) -> Row | None:
    """Everyone's row among rows by (axis, group)."""
    return found.get((EVERYONE, EVERYONE))


def _row(row: dict[str, Any]) -> Row:
    return Row(
        axis=row["axis"],
        group=row["group"],
        metric=row["metric"],
        at=row["at"],
        value=row["value"],
        low=row["lo"],
        high=row["hi"],
        suppressed=row["suppressed"],
        num=row.get("num", 0),
        den=row.get("den", 0),
        against=row.get("against", ""),
    )
