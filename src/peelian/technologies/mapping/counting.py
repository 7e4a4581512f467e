"""Reported incidents of a year by area, published with noise that is drawn once.

One incident counts in one area at most (the first it lies in), whatever else is in the data; areas come from their own
dataset. So the noise hides whether any one incident was recorded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError, out_of_range
from peelian.kernel.disclosure.noise import reach
from peelian.kernel.model.capability import (
    Arithmetic,
    Asks,
    Capability,
    Context,
    Dataset,
    Emit,
    Example,
    Findings,
    Noisy,
    Note,
    Purpose,
    Read,
    Role,
    Scalar,
    Shows,
)
from peelian.measure.categories import CATEGORIES, DISCOVERED
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, Table, table
from peelian.pictures.panels import Grid, Panels, Paragraph, Say
from peelian.technologies.mapping import example
from peelian.technologies.mapping.areas import areas_of
from peelian.technologies.mapping.incidents import ALL_REPORTED
from peelian.technologies.mapping.names import category_title
from peelian.technologies.mapping.views import limits, sentences

MILLI_EPSILON = 1_000
LEAST, MOST = 1970, 2100
COUNTED = "%(n)d incidents of this category were recorded in the areas in %(year)d, and %(outside)d outside them."
NOISY = (
    "Published counts carry noise, so nobody can tell whether any single incident is included. 95 of 100 "
    "published counts are within %(reach)d of the recorded count."
)
SMALL = "Areas with a published count below 11 are left out. They may still have incidents."
NOT_ALL = "These are reported incidents. Reporting is incomplete and differs by area."
COLUMNS: Mapping[str, Kind] = {"area": Kind.PLACE, "n": Kind.COUNT}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountParams:
    """Which incidents, of which year."""

    year: int = field(metadata={"help": "Calendar year, local time"})
    category: str = field(default=ALL_REPORTED, metadata={"help": "Offence category"})


def check(params: CountParams) -> None:
    """InputError where a parameter cannot be."""
    known = (ALL_REPORTED, *sorted(set(CATEGORIES) - set(DISCOVERED)))
    if params.category not in known:
        raise InputError("counts of this category cannot be published", column="category", accepted=", ".join(known))
    if not LEAST <= params.year <= MOST:
        raise out_of_range("year", LEAST, MOST)


def run(params: CountParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Count by area. O((incidents + areas) log areas)."""
    incidents = datasets["incidents"]
    chosen = _of_the_year(incidents.table, params)
    areas = areas_of(
        datasets["areas"], Projection(**{name: float(incidents.facts[name]) for name in ("centre_lon", "centre_lat")})
    )
    context.progress("Counting by area", 0.5)
    where = _area_of(incidents.table, chosen, areas.outlines)
    counts = np.bincount(where[where >= 0], minlength=len(areas)).astype(np.int64)
    columns = {"area": (Kind.PLACE, np.array(areas.names, dtype=object)), "n": (Kind.COUNT, counts)}
    said: dict[str, Scalar] = {
        "n": int(counts.sum()),
        "year": params.year,
        "outside": int(len(chosen) - counts.sum()),
    }
    spread: dict[str, Scalar] = {"reach": reach(milli_epsilon=MILLI_EPSILON)}
    notes = (
        Note(text=COUNTED, values=said),
        Note(text=NOISY, values=spread, kind="explanation"),
        Note(text=SMALL, kind="caveat"),
        Note(text=NOT_ALL, kind="caveat"),
    )
    facts: dict[str, Scalar] = {"year": params.year, "category": params.category, "milli_epsilon": MILLI_EPSILON}
    return Findings(tables=(table("counts", columns),), notes=notes, facts=facts)


def public(findings: Findings) -> Findings:
    """The counts, which the kernel makes noisy, and no exact total beside them."""
    notes = tuple(note for note in findings.notes if note.text != COUNTED)
    return Findings(tables=findings.tables, notes=notes, facts=findings.facts)


def view(findings: Findings, say: Say) -> Panels:
    """The finding, the counts, limits."""
    facts, counts = findings.facts, findings.table("counts")
    head = say(
        "%(category)s, recorded in %(year)d by area",
        category=category_title(str(facts["category"]), say),
        year=facts["year"],
    )
    rows = tuple((str(area), say("%(n)d", n=int(n))) for area, n in counts.rows())
    grid = Grid(
        caption=say("Recorded incidents by area"),
        titles=(say("Area"), say("Recorded")),
        rows=rows,
        numeric=frozenset({1}),
        source=counts,
    )
    return [Paragraph(text=head), *sentences(findings.notes, say), grid, *limits(findings, say)]


def _of_the_year(found: Table, params: CountParams) -> NDArray[np.int64]:
    """The rows of the category that began in the year."""
    categories = np.asarray(found["category"], dtype=str)
    if params.category == ALL_REPORTED:
        wanted = ~np.isin(categories, sorted(DISCOVERED))
    else:
        wanted = categories == params.category
    years = np.asarray(found["start_hour"], dtype="datetime64[Y]")
    return np.flatnonzero(wanted & (years == np.datetime64(f"{params.year}", "Y"))).astype(np.int64)


def _area_of(found: Table, rows: NDArray[np.int64], outlines: NDArray[np.object_]) -> NDArray[np.int64]:
    """For each row the first area it lies in, -1 for none."""
    points = shapely.points(
        np.asarray(found["east_metres"][rows], dtype=np.float64),
        np.asarray(found["north_metres"][rows], dtype=np.float64),
    )
    where = np.full(len(rows), len(outlines), dtype=np.int64)
    number, area = shapely.STRtree(outlines).query(points, predicate="intersects")
    np.minimum.at(where, number, area)
    return np.where(where == len(outlines), -1, where)


def _year(findings: Findings) -> tuple[str, str]:
    year = re.sub(r"\D", "", str(findings.facts["year"]))[:4]
    return f"{year}-01-01", f"{year}-12-31"


def _example() -> Example:
    datasets = {"incidents": example.incidents(), "areas": example.areas()}
    return Example(params=CountParams(year=2019, category=example.CATEGORY), datasets=datasets)


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=frozenset({COUNTED, NOISY, SMALL, NOT_ALL}),
    vocabulary=frozenset({ALL_REPORTED}),
    public=public,
    shows=Shows(
        view=view,
    ),
)

COUNTS = Capability(
    id="mapping.counts",
    title="Recorded incidents by area",
    about="Counts one year's recorded incidents by area. Published counts carry noise that is drawn once.",
    asks=Asks(
        params=CountParams,
        check=check,
        purposes=frozenset({Purpose.OVERSIGHT, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.PRIVACY_OFFICER, Role.BOARD}),
    ),
    reads=(Read(role="incidents", shape="incidents"), Read(role="areas", shape="areas")),
    emits=(Emit(table="counts", columns=COLUMNS),),
    noise=Noisy(
        table="counts",
        column="n",
        role="incidents",
        milli_epsilon=MILLI_EPSILON,
        period=_year,
        about=lambda findings: str(findings.facts["category"]),
        plain=frozenset({"year", "reach", "milli_epsilon"}),
    ),
    arithmetic=lambda: ARITHMETIC,
)
