"""Intake and release checks: what may enter the vault and what may leave it, judged by value, not by label."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from peelian.errors import InputError, Reason, sentence
from peelian.kernel.model.capability import Capability, Emit, Findings, Scalar
from peelian.kernel.model.documents import PEOPLE, Declaration
from peelian.kernel.model.formats import Admitted
from peelian.measure.categories import CATEGORIES
from peelian.measure.table import NEVER_LEAVES, Column, Kind, Table
from peelian.measure.vocabularies import is_age_band

CELL = re.compile(r"[1-9][0-9]{2,3}(?::(?:0|-?[1-9][0-9]{0,4})){2}")  # 100 m or more: smaller ones mark single homes
DIGEST = re.compile(r"[0-9a-f]{64}")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}(:\d{2}(:\d{2})?)?)?")
NAME = re.compile(r"[a-z][a-z0-9_]{0,48}")  # of a fact
GENDERS = frozenset({"female", "male", "another", "unknown", "all"})
MOST_AREAS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every word that may pass a door: general categories, the capability's vocabulary, admitted areas and groups."""

    words: Set[str] = field(default_factory=frozenset)
    areas: Set[str] = field(default_factory=frozenset)
    groups: Set[str] = field(default_factory=frozenset)


def declaration_faults(declaration: Declaration, *, of_people: bool = False) -> Iterator[Reason]:
    """No data comes in before its purposes, legal basis, minimisation, retention and source are written down; none that
    shows people (`of_people`), before it is said whether they are listed."""
    for name in ("title", "legal_basis", "minimisation", "source"):
        if not getattr(declaration, name).strip():
            yield Reason(
                rule="declaration_faults",
                says=sentence("%(what)s missing", what=sentence(name.replace("_", " "))),
                remedy="Write it down.",
            )
    if not declaration.purposes:
        yield Reason(rule="declaration_faults", says="no purpose stated", remedy="State at least one.")
    if not 1 <= declaration.retention_days <= 36_500:
        yield Reason(
            rule="declaration_faults",
            says="retention not between 1 and 36,500 days",
            remedy="State after how many days the data must no longer be used.",
        )
    if (of_people or declaration.people) and declaration.people not in PEOPLE:
        yield Reason(
            rule="declaration_faults",
            says="people concerned not stated",
            remedy="Give the list of people concerned, or state “people not known”.",
        )


def check_at_intake(admitted: Admitted) -> None:
    """Raise InputError where a converted column does not hold what its kind says. O(cells)."""
    for column in admitted.table.columns:
        words = Words(areas=_few(column), groups=_few(column))
        fault = _fault(column, admitted.table, words)
        if fault and column.kind not in NEVER_LEAVES:
            row, says, accepted = fault
            raise InputError(says, row=row + 1, column=column.name, accepted=accepted)


def release_faults(findings: Findings, capability: Capability, words: Words) -> tuple[Reason, ...]:
    """Everything that keeps `findings` from leaving: undeclared tables, wrong values, unlisted sentences. O(cells)."""
    found: list[Reason] = []
    emits = {emit.table: emit for emit in capability.emits}
    for table in findings.tables:
        emit = emits.get(table.name)
        if emit is None:
            found.append(
                _reason("only_declared_tables_leave", sentence("table %(name)s is not declared", name=table.name))
            )
            continue
        found += _table_faults(table, emit, words)
    for note in findings.notes:
        if note.text not in capability.arithmetic().messages:
            found.append(_reason("only_listed_sentences_leave", "a sentence is not declared by the capability"))
        found += _scalar_faults(note.values, words)
    found += _scalar_faults(findings.facts, words)
    return tuple(found)


def _table_faults(table: Table, emit: Emit, words: Words) -> Iterator[Reason]:
    for name in sorted(set(emit.columns) - set(table.names) - emit.optional):
        yield _reason(
            "only_declared_tables_leave",
            sentence("table %(name)s lacks column %(name2)s", name=table.name, name2=name),
        )
    for column in table.columns:
        where = f"table {table.name}, column {column.name}"
        if column.name not in emit.columns or column.kind is not emit.kinds[column.name]:
            yield _reason(
                "only_declared_tables_leave",
                sentence("%(where)s is not declared as %(kind)s", where=where, kind=column.kind),
            )
        elif column.kind in NEVER_LEAVES:
            yield _reason("no_person_leaves", sentence("%(where)s has kind %(kind)s", where=where, kind=column.kind))
        elif fault := _fault(column, table, words):
            row, says, accepted = fault
            yield _reason(
                "values_are_what_their_kind_says",
                sentence("%(where)s, row %(what)s: %(says)s", where=where, what=row + 1, says=says),
                sentence("Return %(accepted)s.", accepted=accepted),
            )


