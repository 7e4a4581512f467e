"""A forecast by area: borders for the map of places, and a choropleth with the areas' figures beneath it."""

from __future__ import annotations

import numpy as np

from peelian.measure.table import Table
from peelian.pictures.maps import cells_of, grid_map
from peelian.pictures.panels import Grid, Heading, Panel, Say
from peelian.technologies.mapping.views import figure

STATEMENT = (
    "Expected recorded incidents by cell, not danger and not people. Being in a cell is no ground to stop, "
    "search or suspect anyone."
)


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
        quantiles=(0.2, 0.4, 0.6, 0.8),
        twin=twin,
        say=say,
    )
    return [Heading(text=say("By area")), picture]
