"""Convert large files in parts, join the columns once at the end, and see what only the whole file shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Note
from peelian.kernel.model.formats import Admitted, Dropped
from peelian.measure.coded import joined
from peelian.measure.table import Table
from peelian.technologies.faces.formats.identity import refuse_identifying_columns
from peelian.technologies.faces.formats.reading import row_of
from peelian.technologies.faces.formats.shapes import ScoreColumns, admitted_scores

CODES = (-1.0, -9.0, -99.0, -999.0, -9999.0)
REPEATED = "Row given more than once, as often as every other row"
SAMPLED = 64  # one of so many comparisons, chosen by what they hold, is looked at first
FEWEST = 20  # different comparisons that must all recur: fewer may by chance

Options = Mapping[str, str]

T = TypeVar("T")
Noting = Callable[[ScoreColumns], tuple[Note, ...]]


def examined(columns: ScoreColumns, start: int) -> tuple[ScoreColumns, tuple[Dropped, ...]]:
    """The columns with each comparison once, and what was dropped. O(rows), plus a sort where rows recur.

    `start` is the number of the file's first row, from which rows are named.
    InputError: one negative score that stands for a failure, or scores that are all equal.
    """
    known = columns.score[~columns.failed]
    if len(known):
        _refuse_codes(columns, known, start)
        if len(known) >= FEWEST and columns.genuine.any() and not columns.genuine.all() and known.min() == known.max():
            accepted = "scores that tell comparisons apart"
            raise InputError("all scores are equal", column="score", accepted=accepted)
    return _once(columns, start)


def _refuse_codes(columns: ScoreColumns, known: NDArray[np.float64], start: int) -> None:
    """InputError where the only negative score is a number often used for failures."""
    least = float(known.min())
    if least not in CODES or bool(((known < 0) & (known != least)).any()) or not (known >= 0).any():
        return
    n = int((known == least).sum())
    says = sentence(
        "%(n)d %(n:score is|scores are) %(code)d and no other is below 0: a code for failures", n=n, code=int(least)
    )
    accepted = "no score and failure_to_enrol = 1 for a comparison that could not be made"
    row = int(np.flatnonzero(columns.score == least)[0]) + start
    raise InputError(says, row=row, column="score", accepted=accepted)


def _once(columns: ScoreColumns, start: int) -> tuple[ScoreColumns, tuple[Dropped, ...]]:
    """Comparisons with the same people, kind and score recur by chance; all of them equally often only by copying."""
    keys = _keys(columns)
    sample = keys[keys % np.uint64(SAMPLED) == 0] if len(keys) > SAMPLED * FEWEST * 20 else keys
    if _times(sample) < 2 or (times := _times(keys)) < 2:
        return columns, ()
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    new = np.append(True, ordered[1:] != ordered[:-1])
    first = np.flatnonzero(new)
    place = np.arange(len(keys)) - np.repeat(first, np.diff(np.append(first, len(keys))))
    counts = np.repeat(np.diff(np.append(first, len(keys))), np.diff(np.append(first, len(keys))))
    keep = np.zeros(len(keys), dtype=np.bool_)
    keep[order] = place < counts // times
    gone = np.flatnonzero(~keep)
    return columns.take(keep), (Dropped(why=REPEATED, n=len(gone), first_row=int(gone[0]) + start),)


def _times(keys: NDArray[np.uint64]) -> int:
    """How often every key recurs at least; 1 where some do not, or where there are too few to tell."""
    _, counts = np.unique(keys, return_counts=True)
    return int(np.gcd.reduce(counts)) if len(counts) >= FEWEST else 1


def _keys(columns: ScoreColumns) -> NDArray[np.uint64]:
    """One well-mixed number per comparison: of its people where known, its kind and its score."""
    made = np.ascontiguousarray(columns.score).view(np.uint64) ^ columns.genuine.astype(np.uint64)
    for part in (columns.probe, columns.ref):
        if part is not None:
            made = (made ^ part.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            made ^= made >> np.uint64(29)
    made = made * np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray(made ^ (made >> np.uint64(32)), dtype=np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one part of a score file became."""

    columns: ScoreColumns
    dropped: tuple[Dropped, ...] = ()


Reading = Callable[[Table, Options], Part]


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
