"""How many points and cells hold the incidents is said; one point with too many is named; one place proves nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import NotEnoughData
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.coincidence import (
    CROWDED,
    SPREAD,
    cells_with,
    crowded_out,
    refuse_one_cell,
    refuse_one_point,
    spread_notes,
    spread_of,
)
from peelian.technologies.mapping.example import CATEGORY, incidents
from peelian.technologies.mapping.incidents import Incidents, incidents_of

FOUND = incidents_of(incidents(), CATEGORY)
GRID = square_grid(cell_metres=250.0, rows=40, cols=40, first_row=-20, first_col=-20)


def at_one_point(share: float) -> Incidents:
    """The first incidents moved to one point."""
    moved = np.arange(len(FOUND.hour)) < share * len(FOUND.hour)
    return replace(FOUND, east=np.where(moved, 10.0, FOUND.east), north=np.where(moved, 10.0, FOUND.north))


def test_points_and_cells_are_counted_and_said() -> None:
    spread = spread_of(FOUND)
    (note,) = spread_notes(spread, FOUND, GRID)
    assert note.text == SPREAD and note.values["points"] == len(
        np.unique(np.rint(np.stack([FOUND.east, FOUND.north])), axis=1).T
    )
    assert note.values["cells"] == cells_with(FOUND, GRID) > 100


def test_an_incident_in_parts_counts_once() -> None:
    twice = replace(FOUND.take(np.repeat(np.arange(3000), 2)), weight=np.full(6000, 0.5))
    assert spread_of(twice) == spread_of(FOUND)


@pytest.mark.parametrize("share", [0.25, 0.95])
def test_a_point_that_holds_a_fifth_or_more_is_said_with_its_share_and_first_row_and_never_where_it_is(
    share: float,
) -> None:
    crowded = at_one_point(share)
    _, note = spread_notes(spread_of(crowded), crowded, GRID)
    assert (note.text, note.kind) == (CROWDED, "caveat")
    assert note.values == {
        "share": 100 * share,
        "n": 3000 * share,
        "row": int(FOUND.row[: round(3000 * share)].min()) + 1,
    }


def test_a_tenth_at_one_point_is_a_busy_place_and_no_caveat() -> None:
    assert len(spread_notes(spread_of(at_one_point(0.1)), FOUND, GRID)) == 1


def test_where_one_point_leaves_no_ground_the_refusal_names_its_share_and_row() -> None:
    says = str(crowded_out(spread_of(at_one_point(0.95))))
    assert says.startswith("95% of the incidents (n = 2,850) lie at one point (first in row")


def test_all_in_one_place_leaves_nothing_to_compare() -> None:
    with pytest.raises(NotEnoughData, match=r"all 3,000 incidents lie at one point.*geocoder"):
        refuse_one_point(spread_of(at_one_point(1.0)))
    near = replace(FOUND, east=FOUND.east % 240, north=FOUND.north % 240)
    with pytest.raises(NotEnoughData, match=r"in one cell of 250 m.*smaller cells"):
        refuse_one_cell(spread_of(near), near, GRID)
    refuse_one_point(spread_of(FOUND))
    refuse_one_cell(spread_of(FOUND), FOUND, GRID)
