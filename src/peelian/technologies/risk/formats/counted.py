"""File formats of comparisons, of drift and of overrides: rows of people or of counts, reduced to counts on import."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted, Dropped, Format
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk.formats.cells import (
    MISSING,
    UNKNOWN,
    coded,
    numbers,
    outcomes,
    recoded,
    refuse_where,
    rows_of,
)
from peelian.technologies.risk.formats.layout import (
    OPTIONS,
    PACKED,
    PSEUDONYM,
    Preset,
    layout_of,
    refuse_identifying,
    refuse_labels,
)
from peelian.technologies.risk.formats.persons import EVER, Persons
from peelian.technologies.risk.formats.tallying import (
    EXACT_SCORES,
    MOST_AXIS_LABELS,
    NO_SCORE,
    PILE,
    ROUNDED,
    cut_to_four,
    drop,
    grouped,
    label_of,
    people_of,
)
from peelian.technologies.risk.measure.counts import Floats, Mask
from peelian.technologies.risk.shared import CROSSED, EVERYONE, refuse_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One part of a cell's key: the file's column, how text becomes numbers (nan where missing), and its kind.

    `missing` says why a row without a value is left out; "" keeps it, and a column `…_known` of 0 and 1 says so.
    A column "" is one that the file lacks.
    """

    column: str
    read: Callable[[Table, str], Floats]
    kind: Kind
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a table of counts is called and made of.

    `n` is "" where each row is one assessment, of the person whose pseudonym is in the column `person` ("": of another
    person each).
    """

    name: str
    keys: Mapping[str, Key]
    groups: tuple[str, ...] = ()
    n: str = ""
    person: str = ""


@dataclass(slots=True)
class _Pile:
    """Cells so far: keys [cells, columns], the last of them the person's number; rows and different people [cells, 2].

    Words by group column, and rows left out: how many, the first.
    """

    words: dict[str, dict[str, int]]
    keys: list[Floats] = field(default_factory=list)
    people: list[Floats] = field(default_factory=list)
    persons: Persons = field(default_factory=Persons)
    dropped: dict[str, tuple[int, int]] = field(default_factory=dict)
    rounded: bool = False


def reduced(parts: Iterable[Table], recipe: Recipe) -> Admitted:
    """The counts of a file that arrives in parts of text columns. Memory: the cells, one part, 8 bytes a person.

    InputError names the row. Scores of more than 10,000 values are cut to four significant digits.
    """
    pile = _Pile(words={name: {} for name in recipe.groups})
    for part in parts:
        _pour(part, recipe, pile)
        if sum(map(len, pile.keys)) > PILE:
            _merge(recipe, pile)
    _merge(recipe, pile)
    if not pile.keys or not len(pile.keys[0]):
        raise NotEnoughData("no row has a score", accepted="at least one row with a score")
    pile.keys[0][:, -1] = pile.persons.folds(pile.keys[0][:, -1])
    _merge(recipe, pile)
    return _admitted(recipe, pile)


def _pour(text: Table, recipe: Recipe, pile: _Pile) -> None:
    """Count one part of the file."""
    n, rows = people_of(text, recipe.n), rows_of(text)
    kept: Mask = n > 0
    columns = []
    for key in recipe.keys.values():
        values = key.read(text, key.column) if key.column else np.full(len(text), np.nan)
        columns.append(values)
        if key.missing:
            drop(pile.dropped, key.missing, kept & np.isnan(values), rows)
            kept &= ~np.isnan(values)
    for name in recipe.groups:
        source = coded(text, name)
        columns.append(recoded(source.words, pile.words[name])[source.codes].astype(np.float64))
    person, first = np.zeros((2, len(n)))
    if recipe.person:
        earlier = (keys[:, -1] for keys in pile.keys)
        person, hashes = pile.persons.told(text[recipe.person], recipe.person, kept, rows, earlier)
        first[kept] = pile.persons.first(hashes, np.ones(len(hashes), dtype=np.bool_), EVER)
    keys, people = grouped(np.stack([*columns, person], axis=1)[kept], np.stack([n, first], axis=1)[kept])
    pile.keys.append(keys)
    pile.people.append(people)


def _merge(recipe: Recipe, pile: _Pile) -> None:
    """Bring equal cells together; O(cells log cells)."""
    if not pile.keys:
        return
    keys, people = np.concatenate(pile.keys), np.concatenate(pile.people)
    for place, key in enumerate(recipe.keys.values()):
        if key.kind is Kind.AMOUNT and len(np.unique(keys[:, place])) > EXACT_SCORES:
            keys[:, place] = cut_to_four(keys[:, place])
            pile.rounded = True
    keys, people = grouped(keys, people)
    pile.keys, pile.people = [keys], [people]


def _admitted(recipe: Recipe, pile: _Pile) -> Admitted:
    keys, (people, distinct) = pile.keys[0], np.rint(pile.people[0].T).astype(np.int64)
    columns = []
    for place, (name, key) in enumerate(recipe.keys.items()):
        columns += _column(name, key, keys[:, place])
    columns.append(Column(name="n", kind=Kind.COUNT, values=people, unit="people"))
    if pile.persons.repeated:
        columns.append(Column(name="fold", kind=Kind.COUNT, values=keys[:, -1].astype(np.int64)))
        columns.append(Column(name="distinct", kind=Kind.COUNT, values=distinct))
    known: dict[str, None] = dict.fromkeys((*recipe.groups, EVERYONE, CROSSED))
    for place, name in enumerate(recipe.groups, start=len(recipe.keys)):
        words = list(pile.words[name])
        refuse_labels(words, name, most=MOST_AXIS_LABELS)
        labels = [label_of(word) for word in words]
        values = np.array(labels, dtype=object)[keys[:, place].astype(np.int64)]
        columns.append(Column(name=name, kind=Kind.GROUP, values=values))
        known |= dict.fromkeys(sorted(labels))
    facts: dict[str, Scalar] = {"people": int(people.sum()), **pile.persons.facts}
    facts |= {"axes": ",".join(recipe.groups), "groups": ",".join(known)}
    rounded = (Note(text=ROUNDED, values={"most": EXACT_SCORES}, kind="caveat"),) if pile.rounded else ()
    dropped = tuple(Dropped(why=why, n=n, first_row=row) for why, (n, row) in pile.dropped.items())
    made = Table(name=recipe.name, columns=tuple(columns))
    return Admitted(table=made, facts=facts, dropped=dropped, notes=(*rounded, *pile.persons.notes))


def _column(name: str, key: Key, values: Floats) -> list[Column]:
    known = ~np.isnan(values)
    if key.kind is Kind.AMOUNT:
        return [Column(name=name, kind=key.kind, values=values.copy())]
    whole = np.where(known, values, 0).astype(np.int64)
    if key.kind is Kind.TIME:  # months since 1970
        return [Column(name=name, kind=key.kind, values=whole.astype("datetime64[M]").astype("datetime64[D]"))]
    made = [Column(name=name, kind=key.kind, values=whole)]
    if not key.missing:
        made.append(Column(name=f"{name}_known", kind=Kind.COUNT, values=known.astype(np.int64)))
    return made


NO_OUTCOME, NO_DECISION, NO_QUARTER = "Outcome unknown", "Decision missing", "Quarter missing"
QUARTER = re.compile(r"(\d{4})[\s-]?[QqTt]([1-4])")
DAY = re.compile(r"(\d{4})-(\d{2})(-\d{2}([T ].*)?)?")
OWN_OPTIONS: Mapping[str, str] = {
    "score_2": "Column of the second score (default: score_2)",
    "quarter": "Column of the quarter, such as 2019-Q3, or of a date (default: quarter)",
    "date": "Column of the date. Only its quarter is kept (default: date)",
    "decision": "Column of the decision: 1 as for a high score, 0 as for a low one (default: decision)",
}
DECIDERS = frozenset(
    {
        "judge", "judges", "magistrate", "officer", "officers", "agent", "clerk", "decider", "decisionmaker", "maker",
        "reviewer", "assessor", "evaluator", "examiner", "rater", "staff", "worker", "caseworker", "supervisor",
        "prosecutor", "employee", "user", "badge", "juge", "magistrat", "policier", "policiere", "greffier",
        "decideur", "décideur", "evaluateur", "évaluateur", "employe", "employé", "intervenant", "procureur",
    }
)  # fmt: skip
"""Words in the name of a column that says who decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A column that a format reads: how, as which kind, and why a row without it is left out."""

    read: Callable[[Table, str], Floats]
    kind: Kind
    missing: str = ""
    called: str = ""  # the table's name for it, where it differs from the file's


def _outcome(text: Table, column: str) -> Floats:
    found = outcomes(text, column)
    return np.where(found == UNKNOWN, np.nan, found)


def quarters(text: Table, column: str) -> Floats:
    """The first month of each row's quarter, in months since 1970; nan where missing. InputError names the row."""
    column_words = coded(text, column)
    found = [_quarter(word) for word in column_words.words]
    bad = np.array([month is None for month in found], dtype=np.bool_)[column_words.codes]
    refuse_where(text, column, bad, "not a quarter or a date", "2019-Q3 or YYYY-MM-DD")
    return np.array([np.nan if month is None else month for month in found])[column_words.codes]


