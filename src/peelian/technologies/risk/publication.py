"""What the public register shows of findings: everyone's figures, groups' verdicts, and nothing that counts a few."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Kind, Table, Values
from peelian.technologies.risk.measure.counts import Floats, Mask
from peelian.technologies.risk.measure.suppression import small
from peelian.technologies.risk.shared import EVERYONE

SMALLEST_PUBLIC = 11
"""Cells of at least 11 in a public release (IPC Ontario 2025, low invasiveness), numerators among them."""


def few(share: Floats, n: Values) -> Mask:
    """Where a share of n people counts, or leaves out, 1 to 10 of them."""
    with np.errstate(invalid="ignore"):
        counts = np.stack([share * n, n - share * n], axis=1)
    return small(np.nan_to_num(counts), SMALLEST_PUBLIC)


def everyone_in_public(findings: Findings, may: Callable[[Table], Mask], telling: Set[str] = frozenset()) -> Findings:
    """Findings whose groups keep their verdicts and lose their numbers, and no sentence about one of them.

    Everyone's rows, and tables without groups, keep theirs where `may` says so; where one does not, the sentences
    `telling` of such figures are left out. O(rows).
    """
    tables, hidden = [], False
    for one in findings.tables:
        open_, whole = may(one), one["group"] == EVERYONE if "group" in one else np.ones(len(one), bool)
        hidden |= bool((whole & ~open_).any())
        empty = {Kind.AMOUNT: np.nan, Kind.RATE: np.nan, Kind.COUNT: 0}
        columns = tuple(
            replace(c, values=np.where(open_ & whole, c.values, empty[c.kind]))
            if c.kind in empty and c.name != "at"
            else c
            for c in one.columns
        )
        tables.append(Table(name=one.name, columns=columns))
    notes = tuple(
        note
        for note in findings.notes
        if note.values.get("group", EVERYONE) == EVERYONE and not (hidden and note.text in telling)
    )
    return replace(findings, tables=tuple(tables), notes=notes)
