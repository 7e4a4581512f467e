"""File formats of comparisons, of drift and of overrides: rows of people or of counts, reduced to counts on import."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from peelian.errors import InputError, sentence
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, Table
from peelian.technologies.risk.cells import MISSING, UNKNOWN, coded, numbers, outcomes, refuse_where
from peelian.technologies.risk.counts import CROSSED, EVERYONE, Floats
from peelian.technologies.risk.identity import PACKED, PSEUDONYM, refuse_identifying
from peelian.technologies.risk.layout import OPTIONS, Preset, layout_of
from peelian.technologies.risk.reduction import Key, Recipe, reduced
from peelian.technologies.risk.tallying import NO_SCORE

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


def refuse_weights(names: Sequence[str]) -> None:
    """InputError where there are weights, which only the audit uses.

    >>> refuse_weights(["score", "outcome", "race"])
    """
    for name in names:
        if name.strip().lower() == "weight":
            raise InputError(
                "weights are not used here", column=name, accepted="no weights, or risk.audit, which uses them"
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
