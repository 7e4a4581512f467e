"""Recognition of a format by a file's header, and what an unknown file resembles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from peelian.errors import ColumnMissing, InputError, sentence
from peelian.intake.dialect import plain_name
from peelian.intake.header import Header, TableHead, refuse_missing
from peelian.kernel.model.formats import Format

AUTO, ON_BAD_ROW = "auto", "on_bad_row"


def chosen_format(format: str, header: Header, formats: Sequence[Format], options: Mapping[str, str]) -> Format:
    """The format with the id `format`, or for "auto" the one that the header fits.

    The most specific format wins: one that goes before the others (`Format.over`), else the one with the most required
    columns. A format without required columns is asked last, whether it can make out its columns. InputError: none
    fits, or two fit equally well.
    """
    if format != AUTO:
        return _named(format, header, formats)
    able = [f for f in formats if header.kind in f.kinds]
    for table in header.tables:
        if fitting := _fitting(table, able):
            return fitting
    guessers = [f for f in able if not f.required and f.pick]
    guessers = [f for f in guessers if set(options) <= {*f.options, ON_BAD_ROW}] or guessers
    faults: list[InputError] = []
    near = {known.shape for known, _ in _near(header.tables[0], formats)}
    guessers.sort(key=lambda f: f.shape not in near)  # what is said of the file is said of what it resembles
    for guesser in guessers:
        for table in header.tables:
            fault = _guess_fault(guesser, table, options)
            if fault is None:
                return guesser
            faults.append(fault)
    lacking: list[InputError] = [f for f in faults if isinstance(f, ColumnMissing)]
    telling = lacking or [f for f in faults if f.column] or faults
    raise InputError(
        _unlike(resemblance(header.tables[0], formats), telling),
        row=1,
        column=telling[0].column if telling else "",
        accepted=telling[0].accepted if telling else ", ".join(f.id for f in formats),
    )


def those_that_fit(header: Header, chosen: Format, options: Mapping[str, str]) -> tuple[Header, int]:
    """The header with only the tables that fit the format, and how many tables of the archive were left out."""
    if len(header.tables) == 1:
        return header, 0
    kept = tuple(table for table in header.tables if _fits(chosen, table, options))
    if not kept:
        refuse_missing(chosen, header.tables[0])
        return header, 0
    return replace(header, tables=kept), len(header.tables) - len(kept)


def resemblance(table: TableHead, formats: Sequence[Format]) -> str:
    """Which formats a header resembles and what it lacks, for a message; "" when it resembles none."""
    near = _near(table, formats)
    if not near:
        return ""
    told = [
        sentence("%(format)s without %(columns)s", format=known.id, columns=", ".join(lacks)) for known, lacks in near
    ]
    return told[0] if len(told) == 1 else sentence("%(first)s and %(second)s", first=told[0], second=told[1])


def _near(table: TableHead, formats: Sequence[Format]) -> list[tuple[Format, list[str]]]:
    """The two formats that lack least of their columns in this header, each with what it lacks."""
    near = []
    for known in formats:
        need = {plain_name(c) for c in known.required}
        if need and len(need & table.plain) * 3 >= len(need):
            near.append((len(need - table.plain) / len(need), known.id, (known, sorted(need - table.plain))))
    return [found for *_, found in sorted(near, key=lambda item: item[:2])[:2]]


def _named(format: str, header: Header, formats: Sequence[Format]) -> Format:
    for known in formats:
        if known.id == format:
            if header.kind not in known.kinds:
                says = sentence("the format %(format)s is never %(kind)s", format=format, kind=header.kind)
                raise InputError(says, accepted=" or ".join(known.kinds))
            return known
    raise InputError("unknown format", accepted=", ".join([AUTO, *(known.id for known in formats)]))


def _fitting(table: TableHead, formats: Sequence[Format]) -> Format | None:
    fitting = [f for f in formats if f.required and {plain_name(c) for c in f.required} <= table.plain]
    fitting = [f for f in fitting if not any(f.id in other.over for other in fitting)]
    most = max((len(f.required) for f in fitting), default=0)
    best = [f for f in fitting if len(f.required) == most]
    if len(best) > 1:
        names = ", ".join(f.id for f in best)
        accepted = sentence("one of them named: %(names)s", names=names)
        raise InputError("column names match more than one format", row=1, accepted=accepted)
    return best[0] if best else None


def _guess_fault(guesser: Format, table: TableHead, options: Mapping[str, str]) -> InputError | None:
    if guesser.pick is None:
        return None
    try:
        guesser.pick(table.names, options)
    except InputError as fault:
        return fault
    return None


def _fits(chosen: Format, table: TableHead, options: Mapping[str, str]) -> bool:
    if chosen.pick:
        return _guess_fault(chosen, table, options) is None
    return {plain_name(c) for c in chosen.required} <= table.plain


def _unlike(near: str, faults: Sequence[InputError]) -> str:
    says = sentence("column names match no known format")
    says = sentence("%(what)s; it resembles %(formats)s", what=says, formats=near) if near else says
    return sentence("%(what)s; as any table: %(why)s", what=says, why=sentence(faults[0].wrong)) if faults else says
