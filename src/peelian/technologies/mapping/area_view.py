"""Maps by area: borders for the map of places, and a choropleth with the areas' figures beneath it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.maps import cells_of, grid_map
from peelian.pictures.panels import Grid, Heading, Panel, Picture, Say
from peelian.technologies.mapping.views import figure, table_of

STATEMENT = (
    "Expected recorded incidents by cell, not danger and not people. Being in a cell is no ground to stop, "
    "search or suspect anyone."
)
RECORDED = (
    "Recorded incidents by area, not danger and not people. White: fewer than 11 incidents. Reporting differs by area."
)
PER_KM2 = "Recorded incidents per km²"
QUINTILES = (0.2, 0.4, 0.6, 0.8)


def area_names(everywhere: Table) -> list[str]:
    """The area of each cell, or nothing where areas are not known."""
    return [str(name) for name in everywhere["area"].tolist()] if "area" in everywhere else []


def area_panels(everywhere: Table, say: Say) -> list[Panel]:
    """The forecast by area, per square kilometre and in all; nothing where areas are not known. O(cells)."""
    names = area_names(everywhere)
    if not any(names):
        return []
    found, where = np.unique(np.array(names), return_inverse=True)
    size = float(str(everywhere["place"][0]).partition(":")[0]) / 1000
    expected = np.bincount(where, weights=np.asarray(everywhere["expected"], dtype=np.float64))
    density = expected / (np.bincount(where) * size**2)
    known = found != ""
    order = np.argsort(-np.where(known, density, -1.0), kind="stable")[: int(known.sum())]
    twin = Grid(
        caption=say("Expected incidents by area"),
        titles=(say("Area"), say("Expected"), say("Expected per km²")),
        rows=tuple((str(found[k]), figure(say, float(expected[k])), figure(say, float(density[k]))) for k in order),
        numeric=frozenset({1, 2}),
        folded=True,
    )
    values = np.where(known[where], density[where], np.nan)
    picture = grid_map(
        cells_of(everywhere["place"].tolist(), values, areas=names),
        value_title=say("Expected incidents per km²"),
        statement=say(STATEMENT),
        caption=say("Expected incidents by area"),
        alternative=say(
            "Map of %(n)d areas. The highest is %(area)s with %(most).2f expected incidents per km².",
            n=int(known.sum()),
            area=str(found[order[0]]),
            most=float(density[order[0]]),
        ),
        quantiles=QUINTILES,
        twin=twin,
        say=say,
    )
    return [Heading(text=say("By area")), picture]


def town_map_panels(
    findings: Findings,
    say: Say,
    *,
    caption: str,
    value_title: str,
    statement: str,
    marked: Sequence[str] = (),
    marked_title: str = "",
) -> list[Panel]:
    """The map of a report that advises nothing, from its table "town_map"; nothing without it. O(squares).

    All words are message ids; squares in which a place of `marked` lies are framed, and `marked_title` names them.
    """
    found = table_of(findings, "town_map")
    if found is None or not bool(np.isfinite(np.asarray(found["value"], dtype=np.float64)).any()):
        return []
    frames = (marked, say(marked_title)) if marked else ((), "")
    return [_town_picture(found, say, (say(caption), say(value_title), say(statement)), frames)]


def _town_picture(
    found: Table, say: Say, words: tuple[str, str, str], frames: tuple[Sequence[str], str]
) -> Picture:
    caption, value_title, statement = words
    names, values = area_names(found), np.asarray(found["value"], dtype=np.float64)
    places = [str(place) for place in found["place"].tolist()]
    by_area = {name: value for name, value in zip(names, values.tolist(), strict=True) if name and np.isfinite(value)}
    rows = sorted(by_area.items(), key=lambda row: -row[1])
    number = {_corner(place): k for k, place in enumerate(places)}
    side = float(places[0].partition(":")[0])
    twin = Grid(
        caption=caption,
        titles=(say("Area"), value_title),
        rows=tuple((name, figure(say, value)) for name, value in rows),
        numeric=frozenset({1}),
        folded=True,
    )
    if rows:
        told = say("Map of %(n)d areas. The highest figure is that of %(area)s.", n=len(rows), area=rows[0][0])
    else:
        told = say("Map of %(n)d squares of %(km).1f km.", n=len(places), km=side / 1000)
    within = (number.get(_square(place, side)) for place in frames[0])
    return grid_map(
        cells_of(
            places,
            values,
            marked=tuple(dict.fromkeys(k for k in within if k is not None)),
            marked_title=frames[1],
            areas=names if any(names) else (),
        ),
        value_title=value_title,
        statement=statement,
        caption=caption,
        alternative=told,
        quantiles=QUINTILES,
        twin=twin if rows else None,
        say=say,
    )


def _corner(place: str) -> tuple[int, int]:
    _, row, col = place.split(":")
    return int(row), int(col)


def _square(place: str, side: float) -> tuple[int, int]:
    """Row and column of the square of `side` metres in which a cell lies.

    >>> _square("250:-1:5", 500.0)
    (-1, 2)
    """
    metres, row, col = (float(part) for part in place.split(":"))
    return int(row * metres // side), int(col * metres // side)
