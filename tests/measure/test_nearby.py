"""What a place is called: the corner next to it, as a search through all streets finds it, and never a far one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from peelian.measure.nearby import QUIET_METRES, near, plain_street, streets_of, within


def lines(*ends: tuple[float, float, float, float]) -> np.ndarray:
    return shapely.linestrings([[[a, b], [c, d]] for a, b, c, d in ends])


def called(names: list[str], shapes: np.ndarray, at: tuple[float, float], reach: float = 250.0, quiet: str = "") -> str:
    made = streets_of(np.array(names, dtype=object), shapes, np.array([name in quiet.split(",") for name in names]))
    return near(made, np.array([at[0]]), np.array([at[1]]), reach)[0]


CROSS = lines((-1000, 0, 1000, 0), (0, -1000, 0, 1000), (400, -1000, 400, 1000))


def test_the_nearest_corner_is_named_in_the_order_of_the_alphabet() -> None:
    names = ["Queen St W", "Spadina Ave", "Bathurst St"]
    assert called(names, CROSS, (10, 10)) == "Queen St W & Spadina Ave"
    assert called(names, CROSS, (390, 10)) == "Bathurst St & Queen St W"


def test_without_a_corner_in_reach_it_is_the_two_nearest_streets_then_one_then_nothing() -> None:
    names = ["Queen St W", "Spadina Ave", "Bathurst St"]
    assert called(names, CROSS, (150, 800)) == "Bathurst St & Spadina Ave"
    assert called(names, CROSS, (-200, 800)) == "Spadina Ave"
    assert called(names, CROSS, (-600, 800)) == ""


def test_lines_that_almost_touch_meet_and_those_further_apart_do_not() -> None:
    assert called(["A St", "B St"], lines((-900, 0, 900, 0), (0, 5, 0, 900)), (0, 100), 101) == "A St & B St"
    assert called(["A St", "B St"], lines((-900, 0, 900, 0), (0, 9, 0, 900)), (0, 100), 60) == "B St"


def test_a_corner_of_a_path_gives_way_to_one_of_streets_a_little_further() -> None:
    names = ["Queen St W", "Trail", "Bathurst St"]
    assert called(names, CROSS, (170, 0), quiet="Trail") == "Bathurst St & Queen St W"
    assert called(names, CROSS, (200 - QUIET_METRES / 2 - 5, 0), quiet="Trail") == "Queen St W & Trail"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Queen St W", "QUEEN STREET WEST"), ("Bloor St E", "Bloor Street West"), ("King St.", "King St")],
)
def test_a_street_does_not_meet_itself_however_it_is_spelled(one: str, other: str) -> None:
    assert plain_street(one) == plain_street(other)
    assert called([one, other], lines((-900, 0, 0, 0), (0, 0, 900, 0)), (0, 10)) in (one, other)


def test_each_of_many_points_is_named_as_by_a_search_through_all_corners() -> None:
    chance = np.random.default_rng(23)
    at = np.tile(np.arange(0, 4000, 200.0), 2) + chance.uniform(0, 100, 40)
    names = [f"Street {k}" for k in range(20)] + [f"Avenue {k}" for k in range(20)]
    shapes = lines(*[(0, y, 4000, y) for y in at[:20]], *[(x, 0, x, 4000) for x in at[20:]])
    made = streets_of(np.array(names, dtype=object), shapes, np.zeros(40, dtype=bool))
    east, north = chance.uniform(0, 4000, (2, 500))
    for x, y, found in zip(east, north, near(made, east, north, 250.0), strict=True):
        row, col = int(np.abs(at[:20] - y).argmin()), int(np.abs(at[20:] - x).argmin())
        if np.hypot(at[row] - y, at[20 + col] - x) <= 250:
            assert found == " & ".join(sorted([names[row], names[20 + col]]))


def test_a_point_is_in_the_area_that_holds_it_else_near_a_place_else_nowhere() -> None:
    shapes = np.array([shapely.box(0, 0, 100, 100), shapely.Point(3000, 0)])
    names = np.array(["Riverdale", "Old Town"], dtype=object)
    found = within(names, shapes, np.array([50.0, 110.0, 2000.0, 9000.0]), np.array([50.0, 50.0, 0.0, 0.0]))
    assert found == ["Riverdale", "", "Old Town", ""]


def test_a_town_without_corners_or_streets_near_is_no_error() -> None:
    assert called(["A St"], lines((0, 0, 10, 0)), (0, 5)) == "A St"
    assert called(["A St"], lines((0, 0, 10, 0)), (0, 5000)) == ""
