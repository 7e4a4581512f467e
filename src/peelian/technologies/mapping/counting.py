"""Reported incidents of a year by area, published with noise that is drawn once.

One incident counts in one area at most (the first it lies in), whatever else is in the data; areas come from their own
dataset. So the noise hides whether any one incident was recorded.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.kernel.disclosure.noise import reach
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.measure.categories import DISCOVERED
from peelian.measure.projection import Projection
from peelian.measure.suppression import LOW
from peelian.measure.table import Table
from peelian.pictures.panels import Panels, Paragraph, Say, tabled
from peelian.technologies.mapping import example
from peelian.technologies.mapping.area_view import RECORDED, town_map
from peelian.technologies.mapping.areas import areas_of
from peelian.technologies.mapping.counted import BY_POINT, by_points
from peelian.technologies.mapping.declarations.counting import BY_AREA, MILLI_EPSILON, CountParams
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.ground import NOT_IN_TABLES
from peelian.technologies.mapping.map_views import RECORDED_MAP
from peelian.technologies.mapping.names import category_title
from peelian.technologies.mapping.town_map import map_of_areas, without_map
from peelian.technologies.mapping.views import data_and_limits, sentences

COUNTED = "%(n)d incidents of this category were recorded in the areas in %(year)d, and %(outside)d outside them."
NOISY = (
    "Published counts carry noise, so nobody can tell whether any single incident is included. 95 of 100 "
    "published counts are within %(reach)d of the recorded count."
)
COUNTED_HERE = (
    "About %(n)d incidents recorded. Noise was added for privacy: 95 of 100 counts are within %(reach)d of the record."
)
SMALL = "Areas with a published count below 11 are left out. They may still have incidents."
NOT_ALL = "These are reported incidents. Reporting is incomplete and differs by area."


def run(params: CountParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Count by area. O((incidents + areas) log areas)."""
    incidents, told = by_points(datasets["incidents"])
    chosen = _of_the_year(incidents.table, params)
    areas = areas_of(
        datasets["areas"], Projection(**{name: float(incidents.facts[name]) for name in ("centre_lon", "centre_lat")})
    )
    context.progress("Counting by area", 0.5)
    where = _area_of(incidents.table, chosen, areas.outlines)
    n = np.asarray(incidents.table["n"] if "n" in incidents.table else np.ones(len(incidents.table)))[chosen]
    counts = np.bincount(where[where >= 0], n[where >= 0], minlength=len(areas)).astype(np.int64)
    said: dict[str, Scalar] = {
        "n": int(counts.sum()),
        "year": params.year,
        "outside": int(n.sum() - counts.sum()),
    }
    spread: dict[str, Scalar] = {"reach": reach(milli_epsilon=MILLI_EPSILON)}
    notes = (
        Note(text=COUNTED, values=said),
        *told,
        Note(text=NOISY, values=spread, kind="explanation"),
        Note(text=SMALL, kind="caveat"),
        Note(text=NOT_ALL, kind="caveat"),
    )
    facts: dict[str, Scalar] = {"year": params.year, "category": params.category, "milli_epsilon": MILLI_EPSILON}
    density = np.where(counts >= LOW, counts / (shapely.area(areas.outlines) / 1e6), np.nan)
    return Findings(
        tables=(BY_AREA.of({"area": areas.names, "n": counts}), map_of_areas(areas, density)), notes=notes, facts=facts
    )


def public(findings: Findings) -> Findings:
    """The counts, which the kernel makes noisy, and no exact total beside them."""
    notes = tuple(note for note in findings.notes if note.text != COUNTED)
    return without_map(Findings(tables=findings.tables, notes=notes, facts=findings.facts))


def view(findings: Findings, say: Say) -> Panels:
    """The finding, the counts, limits."""
    facts, counts = findings.facts, findings.table("counts")
    head = say(
        "%(category)s, recorded in %(year)d by area",
        category=category_title(str(facts["category"]), say),
        year=facts["year"],
    )
    grid = tabled(counts.records(), BY_AREA.shown(say), caption=say("Recorded incidents by area"), source=counts)
    return [
        Paragraph(text=head),
        *sentences(findings.notes, say),
        *town_map(findings, RECORDED, say),
        grid,
        *data_and_limits(findings, say),
    ]


def counted_in_area(findings: Findings, say: Say) -> str:
    """What the public counts say of one area."""
    n, spread = int(findings.table("counts")["n"][0]), reach(milli_epsilon=MILLI_EPSILON)
    return say(COUNTED_HERE, n=n, reach=spread)


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


def _example() -> Example:
    datasets = {"incidents": example.incidents(), "areas": example.areas()}
    return Example(params=CountParams(year=2019, category=example.CATEGORY), datasets=datasets)


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=frozenset({COUNTED, NOISY, SMALL, NOT_ALL, BY_POINT}),
    vocabulary=frozenset({ALL_REPORTED}),
    public=public,
    shows=Shows(view=view, map=RECORDED_MAP, of_area=counted_in_area),
    counts=NOT_IN_TABLES,
)
