"""Rows of an audit's tables: looked up by metric and group, and made, with interval, n and suppression."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Emit, Findings
from peelian.measure.table import Kind, Table
from peelian.technologies.risk.audit.declared import FIGURES, RATES
from peelian.technologies.risk.measure.counts import Mask, Nodes, Wholes, rate
from peelian.technologies.risk.measure.jackknife import share_ends
from peelian.technologies.risk.measure.study import Figure, Rate
from peelian.technologies.risk.measure.suppression import FEWEST, SMALLEST, Shown
from peelian.technologies.risk.shared import BARE, CROSSED, EVERYONE, FEW, PARTNER, SHOWN


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


def rates_table(rates: Sequence[Rate], nodes: Nodes, *, level: float) -> Table:
    """The rates with Wilson (or jackknife) intervals; hidden ones keep their row and lose their numbers. O(rows)."""
    parts = _empty(RATES)
    for one in rates:
        kept = _kept(one.kept, nodes)
        num, den = (np.rint(part[kept]).astype(np.int64) for part in one.people)
        why = _why(one.open_[kept], den)
        open_ = np.array([word == SHOWN for word in why], dtype=np.bool_)
        counted = np.array([word in (SHOWN, BARE) for word in why], dtype=np.bool_)
        part, whole = one.effective[0][kept], one.effective[1][kept]
        left = one.left and (one.left[0][:, kept], one.left[1][:, kept])
        low, high = share_ends((part, whole), left, level)
        values = {
            "value": np.where(open_, rate((part, whole)), np.nan),
            "lo": np.where(open_, low, np.nan),
            "hi": np.where(open_, high, np.nan),
            "num": np.where(open_, num, 0),
            "den": np.where(counted, den, 0),
        }
        _add(parts, nodes, kept, {"metric": one.metric, "at": one.at, "suppressed": why, **values})
    made = RATES.of(parts)
    # A rate names the column that holds its n: here the denominator.
    return Table(name="rates", columns=tuple(replace(c, n="den") if c.kind is Kind.RATE else c for c in made.columns))


def figures_table(figures: Sequence[Figure], nodes: Nodes, shown: Shown) -> Table:
    """The figures that are no rates: areas, ratios, differences, calibration, means. O(rows)."""
    parts = _empty(FIGURES)
    for one in figures:
        kept = _kept(one.kept, nodes)
        open_ = one.open_[kept] & ~np.isnan(one.value[kept])
        why = [
            SHOWN if may else BARE if shown.people[i] else shown.why[i]
            for i, may in zip(kept, open_.tolist(), strict=True)
        ]
        against = [one.against[i] for i in kept] if len(one.against) else ""
        values = {
            key: np.where(open_, part[kept], np.nan)
            for key, part in (("value", one.value), ("lo", one.low), ("hi", one.high))
        }
        words = {"metric": one.metric, "at": one.at, "against": against, "suppressed": why}
        _add(parts, nodes, kept, {**words, **values})
    return FIGURES.of(parts)


Parts = dict[str, list[Any]]


def _empty(emit: Emit) -> Parts:
    return {name: [] for name in emit.columns}


def _kept(mask: Mask | None, nodes: Nodes) -> list[int]:
    return list(range(len(nodes.group))) if mask is None else [int(i) for i in np.flatnonzero(mask)]


def _add(parts: Parts, nodes: Nodes, kept: Sequence[int], values: Mapping[str, Any]) -> None:
    """Append one row per kept node; a single value stands for all of them."""
    parts["axis"] += [nodes.axis[i] for i in kept]
    parts["group"] += [nodes.group[i] for i in kept]
    for key, value in values.items():
        if isinstance(value, np.ndarray):
            parts[key] += value.tolist()
        else:
            parts[key] += list(value) if isinstance(value, list) else [value] * len(kept)


def _why(open_: Mask, den: Wholes) -> list[str]:
    """Why each rate is hidden, or "no"."""
    words = []
    for may, d in zip(open_.tolist(), den.tolist(), strict=True):
        if not may:
            words.append(FEW if 0 < d < SMALLEST else PARTNER)
        else:
            words.append(SHOWN if d >= FEWEST else BARE)
    return words
