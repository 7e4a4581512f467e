"""Squares poured into hexagons: sums stay, outlines are those of the H3 library, what does not add up is left out."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import shapely

from peelian.errors import InputError, OutOfOrder
from peelian.integrations.hexagons import POURED, in_hexagons
from peelian.kernel.model.capability import Shapes
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, table
from peelian.technologies.mapping.export_shapes import cell_rings

h3 = pytest.importorskip("h3", reason="the extra `geo` is not installed")
HERE = Projection(centre_lon=-79.4, centre_lat=43.7)


def squares(n: int = 12, additive: frozenset[str] = frozenset({"expected"})) -> Shapes:
    places = np.array([f"250:{row}:{col}" for row in range(n) for col in range(n)], dtype=object)
    made = {
        "place": (Kind.PLACE, places),
        "expected": (Kind.AMOUNT, np.random.default_rng(1).gamma(1, 1, n * n)),
        "high": (Kind.AMOUNT, np.ones(n * n)),
    }
    rings = cell_rings(places, HERE)
    return Shapes(table=table("forecast", made), rings=rings, provenance={"statement": "Counts."}, additive=additive)


def test_sums_stay_and_only_what_adds_up_is_kept() -> None:
    before, after = squares(), in_hexagons(squares(), 9)
    assert after.table.names == ("hexagon", "expected")
    assert after.table["expected"].sum() == pytest.approx(before.table["expected"].sum())
    assert after.provenance["h3_resolution"] == 9 and str(after.provenance["statement"]).endswith(POURED)


def test_each_hexagon_gets_what_lies_in_it() -> None:
    """Against exact intersections by another library, on the flat map."""
    before, after = squares(6), in_hexagons(squares(6), 9)
    flat = [shapely.Polygon(np.column_stack(HERE.to_metres(*ring.T))) for ring in before.rings]
    for name, value, ring in zip(after.table["hexagon"], after.table["expected"], after.rings, strict=True):
        assert h3.is_valid_cell(name)
        hexagon = shapely.Polygon(np.column_stack(HERE.to_metres(*ring.T)))
        shares = np.array([shapely.intersection(square, hexagon).area / square.area for square in flat])
        assert value == pytest.approx(float(shares @ before.table["expected"]), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("resolution", [5, 7, 10])
def test_hexagons_larger_and_smaller_than_squares_hold_everything(resolution: int) -> None:
    before, after = squares(5), in_hexagons(squares(5), resolution)
    assert after.table["expected"].sum() == pytest.approx(before.table["expected"].sum())
    assert (after.table["expected"] > 0).all()


def test_outlines_are_closed_and_counter_clockwise() -> None:
    for ring in in_hexagons(squares(4), 8).rings:
        assert (ring[0] == ring[-1]).all()
        assert shapely.LinearRing(ring).is_ccw


@pytest.mark.parametrize("resolution", [4, 11, 12])
def test_resolutions_that_make_no_sense_are_refused(resolution: int) -> None:
    with pytest.raises(InputError, match="resolution"):
        in_hexagons(squares(2), resolution)


def test_findings_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(OutOfOrder, match="cannot be shown as hexagons"):
        in_hexagons(squares(2, additive=frozenset()), 9)


def test_without_the_extra_it_says_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h3", None)
    with pytest.raises(InputError, match="peelian\\[geo\\]"):
        in_hexagons(squares(2), 9)
