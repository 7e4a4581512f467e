"""Convert large files in parts, and join the columns once at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.capability import Note
from peelian.kernel.model.formats import Admitted, Dropped
from peelian.measure.coded import joined
from peelian.measure.table import Table
from peelian.technologies.faces.identity import refuse_identifying_columns
from peelian.technologies.faces.reading import row_of
from peelian.technologies.faces.shapes import ScoreColumns, admitted_scores
from peelian.technologies.faces.suspicions import examined

Options = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one part of a score file became."""

    columns: ScoreColumns
    dropped: tuple[Dropped, ...] = ()


T = TypeVar("T")
Reading = Callable[[Table, Options], Part]
Noting = Callable[[ScoreColumns], tuple[Note, ...]]


def nothing_to_say(columns: ScoreColumns) -> tuple[Note, ...]:
    """No note about a file."""
    return ()


def as_they_are(columns: ScoreColumns) -> ScoreColumns:
    """The columns of all parts, unchanged."""
    return columns


def in_parts(
    read: Reading, notes: Noting = nothing_to_say, *, settle: Callable[[ScoreColumns], ScoreColumns] = as_they_are
) -> Callable[[Iterable[Table], Options], Admitted]:
    """A conversion of parts that arrive one by one: never the whole file's text in memory. O(rows).

    `settle` decides what only the whole file can tell. Columns that identify a person are refused before anything is
    read. InputError: no rows at all, or parts of one
    file that differ in their columns.
    """

    def stream(parts: Iterable[Table], options: Options) -> Admitted:
        read_parts: list[Part] = []
        start = 1
        for text in parts:
            start = start if read_parts or not len(text) else row_of(text, 0)
            refuse_identifying_columns(text)
            read_parts.append(read(text, options))
        columns = settle(_joined([part.columns for part in read_parts]))
        dropped = _counted(read_parts)
        del read_parts
        columns, again = examined(columns, start)
        return admitted_scores(columns, dropped=dropped + again, notes=notes(columns))

    return stream


def _joined(parts: list[ScoreColumns]) -> ScoreColumns:
    if not any(len(part.score) for part in parts):
        raise InputError("file has no comparisons", accepted="at least one comparison")
    return ScoreColumns(
        score=np.concatenate([part.score for part in parts]),
        genuine=np.concatenate([part.genuine for part in parts]),
        failed=np.concatenate([part.failed for part in parts]),
        probe=_optional([part.probe for part in parts], np.concatenate),
        ref=_optional([part.ref for part in parts], np.concatenate),
        probe_group=_optional([part.probe_group for part in parts], joined),
        ref_group=_optional([part.ref_group for part in parts], joined),
        covariates={name: np.concatenate([part.covariates[name] for part in parts]) for name in _shared(parts)},
    )


def _shared(parts: list[ScoreColumns]) -> list[str]:
    """The covariates that every part has."""
    return [name for name in parts[0].covariates if all(name in part.covariates for part in parts)]


def _optional(values: Sequence[T | None], join: Callable[[list[T]], T]) -> T | None:
    known = [v for v in values if v is not None]
    if known and len(known) < len(values):
        raise InputError("files in the archive have different columns", accepted="the same columns in every file")
    return join(known) if known else None


def _counted(parts: list[Part]) -> tuple[Dropped, ...]:
    """What was dropped over all parts, reason by reason."""
    found: dict[str, Dropped] = {}
    for drop in (d for part in parts for d in part.dropped):
        before = found.get(drop.why, Dropped(why=drop.why, n=0, first_row=drop.first_row))
        found[drop.why] = Dropped(why=drop.why, n=before.n + drop.n, first_row=before.first_row)
    return tuple(found.values())
