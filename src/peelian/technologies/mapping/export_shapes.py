"""A forecast for GIS programs: every cell as a square in longitude and latitude, with its caveats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.capability import Findings, Scalar, Shapes
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, Table, table
from peelian.pictures.panels import Say
from peelian.technologies.mapping.area_view import STATEMENT

Floats = NDArray[np.float64]

DECIMALS = 8  # of a degree: about a millimetre
WHOLE_SQUARES = (
    "Cells are drawn as whole squares. At the town boundary, the expected count covers only the part inside."
)
TOLD = ("category", "model", "settings_digest", "data_digest", "start_day", "until_day", "window_days", "cell_metres")


def forecast_shapes(findings: Findings, facts: Mapping[str, Mapping[str, Scalar]], say: Say) -> Shapes:
    """The forecast's cells with their outlines, and the model, settings, data, window and caveats they come with.

    `facts` are those of the datasets by role; the map's centre is the incidents'. O(cells).
    """
    here = facts["incidents"]
    projection = Projection(centre_lon=float(here["centre_lon"]), centre_lat=float(here["centre_lat"]))
    made = findings.table("forecast")
    missing = [name for name in TOLD if name not in findings.facts]
    if missing:
        says = sentence("This forecast lacks %(names)s. Run it again, then export.", names=", ".join(missing))
        raise OutOfOrder(says)
    told = {name: value for name, value in findings.facts.items() if name in TOLD or name.startswith("shift")}
    statement = f"{say(STATEMENT)} {say(WHOLE_SQUARES)}"
    return Shapes(
        table=_rows(made, findings.table("advice")),
        rings=cell_rings(made["place"], projection),
        provenance={**told, "statement": statement},
        additive=frozenset({"expected", "long_run"}),
    )


def cell_rings(places: NDArray[Any], projection: Projection) -> Floats:
    """Outlines (float64[cells, 5, 2], degrees) of cells by their names `cell:row:col`; InputError for other names.

    Closed and counter-clockwise (RFC 7946, section 3.1.6). Cells that touch share their corners exactly. O(cells).

    >>> here = Projection(centre_lon=10.0, centre_lat=50.0)
    >>> cell_rings(np.array(["250:0:0"], dtype=object), here)[0].round(4).tolist()
    [[10.0, 50.0], [10.0035, 50.0], [10.0035, 50.0022], [10.0, 50.0022], [10.0, 50.0]]
    """
    parts = np.array([_parts(str(place)) for place in places], dtype=np.float64).reshape(-1, 3)
    size, row, col = parts[:, [0]], parts[:, [1]], parts[:, [2]]
    east, north = (col + np.array([0, 1, 1, 0, 0])) * size, (row + np.array([0, 0, 1, 1, 0])) * size
    return np.stack(projection.to_degrees(east, north), axis=-1).round(DECIMALS)


def _parts(place: str) -> tuple[float, int, int]:
    size, _, rest = place.partition(":")
    row, _, col = rest.partition(":")
    try:
        return float(size), int(row), int(col)
    except ValueError:
        raise InputError("unreadable cell name", accepted="names like 250:12:-7") from None


def _rows(made: Table, advice: Table) -> Table:
    """The forecast's rows, the rank of the selected cells (0 for the others), and their busiest shift, where known."""
    selected = {row["place"]: row for row in advice.records()}
    columns = {column.name: (column.kind, column.values) for column in made.columns}
    rows = [selected.get(place, {}) for place in made["place"].tolist()]
    columns["named_rank"] = (Kind.COUNT, np.array([row.get("rank", 0) for row in rows], dtype=np.int64))
    if "shift" in advice:
        columns["busiest_shift"] = (Kind.CATEGORY, np.array([row.get("shift", "") for row in rows], dtype=object))
    return table("forecast", columns)
