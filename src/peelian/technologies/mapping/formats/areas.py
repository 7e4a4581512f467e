"""The shape "areas": outlines by name, with residents, residents of declared groups and hours of patrol."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.persons import are_homes, are_names
from peelian.measure.table import Column, Kind, Table, Values
from peelian.technologies.mapping.formats.coordinates import crs_named
from peelian.technologies.mapping.formats.drops import Drops, Ints, drops_for
from peelian.technologies.mapping.formats.numbers import numbers

if TYPE_CHECKING:  # heavy: only where outlines are read
    from peelian.technologies.mapping.formats.outlines import Outline

NAMES: tuple[str, ...] = (
    "area",
    "neighbourhood",
    "neighborhood",
    "area_name",
    "name",
    "nom",
    "community",
    "district",
    "precinct",
)
NAMES += ("ward", "quartier", "arrondissement", "lsoa21nm", "lsoa11nm", "nta_name", "ntaname", "pri_neigh", "beat")
PEOPLE = ("population", "population_2021", "population_2016", "pop", "residents", "total_population")
GEOMETRY, FIGURES = "geometry", "demographics:"
LONGEST_NAME = 120
SMALLEST_SQUARE_METRES = 2_500  # the smallest cell is 50 metres wide
METRES_A_DEGREE = 111_320
SECOND_FILE = "one of: %(known)s; or the option demographics with a CSV file that has it"
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
BAD_OUTLINE = "Unreadable outline"
PATROLS = "patrol_hours"
UNITS: Mapping[str, str] = {PATROLS: "hours"}
CLOSED = "%(n)d outlines were not closed. They were closed."
REPAIRED = "%(n)d outlines crossed themselves by less than 1%% of their area. They were repaired."
THINNED = "%(n)d outlines had too many vertices. They were simplified to within 100 m."
NO_POPULATION = "No residents column found or named. Exposure per resident cannot be computed."
NO_FIGURE = "%(n)d areas have no figure for residents or a group. It counts as 0."
OPTIONS: Mapping[str, str] = {
    "name": "column with area names",
    "population": "column with number of residents",
    "groups": "columns with residents by group, comma-separated, as label=column (add % for percentages)",
    "patrols": "column with patrol hours during the recording (required to use offences found by police)",
    "demographics": "CSV file with these columns, joined by area name",
    "crs": "EPSG code of the coordinates, if not longitude and latitude",
}
TORONTO_DEFAULTS: Mapping[str, str] = {
    "name": "neighbourhood",
    "population": "population_2016",
    "groups": "visible_minority=visible_minority,indigenous_identity=aboriginal_identity,"
    "low_income=lim_at_prevalence_pct%",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A declared group: its label, the column it is counted in, and whether that holds percentages of residents."""

    label: str
    column: str
    percent: bool


def areas(text: Table, options: Mapping[str, str]) -> Admitted:
    """Columns area, outline (WKT, longitude latitude), population, group_<label> and patrol_hours where given.

    Facts name the groups.

    InputError names row and column of an outline or figure that cannot be read, of a doubled or missing name.
    """
    drops = drops_for(options.get("on_bad_row", "stop"))
    rows = text["row"]
    name = picked_name(text.names, options)
    shapes = _outlines(text, options, drops)
    kept = np.array([shape is not None for shape in shapes], dtype=bool)
    _refuse_names(text[name], name, rows, kept)
    whole = text.take(kept)
    found = [shape for shape in shapes if shape is not None]
    if not found:
        raise InputError("no areas left", accepted="at least one polygon")
    _refuse_dwellings(found, rows[kept])
    figures, missing = _figures(whole, options)
    centre = _centre(found)
    columns = [
        Column(name="area", kind=Kind.PLACE, values=_texts([str(v) for v in whole[name].tolist()])),
        Column(name="outline", kind=Kind.OUTLINE, values=_texts([shape.wkt for shape in found])),
        *(Column(name=c, kind=Kind.COUNT, values=v, unit=UNITS.get(c, "residents")) for c, v in figures.items()),
    ]
    labels = [c.removeprefix("group_") for c in figures if c.startswith("group_")]
    facts: dict[str, Scalar] = {
        "groups": ",".join(labels),
        "centre_lon": round(centre[0], 2),
        "centre_lat": round(centre[1], 2),
        "n": len(found),
    }
    notes = _notes(found, missing, "population" in figures)
    return Admitted(table=Table(name="areas", columns=tuple(columns)), facts=facts, dropped=drops.listed(), notes=notes)


def picked_name(header: tuple[str, ...], options: Mapping[str, str]) -> str:
    """The column with the areas' names: the option `name`, else a usual one; InputError lists what there is."""
    return _column(header, options.get("name", ""), NAMES, "name")


