"""The shape "predictions": how often a vendor's predictions named each area, with residents and groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Column, Kind, Table, Values
from peelian.technologies.mapping.formats.areas import GEOMETRY, crs_of
from peelian.technologies.mapping.formats.drops import Ints
from peelian.technologies.mapping.formats.numbers import whole_numbers

NO_FIGURE = "%(n)d missing figures count as 0."
NO_OUTLINE = "%(n)d areas have no readable outline. They are not on the map."
OPTIONS: Mapping[str, str] = {
    "predictions": "column with number of predictions (default predictions)",
    "population": "column with number of residents (default population)",
    "groups": "columns with residents by group, comma-separated, as label=column or label=one+other",
    "crs": "EPSG code of the coordinates, if not longitude and latitude",
}
MARKUP: Mapping[str, str] = {
    "predictions": "count",
    "population": "total_estimate",
    "groups": "black_or_latino=black_alone+latino_alone,black=black_alone,latino=latino_alone,white=white_alone,"
    "asian=asian_alone",
}
MARKUP_COLUMNS = frozenset({"count", "total_estimate", "black_alone", "latino_alone", "white_alone", "asian_alone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed:
    """A group: its label and the columns whose counts are added."""

    label: str
    columns: tuple[str, ...]


def predictions(text: Table, options: Mapping[str, str]) -> Admitted:
    """Columns predictions, population and group_<label>, one row per area; facts name the groups.

    A file with outlines has a column outline as well (WKT, "" where it cannot be read).

    InputError names row and column of a figure that cannot be read, and a group larger than the residents. O(rows).
    """
    counted, missing = _counts(text, _column(text.names, options.get("predictions", "predictions")))
    residents, lacking = _counts(text, _column(text.names, options.get("population", "population")))
    columns = [
        Column(name="predictions", kind=Kind.COUNT, values=counted, unit="predictions"),
        Column(name="population", kind=Kind.COUNT, values=residents, unit="residents"),
    ]
    groups = summed_groups(options.get("groups", ""))
    for group in groups:
        parts = [_counts(text, _column(text.names, name)) for name in group.columns]
        members = np.sum([part for part, _ in parts], axis=0).astype(np.int64)
        missing += sum(gone for _, gone in parts)
        more = members > residents
        if bool(more.any()):
            says = "group larger than the area's population"
            raise InputError(says, row=int(text["row"][more.argmax()]), column=group.columns[0])
        columns.append(Column(name=f"group_{group.label}", kind=Kind.COUNT, values=members, unit="residents"))
    facts: dict[str, Scalar] = {"groups": ",".join(group.label for group in groups), "n": len(text)}
    gone = missing + lacking
    notes = [Note(text=NO_FIGURE, values={"n": gone})] if gone else []
    if GEOMETRY in text:
        outlines, unread = _outlines(text, crs_of(options))
        columns.append(Column(name="outline", kind=Kind.OUTLINE, values=outlines))
        notes += [Note(text=NO_OUTLINE, values={"n": unread}, kind="caveat")] if unread else []
    return Admitted(table=Table(name="predictions", columns=tuple(columns)), facts=facts, notes=tuple(notes))


def _outlines(text: Table, crs: str) -> tuple[Values, int]:
    """The outlines as WKT in degrees, and how many could not be read ("")."""
    from peelian.technologies.mapping.formats.outlines import outline  # heavy: only where outlines are read

    made = np.full(len(text), "", dtype=object)
    for row, geometry in enumerate(text[GEOMETRY].tolist()):
        with suppress(InputError):
            made[row] = outline(str(geometry), crs).wkt
    return made, int((made == "").sum())


def summed_groups(option: str) -> tuple[Summed, ...]:
    """The option `groups`; labels become small letters and underscores.

    >>> summed_groups("Minority=black+latino, white")
    (Summed(label='minority', columns=('black', 'latino')), Summed(label='white', columns=('white',)))
    """
    groups = []
    for item in option.split(","):
        label, _, columns = item.strip().rpartition("=")
        names = tuple(name.strip() for name in columns.split("+") if name.strip())
        if names:
            plain = re.sub(r"[^a-z0-9]+", "_", (label or "_".join(names)).casefold()).strip("_")
            groups.append(Summed(label=plain, columns=names))
    labels = [group.label for group in groups]
    if len(set(labels)) < len(labels) or "" in labels:
        raise InputError("missing or repeated group label", accepted="label=column for each group")
    return tuple(groups)


def picked(header: tuple[str, ...], options: Mapping[str, str]) -> dict[str, str]:
    """The columns to read: predictions, residents, those of the groups, and the outlines where there are any."""
    wanted = [options.get("predictions", "predictions"), options.get("population", "population")]
    wanted += [name for group in summed_groups(options.get("groups", "")) for name in group.columns]
    wanted += [GEOMETRY] if GEOMETRY in header else []
    return {name: name for name in (_column(header, asked) for asked in wanted)}


def _column(header: tuple[str, ...], asked: str) -> str:
    plain = {name.casefold().strip(): name for name in header}
    if asked.casefold().strip() not in plain:
        known = ", ".join(name for name in header if name != "row")[:300]
        raise InputError("unknown column", column=asked[:60], accepted=sentence("one of: %(known)s", known=known))
    return plain[asked.casefold().strip()]


def _counts(text: Table, column: str) -> tuple[Ints, int]:
    """A column as counts, and how many are missing (0)."""
    values: Values = text[column]
    found, missing, bad = whole_numbers(values)
    wrong = bad | (found < -1) | (~missing & (found < 0))
    if bool(wrong.any()):
        row = int(text["row"][wrong.argmax()])
        raise InputError("not a count", row=row, column=column, accepted="whole numbers of 0 or more")
    return np.where(missing, 0, found), int(missing.sum())


def _markup(text: Table, options: Mapping[str, str]) -> Admitted:
    taken = predictions(text, {**MARKUP, **options})
    source = "The Markup and Gizmodo, Prediction: Bias (2021)"
    return Admitted(table=taken.table, facts={**taken.facts, "source": source}, notes=taken.notes)


VENDOR = Format(
    id="vendor-areas",
    title="Vendor predictions by area, with residents by group",
    shape="predictions",
    required=frozenset({"predictions", "population"}),
    columns=frozenset(),
    convert=predictions,
    options=OPTIONS,
    kinds=("csv", "parquet", "geojson", "json"),
    pick=picked,
)
PREDPOL = Format(
    id="predpol-block-groups",
    title="PredPol predictions by census block group (The Markup)",
    shape="predictions",
    required=MARKUP_COLUMNS,
    columns=MARKUP_COLUMNS | {GEOMETRY},
    convert=_markup,
    options=OPTIONS,
    kinds=("csv", "parquet", "geojson", "json"),
)
