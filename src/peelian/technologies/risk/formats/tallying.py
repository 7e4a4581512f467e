"""Reduce rows of people to counts: the privacy boundary of the audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted, Dropped
from peelian.measure.coded import Coded
from peelian.measure.table import Column, Kind, Table, text_column
from peelian.technologies.risk.formats.cells import (
    UNKNOWN,
    Extremes,
    coded,
    days,
    decimals,
    flags,
    numbers,
    outcomes,
    recoded,
    refuse_codes,
    refuse_where,
    repeated_rows,
    rows_of,
    same_label,
)
from peelian.technologies.risk.formats.layout import Layout, points_of, refuse_labels
from peelian.technologies.risk.formats.persons import EVER, Persons
from peelian.technologies.risk.measure.counts import AREA, FEATURE, TIMES, Floats, Mask, Wholes, each_once
from peelian.technologies.risk.shared import CROSSED, EVERYONE

MOST_AXIS_LABELS, MOST_FEATURE_LABELS, MOST_AREAS = 50, 200, 5_000
EXACT_SCORES = 10_000  # different scores up to here are kept as they are; more are cut to four significant digits
PILE = 2_000_000  # cells gathered before they are merged
FEW_CODES = 10_000  # up to here whole numbers are counted in place, not sorted
NO_SCORE = "Score missing"
BEFORE = "Outcome dated before the score"
LEFT_OUT = "Row marked as left out"
ROUNDED = "Scores with more than %(most)d different values were truncated to four significant digits."
LATE = "%(n)d %(n:outcome|outcomes) fell after the %(days)d-day window and %(n:was|were) not counted."
SPELLED = (
    "Column %(column)s: %(n)d %(n:label differs|labels differ) from another only in capitals or blanks and "
    "%(n:was|were) merged with it."
)
REPEATED = (
    "Every count is a multiple of %(times)d. Counts may be rounded, or rows repeated: intervals may be too narrow."
)
TOLD = "Columns read: score = %(score)s, outcome = %(outcome)s, groups: %(groups)s. Options name others."
COMMA = "Numbers with a decimal comma were read as decimals."


@dataclass(slots=True)
class _Pile:
    """Cells gathered so far: keys [rows, columns], number of people, sums of weights and of their squares."""

    words: dict[str, dict[str, int]] = field(default_factory=dict)
    keys: list[Floats] = field(default_factory=list)
    sums: list[Floats] = field(default_factory=list)
    cells: int = 0
    rounded: bool = False
    late: int = 0
    dropped: dict[str, tuple[int, int]] = field(default_factory=dict)
    persons: Persons = field(default_factory=Persons)
    extremes: Extremes = field(default_factory=Extremes)
    commas: bool = False
    spellings: dict[str, int] = field(default_factory=dict)  # column -> labels merged with another

    def merge(self) -> None:
        """Bring equal cells together; O(cells log cells)."""
        if not self.keys:
            return
        keys, sums = np.concatenate(self.keys), np.concatenate(self.sums)
        if not self.rounded and len(np.unique(keys[:, SCORE])) > EXACT_SCORES:
            self.rounded = True
        if self.rounded:
            keys[:, SCORE] = cut_to_four(keys[:, SCORE])
        keys, sums = grouped(keys, sums)
        self.keys, self.sums, self.cells = [keys], [sums], len(keys)


SCORE, OUTCOME, WINDOW, RECOMPUTED, PERSON = range(5)  # the first columns of a key; the words' codes follow


def tallied(parts: Iterable[Table], layout: Layout) -> Admitted:
    """The tally of a file that arrives in parts of text columns. Memory: the cells, one part, 8 bytes a person.

    Rows without a score, or whose outcome is dated before it, are dropped and counted. InputError names the row, or
    says that scores hold failure codes or that every row is there several times.
    """
    pile = _Pile(words={name: {} for name in _worded(layout)})
    for part in parts:
        _pour(part, layout, pile)
        if pile.cells > PILE:
            pile.merge()
    pile.merge()
    if not pile.cells:
        raise NotEnoughData("no row has a score", accepted="at least one row with a score")
    if not layout.keep_all:
        refuse_codes(np.unique(pile.keys[0][:, SCORE]), pile.extremes, layout.score)
    _settle(layout, pile)
    return _admitted(layout, pile)


def _settle(layout: Layout, pile: _Pile) -> None:
    """Deal persons into replicate groups, where some have several rows, and merge spellings of one label. O(cells)."""
    keys, sums = pile.keys[0], pile.sums[0]
    folds = pile.persons.folds(keys[:, PERSON])
    dealt = not np.array_equal(folds, keys[:, PERSON])
    keys[:, PERSON] = folds
    for place, name in enumerate(_worded(layout), start=PERSON + 1):
        codes = keys[:, place].astype(np.int64)
        people = np.bincount(codes, weights=sums[:, 0], minlength=len(pile.words[name])).astype(np.float64)
        chosen = same_label(list(pile.words[name]), people)
        keys[:, place] = chosen[codes]
        if merged := int((chosen != np.arange(len(chosen))).sum()):
            pile.spellings[name.removeprefix(FEATURE).removeprefix(AREA)] = merged
    if dealt or pile.spellings:  # else no two cells have become equal
        pile.keys, pile.sums = [keys], [sums]
        pile.merge()


def cut_to_four(scores: Floats) -> Floats:
    """Scores cut (not rounded) to four significant digits, so that a cut of as many digits divides them as before.

    >>> cut_to_four(np.array([0.123456, 98765.0, -0.55555, 0.0])).tolist()
    [0.1234, 98760.0, -0.5556, 0.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.floor(np.log10(np.abs(scores)))
    step = 10.0 ** np.where(np.isfinite(power), 3 - power, 0)
    # The smallest of nudges keeps 0.29 from becoming 0.2899 because of how floats are stored.
    return np.asarray(np.floor(scores * step + 1e-9 * np.maximum(np.abs(scores * step), 1)) / step, dtype=np.float64)


def _worded(layout: Layout) -> tuple[str, ...]:
    """Columns of the tally that hold words, by their names there."""
    features = tuple(FEATURE + name for name in layout.features)
    return (*layout.groups, *features, *(AREA + name for name in layout.areas))


def _pour(text: Table, layout: Layout, pile: _Pile) -> None:
    """Count one part of the file."""
    rows = rows_of(text)
    score, commas = decimals(text, layout.score)
    pile.commas |= commas
    score = np.where(np.isin(score, layout.missing), np.nan, score) if layout.missing else score
    outcome = outcomes(text, layout.outcome)
    n = people_of(text, layout.n)
    kept = _kept(text, layout, pile, rows) & ~np.isnan(score)
    drop(pile.dropped, NO_SCORE, np.isnan(score) & (n > 0), rows)
    outcome, early = _in_window(text, layout, outcome, pile)
    drop(pile.dropped, BEFORE, early & kept, rows)
    kept &= ~early & (n > 0)
    pile.extremes.meet(score, kept, rows)
    columns = [score, outcome.astype(np.float64), _window(text, layout), _recomputed(text, layout)]
    person, firsts = _person(text, layout, pile, (kept, outcome, rows))
    columns.append(person)
    for name in _worded(layout):
        source = coded(text, name.removeprefix(FEATURE).removeprefix(AREA))
        columns.append(recoded(source.words, pile.words[name])[source.codes].astype(np.float64))
    weight = numbers(text, layout.weight, accepted="a weight of 0 or more", least=0) if layout.weight else None
    if weight is not None and np.isnan(weight[kept]).any():
        raise InputError("weight missing", column=layout.weight, accepted="a weight in every row")
    w = np.ones(len(n)) if weight is None else weight
    keys = np.stack(columns, axis=1)[kept]
    # In a tally the weight of a row is that of each of its n people.
    sums = np.stack([n, n * w, n * w * w, *firsts], axis=1)[kept]
    keys, sums = grouped(keys, sums)
    pile.keys.append(keys)
    pile.sums.append(sums)
    pile.cells += len(keys)


def _person(text: Table, layout: Layout, pile: _Pile, of: tuple[Mask, Wholes, Wholes]) -> tuple[Floats, Floats]:
    """(a number for the person of each row; [2, R]: 1 where the person is new with this outcome, and with any).

    0 where nobody is told apart.

    `of` says of each row whether it is kept, its outcome and its place in the file.
    """
    kept, outcome, rows = of
    firsts = np.zeros((2, len(kept)))
    if not layout.person:
        return firsts[0], firsts
    earlier = (keys[:, PERSON] for keys in pile.keys)
    numbers_, hashes = pile.persons.told(text[layout.person], layout.person, kept, rows, earlier)
    known = outcome[kept]
    firsts[0, kept] = sum(pile.persons.first(hashes, known == value, value) for value in (0, 1))
    firsts[1, kept] = pile.persons.first(hashes, known != UNKNOWN, EVER)
    return numbers_, firsts


def people_of(text: Table, column: str) -> Floats:
    """How many people each row stands for; "": one."""
    if not column:
        return np.ones(len(text))
    n = numbers(text, column, accepted="whole numbers of 0 or more", least=0)
    bad = np.isnan(n) | (n != np.floor(n))
    refuse_where(text, column, bad, "not a number of people", "whole numbers of 0 or more")
    return n


def drop(dropped: dict[str, tuple[int, int]], why: str, mask: Mask, rows: Wholes) -> None:
    """Remember how many rows are left out, and the first of them."""
    at = np.flatnonzero(mask)
    if at.size:
        before, first = dropped.get(why, (0, int(rows[at[0]])))
        dropped[why] = before + int(at.size), first


def _kept(text: Table, layout: Layout, pile: _Pile, rows: Wholes) -> Mask:
    if not layout.only:
        return np.ones(len(text), dtype=np.bool_)
    kept = flags(text, layout.only) == 1
    drop(pile.dropped, LEFT_OUT, ~kept, rows)
    return np.asarray(kept, dtype=np.bool_)


def _in_window(text: Table, layout: Layout, outcome: Wholes, pile: _Pile) -> tuple[Wholes, Mask]:
    """Outcomes that came within the window, and the rows whose outcome is dated before the score."""
    none = np.zeros(len(outcome), dtype=np.bool_)
    if not (layout.outcome_date and layout.score_date):
        return outcome, none
    with np.errstate(invalid="ignore"):
        after = days(text, layout.outcome_date) - days(text, layout.score_date)
        happened = outcome == 1
        late = happened & (after > layout.window_days) if layout.window_days else none
        early = happened & (after < 0)
    pile.late += int(late.sum())
    return np.where(late, 0, outcome), np.asarray(early, dtype=np.bool_)


def _window(text: Table, layout: Layout) -> Floats:
    """1 where a person was watched for the whole window, 0 where not, nan where that is not known."""
    if layout.full_window:
        return np.asarray(flags(text, layout.full_window), dtype=np.float64)
    if layout.cut_short:
        return np.asarray(1.0 - flags(text, layout.cut_short), dtype=np.float64)
    if layout.window_days and layout.follow_up_days:
        watched = numbers(text, layout.follow_up_days, accepted="0 days or more", least=0)
    elif layout.window_days and layout.score_date and layout.data_until:
        until = layout.data_until.toordinal() - 719_163  # days since 1970
        watched = until - days(text, layout.score_date)
    else:
        return np.full(len(text), np.nan)
    return np.asarray(np.where(np.isnan(watched), np.nan, watched >= layout.window_days), dtype=np.float64)


def _recomputed(text: Table, layout: Layout) -> Floats:
    """The score by the point table, or as given; nan where an item is missing."""
    if layout.items:
        total = np.zeros(len(text))
        for item in layout.items:
            column = coded(text, item.column)
            total = total + points_of(item, column.words)[column.codes]
        return total
    return numbers(text, layout.recomputed) if layout.recomputed else np.full(len(text), np.nan)


def grouped(keys: Floats, sums: Floats) -> tuple[Floats, Floats]:
    """Equal rows of `keys` [R, K] as one (nan equals nan), their `sums` [R, M] added. O(R), or O(R log R).

    >>> [part.tolist() for part in grouped(np.array([[1.0], [2.0], [1.0]]), np.array([[1.0], [5.0], [2.0]]))]
    [[[1.0], [2.0]], [[3.0], [5.0]]]
    """
    if not len(keys):
        return keys, sums
    flat = np.zeros(len(keys), dtype=np.int64)
    size = 1
    for column in np.ascontiguousarray(keys.T):
        codes = _codes(column)
        width = int(codes.max()) + 1
        if size > 2**62 // width:  # too many combinations for one number: renumber those that occur
            _, flat = np.unique(flat, return_inverse=True)
            size = int(flat.max()) + 1
        flat = flat * width + codes
        size *= width
    first, where = _firsts(flat, size)
    added = [np.bincount(where, weights=part, minlength=len(first)) for part in sums.T]
    return keys[first], np.stack(added, axis=1).astype(np.float64)


def _codes(column: Floats) -> Wholes:
    """Whole numbers that order a column's values as they are ordered; nan is one value, the last."""
    least, most = column.min(), column.max()
    if 0 <= least <= most < FEW_CODES and bool((column == np.floor(column)).all()):
        return column.astype(np.int64)
    if np.isnan(column).all():
        return np.zeros(len(column), dtype=np.int64)
    return np.asarray(np.unique(column, return_inverse=True)[1], dtype=np.int64)


def _firsts(flat: Wholes, size: int) -> tuple[Wholes, Wholes]:
    """The first row of each different number below `size`, in the numbers' order, and each row's place among them."""
    if size > FEW_CODES * 100:
        return each_once(flat, size)
    first = np.full(size, -1, dtype=np.int64)
    first[flat[::-1]] = np.arange(len(flat) - 1, -1, -1)  # the last to write is the first row
    present = first >= 0
    place = np.cumsum(present) - 1
    return first[present], place[flat]


def _admitted(layout: Layout, pile: _Pile) -> Admitted:
    keys, sums = pile.keys[0], pile.sums[0]
    known = keys[:, OUTCOME] != UNKNOWN
    columns = [
        Column(name="score", kind=Kind.AMOUNT, values=keys[:, SCORE].copy()),
        Column(name="outcome", kind=Kind.COUNT, values=np.where(known, keys[:, OUTCOME], 0).astype(np.int64)),
        Column(name="n", kind=Kind.COUNT, values=np.rint(sums[:, 0]).astype(np.int64), unit="people"),
    ]
    columns += _words(layout, pile, keys)
    if not known.all():
        columns.append(Column(name="outcome_known", kind=Kind.COUNT, values=known.astype(np.int64)))
    if not np.isnan(keys[:, WINDOW]).all():
        columns.append(Column(name="full_window", kind=Kind.COUNT, values=(keys[:, WINDOW] != 0).astype(np.int64)))
    if not np.isnan(keys[:, RECOMPUTED]).all():
        columns.append(Column(name="recomputed", kind=Kind.AMOUNT, values=keys[:, RECOMPUTED].copy()))
    if layout.weight:
        columns.append(Column(name="weight", kind=Kind.AMOUNT, values=sums[:, 1].copy()))
        columns.append(Column(name="weight_squares", kind=Kind.AMOUNT, values=sums[:, 2].copy()))
    n = int(sums[:, 0].sum())
    facts: dict[str, Scalar] = {"people": n, **pile.persons.facts}
    if pile.persons.repeated:
        columns.append(Column(name="fold", kind=Kind.COUNT, values=keys[:, PERSON].astype(np.int64)))
        for name, counted in zip(("persons", "distinct"), sums[:, 3:].T, strict=True):
            columns.append(Column(name=name, kind=Kind.COUNT, values=np.rint(counted).astype(np.int64)))
    facts |= {
        "axes": ",".join(layout.groups),
        "groups": ",".join(_vocabulary(layout, columns)),
        "window_days": layout.window_days,
    }
    notes = _notes(layout, pile, repeated_rows(sums[:, 0], cohort=not layout.n, persons=bool(layout.person)))
    dropped = tuple(Dropped(why=why, n=n, first_row=row) for why, (n, row) in pile.dropped.items())
    return Admitted(table=Table(name="tally", columns=tuple(columns)), facts=facts, dropped=dropped, notes=notes)


def _notes(layout: Layout, pile: _Pile, times: int) -> tuple[Note, ...]:
    """What the town should know of how its file was read."""
    groups = ", ".join(layout.groups) or "none"
    said: tuple[tuple[bool, str, dict[str, Scalar], str], ...] = (
        (layout.guessed, TOLD, {"score": layout.score, "outcome": layout.outcome, "groups": groups}, "finding"),
        (pile.commas, COMMA, {}, "finding"),
        (times > 1, REPEATED, {"times": times}, "caveat"),
        (pile.rounded, ROUNDED, {"most": EXACT_SCORES}, "caveat"),
        (pile.late > 0, LATE, {"n": pile.late, "days": layout.window_days}, "finding"),
    )
    spelled = [Note(text=SPELLED, values={"column": c, "n": n}, kind="caveat") for c, n in pile.spellings.items()]
    made = (Note(text=text, values=values, kind=kind) for so, text, values, kind in said if so)
    return (*made, *pile.persons.notes, *spelled)


def _words(layout: Layout, pile: _Pile, keys: Floats) -> list[Column]:
    columns = []
    for place, name in enumerate(_worded(layout), start=PERSON + 1):
        area, feature = name.startswith(AREA), name.startswith(FEATURE)
        words = list(pile.words[name])
        used = [words[code] for code in np.unique(keys[:, place]).astype(np.int64).tolist()]
        most = MOST_AREAS if area else MOST_FEATURE_LABELS if feature else MOST_AXIS_LABELS
        refuse_labels(used, name.removeprefix(FEATURE).removeprefix(AREA), most=most, numbered=area)
        labels = Coded([label_of(word) for word in words], keys[:, place].astype(np.int32))
        columns.append(text_column(name, Kind.PLACE if area else Kind.GROUP, labels))
    return columns


def label_of(word: str) -> str:
    """A label as the audit prints it: commas divide lists of words elsewhere, and × joins labels."""
    return word.replace(",", ";").replace("×", "x") or "unknown"


def _vocabulary(layout: Layout, columns: list[Column]) -> list[str]:
    """Every word a finding may use: axes, labels, features and their levels, crossed labels of every set of axes."""
    by_name = {column.name: column.coded() for column in columns if column.kind is Kind.GROUP}
    words = dict.fromkeys((*layout.groups, *layout.features, *layout.areas, EVERYONE, CROSSED))
    for name in (*layout.groups, *(FEATURE + f for f in layout.features)):
        words |= dict.fromkeys(sorted(by_name[name].words))
    axes = [by_name[name] for name in layout.groups]
    present = set(zip(*(axis.codes.tolist() for axis in axes), strict=True))
    for chosen in range(1, 2 ** len(axes)):
        some = [i for i in range(len(axes)) if chosen >> i & 1]
        if len(some) > 1:
            crossed = {tuple(axes[i].words[codes[i]] for i in some) for codes in present}
            words |= dict.fromkeys(TIMES.join(parts) for parts in sorted(crossed))
    return list(words)
