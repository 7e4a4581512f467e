"""What stands for a capability that an earlier version had: its old cases open, and nobody can ask for it any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peelian.errors import OutOfOrder, sentence
from peelian.kernel.model.capability import Arithmetic, Asks, Capability, Findings, Shows, all_public, note_paragraphs
from peelian.measure.table import Table
from peelian.pictures.panels import Grid, Panels, Say

ABOUT = "This version no longer has this use. Its cases, decisions and permits remain readable."


@dataclass(frozen=True, slots=True, kw_only=True)
class _NoParams:
    """Nothing can be asked."""


def former_capability(id: str, title: str) -> Capability:
    """The capability of this id as far as old cases need one: no asker, no data, no computation. Without a title it is
    called by its id."""

    def gone(*_: Any) -> Any:
        raise OutOfOrder(sentence("This version no longer has %(id)s.", id=id[:60]))

    arithmetic = Arithmetic(
        run=gone,
        example=gone,
        messages=frozenset(),
        vocabulary=frozenset(),
        public=all_public,
        shows=Shows(view=as_recorded),
    )
    return Capability(
        id=id,
        title=title or id,
        about=ABOUT,
        asks=Asks(params=_NoParams, purposes=frozenset(), askers=frozenset(), deciders=frozenset(), together=gone),
        reads=(),
        emits=(),
        arithmetic=lambda: arithmetic,
    )


def as_recorded(findings: Findings, say: Say) -> Panels:
    """Sentences and tables as they were recorded, under the columns' own names: what knew how to show them is gone."""
    return [*note_paragraphs(findings.notes, say), *(_grid(table) for table in findings.tables)]


def _grid(table: Table) -> Grid:
    rows = zip(*(_texts(table, column.name) for column in table.columns), strict=True)
    return Grid(
        caption=table.name, titles=tuple(column.name for column in table.columns), rows=tuple(rows), source=table
    )


def _texts(table: Table, name: str) -> list[str]:
    return [f"{value:g}" if isinstance(value, float) else str(value) for value in table[name].tolist()]