def picked(header: tuple[str, ...], options: Mapping[str, str]) -> dict[str, str]:
    """The columns to read: name, geometry, and those of residents and groups that stand in this file."""
    if GEOMETRY not in header:
        raise InputError("no outlines", accepted="GeoJSON of polygons")
    want = {picked_name(header, options), GEOMETRY}
    wanted = [group.column for group in declared_groups(options)]
    wanted += [options["population"]] if "population" in options else list(PEOPLE)
    wanted += [options["patrols"]] if "patrols" in options else []
    want |= {name for name in header for column in wanted if name.casefold() == column.casefold()}
    return {name: name for name in want}


def declared_groups(options: Mapping[str, str]) -> tuple[Group, ...]:
    """The option `groups` as groups; labels are small letters and underscores.

    >>> [(g.label, g.column, g.percent) for g in declared_groups({"groups": "low=LIM%,Visible minority"})]
    [('low', 'LIM', True), ('visible_minority', 'Visible minority', False)]
    """
    groups = []
    for item in options.get("groups", "").split(","):
        label, _, column = item.strip().rpartition("=")
        percent = column.endswith("%")
        column = column.removesuffix("%").strip()
        if column:
            plain = re.sub(r"[^a-z0-9]+", "_", (label or column).casefold()).strip("_")
            groups.append(Group(label=plain, column=column, percent=percent))
    labels = [group.label for group in groups]
    if len(set(labels)) < len(labels) or "" in labels:
        raise InputError("missing or repeated group label", accepted="label=column for each group")
    return tuple(groups)


def _column(header: tuple[str, ...], asked: str, usual: tuple[str, ...], option: str) -> str:
    plain = {name.casefold().strip(): name for name in header}
    for name in [asked] if asked else usual:
        if name.casefold().strip() in plain:
            return plain[name.casefold().strip()]
    known = ", ".join(name for name in header if name not in ("row", GEOMETRY))[:300]
    says = "unknown column" if asked else "no column with area names found"
    accepted = sentence("the option %(option)s naming one of: %(known)s", option=option, known=known)
    raise InputError(says, column=asked, accepted=accepted)


def _outlines(text: Table, options: Mapping[str, str], drops: Drops) -> list[Outline | None]:
    crs = crs_of(options)
    from peelian.technologies.mapping.formats.outlines import outline

    made: list[Outline | None] = []
    for row, geometry in zip(text["row"].tolist(), text[GEOMETRY].tolist(), strict=True):
        try:
            made.append(outline(str(geometry), crs))
        except InputError as fault:
            drops.unreadable(BAD_OUTLINE, np.array([True]), np.array([row]), fault)
            made.append(None)
    return made


def crs_of(options: Mapping[str, str]) -> str:
    """The coordinate system that the option or the file names, "" for degrees; InputError where it has no code."""
    if options.get("crs") == "unknown":
        raise InputError("the file's coordinate system has no EPSG code", accepted="the option crs")
    return crs_named(options.get("crs", ""))


def _refuse_names(values: Values, name: str, rows: Ints, kept: NDArray[np.bool_]) -> None:
    seen: set[str] = set()
    for row, value, stays in zip(rows.tolist(), values.tolist(), kept.tolist(), strict=True):
        if not stays:
            continue
        if not value or len(value) > LONGEST_NAME:
            raise InputError("area name missing or longer than 120 characters", row=row, column=name)
        if value in seen:
            raise InputError("repeated area name", row=row, column=name, accepted="one outline per name")
        seen.add(value)
    if are_names(seen) or are_homes(seen):
        says = "area names look like names of people or addresses"
        raise InputError(says, column=name, accepted="names of neighbourhoods, wards, districts")


def _refuse_dwellings(shapes: list[Outline], rows: Ints) -> None:
    """An area is no dwelling: it is at least as large as the smallest cell that anything is forecast for."""
    for row, shape in zip(rows.tolist(), shapes, strict=True):
        latitude = np.radians(shape.shape.centroid.y)
        square_metres = shape.shape.area * METRES_A_DEGREE**2 * float(np.cos(latitude))
        if square_metres < SMALLEST_SQUARE_METRES:
            says = sentence("area of %(n).0f m² is too small: it may be a home", n=square_metres)
            accepted = sentence("at least %(n)d m²", n=SMALLEST_SQUARE_METRES)
            raise InputError(says, row=row, column=GEOMETRY, accepted=accepted)