def _quarter(word: str) -> float | None:
    if word.lower() in MISSING:
        return np.nan
    if match := QUARTER.fullmatch(word):
        return (int(match[1]) - 1970) * 12.0 + 3 * (int(match[2]) - 1)
    match = DAY.fullmatch(word)
    if match is None or not 1 <= int(match[2]) <= 12:
        return None
    return (int(match[1]) - 1970) * 12.0 + 3 * ((int(match[2]) - 1) // 3)


SCORE = Kept(read=numbers, kind=Kind.AMOUNT, missing=NO_SCORE)
KNOWN_OUTCOME = Kept(read=_outcome, kind=Kind.COUNT, missing=NO_OUTCOME)
OUTCOME = Kept(read=_outcome, kind=Kind.COUNT)
WHEN = Kept(read=quarters, kind=Kind.TIME, missing=NO_QUARTER, called="quarter")
DECISION = Kept(read=_outcome, kind=Kind.COUNT, missing=NO_DECISION)


def refuse_deciders(header: Sequence[str]) -> None:
    """InputError where a column says who decided: overrides are counted by group, never by decision-maker.

    >>> refuse_deciders(["score", "decision", "race"])
    """
    for name in header:
        if set(re.split(r"[^0-9a-zà-ÿ]+", name.strip().lower())) & DECIDERS:
            raise InputError(
                "the file has a column that says who decided",
                row=1,
                column=name[:60],
                accepted="a file without it: overrides are counted by group, never by decision-maker",
            )


def _format(
    id: str, title: str, shape: str, keys: Mapping[str, Kept], *, optional: str = "", by_group: bool = True
) -> Format:
    """A format whose own columns are `keys`, of which `optional` may be absent; the header's others are groups."""

    def recipe(header: Sequence[str], options: Mapping[str, str]) -> Recipe:
        return _recipe(header, options, (shape, keys, optional), by_group=by_group)

    def pick(header: tuple[str, ...], options: Mapping[str, str]) -> Mapping[str, str]:
        made = recipe(header, options)
        names = (*(key.column for key in made.keys.values()), *made.groups, made.n, made.person)
        return {name: name for name in sorted(names) if name}

    def stream(parts: Iterable[Table], options: Mapping[str, str]) -> Admitted:
        waiting = iter(parts)
        first = next(waiting, None)
        if first is None:
            raise InputError("file has no rows", accepted="a header and rows")
        made = recipe([name for name in first.names if name != "row"], options)
        return reduced(chain([first], waiting), made)

    required = frozenset(keys) - {optional}
    known = ("score", "outcome", "n", *(("groups",) if by_group else ()))
    return Format(
        id=id,
        title=title,
        shape=shape,
        words=frozenset({CROSSED, EVERYONE}),
        required=required,
        columns=required,
        over=frozenset({"risk-tally", "risk-cohort", "compas-tally"}),
        options={name: OPTIONS[name] for name in known} | {n: OWN_OPTIONS[n] for n in keys if n in OWN_OPTIONS},
        kinds=("csv", "parquet"),
        numbers=frozenset({"score", "score_2", "n"}),
        packed=PACKED,
        pick=pick,
        stream=stream,
    )


def _recipe(
    header: Sequence[str], options: Mapping[str, str], made: tuple[str, Mapping[str, Kept], str], *, by_group: bool
) -> Recipe:
    """What a file with this header is reduced to; `made` is a format's shape, its keys and its optional column."""
    shape, keys, optional = made
    refuse_identifying(header)
    refuse_weights(header)
    if "decision" in keys:
        refuse_deciders(header)
    there = {name.strip().lower(): name for name in header}
    found = {name: there.get(options.get(name, name).strip().lower(), "") for name in keys}
    for name in (name for name, column in found.items() if not column and name != optional):
        accepted = sentence("a column named %(missing)s, or option %(missing)s=COLUMN", missing=name)
        raise InputError(sentence("no column for %(name)s", name=name), row=1, column=name, accepted=accepted)
    told = {"score": found["score"], "outcome": found["outcome"] or found["decision"]}
    preset = Preset(tally="n" in there or "n" in options, ignored=tuple(found.values()))
    own = {*found.values(), options.get("n", "n"), there.get(PSEUDONYM, "")}
    read = header if by_group else [name for name in header if name in own]
    layout = layout_of(read, {name: text for name, text in options.items() if name in OPTIONS} | told, preset)
    return Recipe(
        name=shape,
        keys={
            kept.called or name: Key(column=found[name], read=kept.read, kind=kept.kind, missing=kept.missing)
            for name, kept in keys.items()
        },
        groups=layout.groups if by_group else (),
        n=layout.n,
        person=layout.person,
    )


FURTHER = (
    _format(
        "risk-pair",
        "Two scores of the same people: score, score_2, outcome and group columns",
        "pair",
        {"score": SCORE, "score_2": SCORE, "outcome": KNOWN_OUTCOME},
    ),
    _format(
        "risk-quarters", "Scores by quarter: score, outcome, quarter", "quarters",
        {"score": SCORE, "outcome": OUTCOME, "quarter": WHEN}, by_group=False,
    ),
    _format(
        "risk-dates", "Scores by date: score, outcome, date. Only the quarter is kept", "quarters",
        {"score": SCORE, "outcome": OUTCOME, "date": WHEN}, by_group=False,
    ),
    _format(
        "risk-overrides",
        "Scores and decisions: score, decision and group columns; outcome where known",
        "overrides",
        {"score": SCORE, "decision": DECISION, "outcome": OUTCOME},
        optional="outcome",
    ),
)  # fmt: skip
