"""Table exports: any table as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from peelian.measure.legible import harmless
from peelian.measure.table import Table

Titles = Mapping[str, Mapping[str, str]]
"""What a column is called: by its name, then by language."""
_NONE: Titles = MappingProxyType({})


def csv_of(table: Table) -> bytes:
    """The table as CSV (RFC 4180, UTF-8): a header with names, then rows; NaN is empty. O(cells)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.names)
    for row in zip(*(_cells(column.values) for column in table.columns), strict=True):
        writer.writerow(["" if cell is None else harmless(cell) for cell in row])
    return out.getvalue().encode()


def json_of(table: Table, titles: Titles = _NONE) -> bytes:
    """The table as JSON: columns with kind, unit and titles by language, then rows as lists; NaN is null. O(cells)."""
    columns = [
        {"name": c.name, "kind": str(c.kind)}
        | ({"title": dict(titles[c.name])} if c.name in titles else {})
        | ({"unit": c.unit} if c.unit else {})
        | ({"n": c.n} if c.n else {})
        for c in table.columns
    ]
    rows = [list(row) for row in zip(*(_cells(column.values) for column in table.columns), strict=True)]
    return json.dumps({"table": table.name, "columns": columns, "rows": rows}, ensure_ascii=False, indent=1).encode()


def _cells(values: np.ndarray[Any, Any]) -> list[Any]:
    """Plain Python values: dates as ISO 8601, NaN and missing dates as None."""
    if values.dtype.kind == "M":
        return [None if np.isnat(value) else str(value) for value in values]
    return [None if isinstance(value, float) and math.isnan(value) else value for value in values.tolist()]