def _figures(text: Table, options: Mapping[str, str]) -> tuple[dict[str, Ints], int]:
    """Residents, residents of groups and patrol hours by column name, and how many figures are missing."""
    figures: dict[str, Ints] = {}
    asked = options.get("population", "")
    people = _figure_column(text, [asked] if asked else list(PEOPLE), required=bool(asked))
    residents, missing = _counts(text, people) if people else (np.zeros(len(text), np.int64), 0)
    if people:
        figures["population"] = residents
    for group in declared_groups(options):
        column = _figure_column(text, [group.column], required=True)
        if group.percent and not people:
            raise InputError(
                "percentage without a residents column", column=group.column, accepted="the option population"
            )
        counted, lacking = _counts(text, column, residents if group.percent else None)
        _refuse_more(counted, residents, column, text["row"], bool(people))
        figures[f"group_{group.label}"] = counted
        missing += lacking
    if asked := options.get("patrols", ""):
        figures[PATROLS], lacking = _counts(text, _figure_column(text, [asked], required=True))
        missing += lacking
    return figures, missing


def _figure_column(text: Table, candidates: list[str], *, required: bool) -> str:
    names = {name.removeprefix(FIGURES).casefold(): name for name in text.names if name != "row"}
    for candidate in candidates:
        if " ".join(candidate.casefold().split()) in names:
            return names[" ".join(candidate.casefold().split())]
    if required:
        known = ", ".join(name.removeprefix(FIGURES) for name in text.names if name not in ("row", GEOMETRY))[:300]
        figures = any(name.startswith(FIGURES) for name in text.names)
        accepted = sentence("one of: %(known)s" if figures else SECOND_FILE, known=known)
        raise InputError("unknown column", column=candidates[0], accepted=accepted)
    return ""


def _counts(text: Table, column: str, residents: Ints | None = None) -> tuple[Ints, int]:
    """A column as counts of residents (from percentages where `residents` is given), and how many are missing."""
    values = [v.replace(",", "") if THOUSANDS.fullmatch(v) else v for v in map(str, text[column].tolist())]
    found, bad = numbers(np.array([*values, ""], dtype=object)[:-1])
    wrong = bad | (np.nan_to_num(found) < 0) | (np.nan_to_num(found) > (100 if residents is not None else 1e9))
    if bool(wrong.any()):
        accepted = "percentages from 0 to 100" if residents is not None else "numbers of residents or hours"
        says, row = "not a count", int(text["row"][wrong.argmax()])
        raise InputError(says, row=row, column=column.removeprefix(FIGURES), accepted=accepted)
    filled = np.nan_to_num(found)
    counts = np.rint(filled * residents / 100 if residents is not None else filled).astype(np.int64)
    return counts, int(np.isnan(found).sum())


def _refuse_more(counted: Ints, residents: Ints, column: str, rows: Ints, known: bool) -> None:
    more = counted > residents
    if known and bool(more.any()):
        says = "group larger than the area's population"
        raise InputError(says, row=int(rows[more.argmax()]), column=column.removeprefix(FIGURES))


def _centre(found: list[Outline]) -> tuple[float, float]:
    import shapely

    west, south, east, north = shapely.total_bounds(np.array([shape.shape for shape in found])).tolist()
    return (west + east) / 2, (south + north) / 2


def _notes(found: list[Outline], missing: int, peopled: bool) -> tuple[Note, ...]:
    counts = (
        (CLOSED, sum(shape.closed for shape in found)),
        (REPAIRED, sum(shape.repaired for shape in found)),
        (THINNED, sum(shape.thinned for shape in found)),
        (NO_FIGURE, missing),
    )
    notes = [Note(text=text, values={"n": n}) for text, n in counts if n]
    return (*notes, *([] if peopled else [Note(text=NO_POPULATION, kind="caveat")]))


def _texts(values: list[str]) -> Values:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _toronto(text: Table, options: Mapping[str, str]) -> Admitted:
    defaults = dict(TORONTO_DEFAULTS) if "demographics" in options else {"name": TORONTO_DEFAULTS["name"]}
    taken = areas(text, {**defaults, **options})
    licence = (
        "Contains information licensed under the Open Government Licence - Toronto; Statistics Canada, 2016 Census"
    )
    source = "City of Toronto, neighbourhoods and neighbourhood profiles"
    return Admitted(
        table=taken.table,
        facts={**taken.facts, "source": source, "attribution": licence},
        dropped=taken.dropped,
        notes=taken.notes,
    )


AREAS = Format(
    id="areas",
    title="Areas with residents and groups (GeoJSON polygons)",
    shape="areas",
    required=frozenset(),
    columns=frozenset(),
    convert=areas,
    options=OPTIONS,
    kinds=("geojson",),
    pick=picked,
)
TORONTO_AREAS = Format(
    id="toronto-areas",
    title="Toronto's 140 neighbourhoods with census figures",
    shape="areas",
    required=frozenset({"neighbourhood", "hood_id", "geometry"}),
    columns=frozenset({"neighbourhood", "hood_id", "geometry"}),
    convert=_toronto,
    options=OPTIONS,
    kinds=("geojson",),
)
