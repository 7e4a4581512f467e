"""What a file was found to hold, as rows of a page and as a picture, before it is imported."""

from __future__ import annotations

import numpy as np
import shapely

from peelian.kernel.model.formats import HEAD, Admitted
from peelian.measure.projection import Projection
from peelian.pictures.area_map import Steps, area_map
from peelian.pictures.maps import CellMap, grid_map
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Picture, Say

CELL_METRES = 500.0
MOST_CELLS = 250_000
FACTS = {"from_day": "First day", "to_day": "Last day", "zone": "Time zone", "source": "Source of the records"}
ZONE_UNSTATED = "Etc/UTC"  # what a table without a zone is read by: no zone of the town, and a note says so
OWN_FILE = "the town's own file"  # what formats say where nobody stated a source
STATEMENT = "This shows what the file holds, for whoever imports it. It supports no decision."


def rows_of(taken: Admitted, rows: int, say: Say, language: str) -> dict[str, object]:
    """What came in and what did not: facts, columns, dropped rows and notes."""
    head = any(note.text == HEAD for note in taken.notes)
    facts = [(say("Rows read so far") if head else say("Rows"), say("%(n)d", n=rows))]
    told = {name: str(taken.facts[name]) for name in FACTS if taken.facts.get(name)}
    facts += [
        (say(FACTS[name]), moment(source_said(value, say), language))
        for name, value in told.items()
        if value != ZONE_UNSTATED
    ]
    read = [name if name == own else f"{name} ({own})" for own, name in sorted(taken.columns.items())]
    dropped = tuple((say(d.why), say("%(n)d", n=d.n), say("%(n)d", n=d.first_row)) for d in taken.dropped)
    titles = (say("Reason"), say("Rows"), say("First row"))
    return {
        "facts": facts,
        "read": read,
        "unread": [name for name in taken.unread if name.strip()],
        "dropped": Grid(caption=say("Rows left out"), titles=titles, rows=dropped, numeric=frozenset({1, 2})),
        "notes": [say(note.text, **note.values) for note in taken.notes],
    }


def source_said(source: str, say: Say) -> str:
    """Where records are from, as it was stated; in the reader's language where it was not."""
    return say("the town's own file") if source == OWN_FILE else source


def picture_of(taken: Admitted, say: Say) -> Picture | None:
    """A map of the rows by squares of 500 m, or of the areas; None where the file has neither. O(rows)."""
    if "east_metres" in taken.table and "north_metres" in taken.table:
        return _squares(taken, say)
    if "outline" in taken.table and len(taken.table):
        return _areas(taken, say)
    return None


def _squares(taken: Admitted, say: Say) -> Picture | None:
    at = np.stack([taken.table["north_metres"], taken.table["east_metres"]], axis=1).astype(np.float64)
    cell = np.floor(at[np.isfinite(at).all(axis=1)] / CELL_METRES).astype(np.int64)
    if not len(cell):
        return None
    low, high = np.quantile(cell, (0.001, 0.999), axis=0, method="nearest")
    cell = cell[((cell >= low) & (cell <= high)).all(axis=1)]
    found, n = np.unique(cell, axis=0, return_counts=True)
    if not 0 < len(found) <= MOST_CELLS:
        return None
    return grid_map(
        CellMap(row=found[:, 0], col=found[:, 1], values=n.astype(np.float64), cell_metres=CELL_METRES),
        value_title=say("Rows in a square of 500 m"),
        statement=say(STATEMENT),
        caption=say("Where the rows of this file lie"),
        alternative=say("A map of the town in squares of 500 m, darker where the file has more rows."),
        say=say,
    )


def _areas(taken: Admitted, say: Say) -> Picture | None:
    shapes = shapely.from_wkt(taken.table["outline"].tolist(), on_invalid="ignore")
    shapes = [shape for shape in shapes if shape is not None and not shape.is_empty]
    if not shapes:
        return None
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    projection = Projection(centre_lon=(west + east) / 2, centre_lat=(south + north) / 2)
    drawn = [
        shapely.transform(shape, lambda at: np.stack(projection.to_metres(at[:, 0], at[:, 1]), axis=1))
        for shape in shapes
    ]
    return area_map(
        drawn,
        [0] * len(drawn),
        Steps(title=say("Areas of this file"), names=(say("Area"),)),
        points=np.zeros((0, 2)),
        points_title="",
        statement=say(STATEMENT),
        caption=say("The areas of this file"),
        say=say,
    )
