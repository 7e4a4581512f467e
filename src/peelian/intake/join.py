"""Join: a second table of figures about areas is joined to the first by the area's name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from peelian.errors import InputError, sentence
from peelian.intake.csv_reader import Read, csv_parts, head_of
from peelian.intake.dialect import plain_name
from peelian.intake.sources import Limits, shown_name, sources
from peelian.intake.text_table import Wanted, joined_parts
from peelian.measure.table import Column, Kind, Table

PREFIX = "demographics:"
MOST_ROWS = 200_000


def joined_columns(part: Table, options: Mapping[str, str], limits: Limits) -> Table:
    """`part` with the columns of the CSV named by the option `demographics`, each under `demographics:<its name>`.

    The rows are matched by the first column of the CSV whose values are the values of a column of `part`; a row of
    `part` without a match gets "". Without the option `part` comes back as it is. O(rows × columns).
    """
    if "demographics" not in options:
        return part
    path = Path(options["demographics"])
    name = shown_name(path.name)
    found = sources(path, limits)
    if len(found) != 1 or found[0].kind != "csv":
        raise InputError("more than one CSV file of area figures", file=name, accepted="one CSV file")
    how = head_of(found[0], limits)
    want = Wanted(
        places={column: place for place, column in enumerate(how.header)}, packed=frozenset(), numbers=frozenset()
    )
    second = joined_parts(list(csv_parts(found[0], how, want, Read(drop_bad=False, limits=limits, said={}))))
    if len(second) > MOST_ROWS:
        accepted = sentence("at most %(most)d areas", most=MOST_ROWS)
        raise InputError("table of figures too long", file=name, accepted=accepted)
    left, right = _key(part, second, how.header, name)
    where = {key(value): row for row, value in enumerate(second[right].tolist())}
    if len(where) < len(second):
        raise InputError("two rows for one area", file=name, column=right, accepted="one row per area")
    at = np.array([where.get(key(value), len(second)) for value in part[left].tolist()], dtype=np.int64)
    extra = [
        Column(
            name=f"{PREFIX}{plain_name(column)}",
            kind=Kind.PERSONAL,
            values=np.array([*second[column].tolist(), ""], dtype=object)[at],
        )
        for column in how.header
    ]
    return Table(name=part.name, columns=(*part.columns, *extra))


def key(name: str) -> str:
    """An area's name for comparing: small letters and digits only, so that blanks, points and dashes do not matter.

    >>> key("Yonge-St. Clair"), key("Yonge–St.Clair")
    ('yongestclair', 'yongestclair')
    """
    return "".join(c for c in str(name).casefold() if c.isalnum())


def _key(part: Table, second: Table, header: tuple[str, ...], name: str) -> tuple[str, str]:
    """The pair of columns (of `part`, of the second table) with the most values in common; at least half of them.

    Columns of numbers are compared only with a column of the same name: two tables may number different things.
    """
    best, most = ("", ""), 0.0
    mine = {c: {key(v) for v in part[c].tolist() if key(v)} for c in part.names if c not in ("row", "geometry")}
    for right in header:
        theirs = {key(v) for v in second[right].tolist()}
        for left, values in mine.items():
            same = plain_name(left) == plain_name(right)
            if len(values) < len(part) or (not same and all(v.isdigit() for v in values)):
                continue
            share = len(values & theirs) / len(values)
            if share > most or (share == most and same):
                best, most = (left, right), share
    if most < 0.5:
        raise InputError(
            "no column of the figures names the areas of the first file",
            file=name,
            accepted="a column with the areas' names as in the first file",
        )
    return best
