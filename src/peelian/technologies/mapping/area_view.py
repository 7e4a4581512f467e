"""Maps by area: borders for the map of places, and a choropleth with the areas' figures beneath it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.maps import cells_of, grid_map
from peelian.pictures.panels import Grid, Heading, Panel, Picture, Say
from peelian.pictures.scales import Numbers
from peelian.pictures.words import amounts
from peelian.technologies.mapping.views import figure, table_of

STATEMENT = (
    "Expected recorded incidents by cell, not danger and not people. Being in a cell is no ground to stop, "
    "search or suspect anyone."
)
EXPECTED_BY_AREA = (
    "Expected recorded incidents by area, not danger and not people. Being in an area is no ground to stop, "
    "search or suspect anyone."
)
RECORDED_ONLY = (
    "Recorded incidents by area, not danger and not people. White: fewer than 11 incidents. Reporting differs by area."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapWords:
    """What a map by area says of itself, as message ids; `marked` names the squares that are framed."""

    caption: str
    value: str
    statement: str
    marked: str = ""


EXPECTED = MapWords(
    caption="Expected incidents by area",
    value="Expected incidents per km²",
    statement=EXPECTED_BY_AREA,
    marked="Squares with a selected cell under the strictest limit",
)
RECORDED = MapWords(
    caption="Recorded incidents by area",
    value="Recorded incidents per km²",
    statement=RECORDED_ONLY,
    marked="Squares with the centre of a significant cluster, the largest first",
)
PREDICTED = MapWords(
    caption="Predictions by area",
    value="Predictions per km²",
    statement="A vendor's predictions by area, not incidents and not people. Each square shows the area that covers "
    "most of it.",
)


def area_names(everywhere: Table) -> list[str]:
    """The area of each cell, or nothing where areas are not known."""
    return everywhere["area"].tolist() if "area" in everywhere else []


def area_panels(everywhere: Table, say: Say) -> list[Panel]:
    """The forecast by area, per square kilometre; nothing where areas are not known. O(cells)."""
    names = area_names(everywhere)
    if not any(names):
        return []
    found, where = np.unique(np.array(names), return_inverse=True)
    size = float(str(everywhere["place"][0]).partition(":")[0]) / 1000
    sums = np.bincount(where, weights=np.asarray(everywhere["expected"], dtype=np.float64))
    density = np.where(found != "", sums / (np.bincount(where) * size**2), np.nan)
    totals = dict(zip(found.tolist(), sums.tolist(), strict=True))
    return [Heading(text=say("By area")), _area_map(everywhere, density[where], EXPECTED, say, totals=totals)]


def town_map(findings: Findings, words: MapWords, say: Say, marked: Sequence[str] = ()) -> list[Panel]:
    """The map of a report that names no cell, from its table "town_map", squares with a place of `marked` framed.

    Nothing where there is no such table, or no figure in it. O(squares).
    """
    found = table_of(findings, "town_map")
    values = np.asarray(found["value"] if found else (), dtype=np.float64)
    return [_area_map(found, values, words, say, marked=marked)] if found and bool(np.isfinite(values).any()) else []


def expected_in_area(findings: Findings, say: Say) -> str:
    """What a public forecast says of one area: every square of it has the same figure, of one significant digit."""
    value = float(findings.table("town_map")["value"][0])
    if not np.isfinite(value):
        return say("No figure: fewer than 11 incidents were recorded in this area.")
    return say("Recorded incidents expected: about %(value)g per km².", value=value)


def _area_map(
    found: Table,
    values: Numbers,
    words: MapWords,
    say: Say,
    *,
    marked: Sequence[str] = (),
    totals: Mapping[str, float] = MappingProxyType({}),
) -> Picture:
    places, names = [str(place) for place in found["place"].tolist()], area_names(found)
    by_area = {name: value for name, value in zip(names, values.tolist(), strict=True) if name and np.isfinite(value)}
    rows = sorted(by_area.items(), key=lambda row: -row[1])
    side = float(places[0].partition(":")[0])
    number = {_square(place, side): k for k, place in enumerate(places)}
    framed = dict.fromkeys(number[at] for at in (_square(place, side) for place in marked) if at in number)
    twin = Grid(
        caption=say(words.caption),
        titles=(say("Area"), *([say("Expected")] if totals else []), say(words.value)),
        rows=tuple(
            (name, *(figure(say, totals[k]) for k in (name,) if totals), value)
            for (name, _), value in zip(rows, amounts(say, [value for _, value in rows]), strict=True)
        ),
        numeric=frozenset({1, 2} if totals else {1}),
        folded=True,
    )
    return grid_map(
        cells_of(
            places, values, marked=tuple(framed), marked_title=say(words.marked) if framed else "",
            areas=names if rows else (),
        ),
        value_title=say(words.value),
        statement=say(words.statement),
        caption=say(words.caption),
        alternative=say("Map of %(n)d areas. The highest figure is that of %(area)s.", n=len(rows), area=rows[0][0])
        if rows else say("Map of %(n)d squares of %(km).1f km.", n=len(places), km=side / 1000),
        twin=twin if rows else None,
        say=say,
    )  # fmt: skip


def _square(place: str, side: float) -> tuple[int, int]:
    """Row and column of the square of `side` metres in which a cell lies.

    >>> _square("250:-1:5", 500.0)
    (-1, 2)
    """
    metres, row, col = (float(part) for part in place.split(":"))
    return int(row * metres // side), int(col * metres // side)