def _scalar_faults(values: Mapping[str, Scalar], words: Words) -> Iterator[Reason]:
    for key, value in values.items():
        if not NAME.fullmatch(key):
            yield _reason("only_listed_sentences_leave", "a fact's name is not a plain identifier")
        elif isinstance(value, str) and not _is_word(value, words):
            yield _reason(
                "values_are_what_their_kind_says",
                sentence("%(key)s holds text of %(n)s characters that is not a known word", key=key, n=len(value)),
            )


def _is_word(value: str, words: Words) -> bool:
    if value == "" or value in words.words or value in words.areas or value in words.groups or value in CATEGORIES:
        return True
    return any(shape.fullmatch(value) for shape in (CELL, DATE, DIGEST))


def _reason(
    rule: str, says: str, remedy: str = "Correct the capability. Undeclared results cannot be released."
) -> Reason:
    return Reason(rule=rule, says=says, remedy=remedy)


def _fault(column: Column, table: Table, words: Words) -> tuple[int, str, str] | None:
    """The first value that is not what the column's kind says: (row from 0, what it is, what is accepted), or None."""
    if column.kind in NEVER_LEAVES:
        return 0, f"the column is {column.kind}", "columns of kinds that may leave"
    if column.kind in (Kind.COUNT, Kind.RATE, Kind.AMOUNT):
        return _number_fault(column, table)
    if column.kind is Kind.TIME:
        import numpy as np  # heavy: only where a table is checked

        dtype = column.values.dtype
        coarse = dtype.kind == "M" and np.datetime_data(dtype)[0] in "hDWMY"
        return None if coarse else (0, "the times are finer than an hour or no times", "times rounded to hours or days")
    return _text_fault(column, words)


def _number_fault(column: Column, table: Table) -> tuple[int, str, str] | None:
    values = column.values
    if column.kind is Kind.COUNT:
        if values.dtype.kind not in "iu":
            return 0, "counts are not whole numbers", "whole numbers of at least 0"
        below = (values < 0).nonzero()[0]
        return (int(below[0]), "a count is below 0", "whole numbers of at least 0") if below.size else None
    if values.dtype.kind != "f":
        return 0, f"the {column.kind} is not a real number", "real numbers"
    if column.kind is Kind.RATE:
        import numpy as np

        if column.n not in table or table.column(column.n).kind is not Kind.COUNT:
            return 0, "a rate stands without its n", "a rate that names the count column holding its n"
        bare = np.flatnonzero((table[column.n] == 0) & np.isfinite(values))
        return (int(bare[0]), "a rate rests on nothing", "no value where n is 0") if bare.size else None
    return None


def _text_fault(column: Column, words: Words) -> tuple[int, str, str] | None:
    accepted = _ACCEPTED.get(column.kind, "a known kind")
    for value, row in column.first_rows().items():
        if not isinstance(value, str) or not _text_passes(value, column.kind, words):
            kind = f"text of {len(value)} characters" if isinstance(value, str) else type(value).__name__
            return row, f"{kind} is no {column.kind}", accepted
    return None


def _text_passes(value: str, kind: Kind, words: Words) -> bool:
    return kind in _PASSES and _PASSES[kind](value, words)


_PASSES: Mapping[Kind, Callable[[str, Words], bool]] = {
    Kind.PLACE: lambda value, words: value == "" or value in words.areas or bool(CELL.fullmatch(value)),
    Kind.CATEGORY: lambda value, words: value in CATEGORIES or value in words.words,
    Kind.GROUP: lambda value, words: value in words.groups or value in words.words,
    Kind.LEVEL: lambda value, words: value in words.words,
    Kind.AGE_BAND: lambda value, words: value == "all" or is_age_band(value),
    Kind.GENDER: lambda value, words: value in GENDERS,
    Kind.DIGEST: lambda value, words: bool(DIGEST.fullmatch(value)),
}


_ACCEPTED: Mapping[Kind, str] = {
    Kind.PLACE: "grid cells and areas the town admitted",
    Kind.CATEGORY: "words of the published list of general categories",
    Kind.GROUP: "audit groups declared at admission",
    Kind.LEVEL: "levels the capability lists",
    Kind.AGE_BAND: "age bands such as 18-24",
    Kind.GENDER: ", ".join(sorted(GENDERS)),
    Kind.DIGEST: "64 hexadecimal digits",
}


def _few(column: Column) -> Set[str]:
    """At the door in, areas and groups are what the column holds, as long as they are few: many values are no list."""
    if column.kind not in (Kind.PLACE, Kind.GROUP):
        return frozenset()
    distinct, _ = column.coded()
    most = min(MOST_AREAS, max(500, len(column) // 10)) if column.kind is Kind.PLACE else 200
    if len(distinct) > most:
        return frozenset()
    return frozenset(value for value in distinct if isinstance(value, str) and len(value) <= 100_000)
