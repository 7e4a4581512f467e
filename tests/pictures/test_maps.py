"""Maps: each cell where it belongs, each with a statement, legend and table; hostile input refused."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.pictures.maps import CellMap, cells_of, grid_map, small_maps

SAYS = {
    "value_title": "Expected incidents",
    "statement": "It shows records, not people.",
    "caption": "Map",
    "alternative": "Most lie in the north.",
}


def cells(values: list[float], **more: object) -> CellMap:
    n = len(values)
    return CellMap(
        row=np.arange(n),
        col=np.zeros(n, dtype=int),
        values=np.array(values),
        cell_metres=250.0,
        **more,  # type: ignore[arg-type]
    )


def test_a_map_states_what_it_may_support_and_refuses_to_be_silent() -> None:
    picture = grid_map(cells([1.0, 2.0]), **SAYS)
    assert "It shows records, not people." in re.sub(r"<[^>]+>", " ", picture.svg)
    assert picture.alternative.endswith("It shows records, not people.")
    with pytest.raises(InputError, match="state"):
        grid_map(cells([1.0]), **(SAYS | {"statement": ""}))


def test_north_is_up_in_the_image() -> None:
    """The cell with the highest row, the darkest here, is the first line of pixels."""
    import zlib

    picture = grid_map(cells([0.0, 1.0, 5.0]), **SAYS)
    found = re.search(r'href="data:image/png;base64,([^"]+)"', picture.svg)
    assert found
    png = base64.b64decode(found[1])
    lines = zlib.decompressobj().decompress(png[png.index(b"IDAT") + 4 :])
    times = 16  # one cell is enlarged to so many pixels
    assert list(lines[1 :: (1 + times) * times]) == [3, 2, 1]


def test_the_map_holds_its_image_and_marks_and_numbers_them_in_order() -> None:
    picture = grid_map(cells([1.0, 2.0, 9.0], marked=[2, 0], marked_title="Places named"), **SAYS)
    data = re.search(r'href="data:image/png;base64,([^"]+)"', picture.svg)
    assert data and base64.b64decode(data[1]).startswith(b"\x89PNG")
    assert picture.svg.count('stroke="#b84a00"') == 3  # two cells and the legend
    assert "Places named" in picture.svg and ">1</text>" in picture.svg


def test_the_twin_counts_the_places_of_each_class() -> None:
    twin = grid_map(cells([0.0, 0.0, 0.0, 4.0]), **SAYS).twin
    assert twin is not None and sum(int(row[1]) for row in twin.rows) == 4


def test_names_of_cells_become_a_map() -> None:
    made = cells_of(["250:-3:7", "250:12:-7"], [1.0, 2.0])
    assert made.row.tolist() == [-3, 12] and made.col.tolist() == [7, -7] and made.cell_metres == 250


@pytest.mark.parametrize("places", [[], ["North"], ["250:1:2", "500:1:2"], ["250:1"], ["a:b:c"]])
def test_places_that_are_no_cells_of_one_size_are_refused(places: list[str]) -> None:
    with pytest.raises(InputError):
        cells_of(places, np.zeros(len(places)))


def test_a_million_cells_are_one_small_picture() -> None:
    row, col = np.divmod(np.arange(1_000_000), 1000)
    values = np.random.default_rng(1).gamma(0.3, size=1_000_000)
    picture = grid_map(CellMap(row=row, col=col, values=values, cell_metres=50.0), **SAYS)
    assert len(picture.svg) < 1_200_000


def test_cells_without_values_or_of_other_lengths_are_refused() -> None:
    with pytest.raises(InputError):
        cells([])
    with pytest.raises(InputError):
        grid_map(cells([np.nan, np.nan]), **SAYS)
    with pytest.raises(InputError):
        CellMap(row=np.array([1]), col=np.array([1, 2]), values=np.array([1.0]), cell_metres=250.0)


def test_small_maps_share_their_classes() -> None:
    made = cells([0.0, 0.0])
    picture = small_maps(made, [("Morning", [1.0, 2.0]), ("Night", [1.0, 8.0]), ("Noon", [1.0, 1.0])], **SAYS)
    assert picture.svg.count("<image") == 3 and "Night" in picture.svg
    with pytest.raises(InputError):
        small_maps(made, [], **SAYS)
    with pytest.raises(InputError):
        small_maps(made, [("Morning", [1.0])], **SAYS)


def test_the_twin_of_small_maps_counts_each_map_by_itself_and_the_legend_counts_none() -> None:
    picture = small_maps(cells([1.0, 2.0]), [("Day", [1.0, 1.0]), ("Night", [1.0, 8.0])], **SAYS)
    assert picture.twin and picture.twin.titles == ("Expected incidents", "Day", "Night")
    assert [row[1:] for row in picture.twin.rows] == [("0", "1"), ("2", "1")]
    assert "square" not in picture.svg
    assert "1 square<" in grid_map(cells([1.0, 2.0]), **SAYS).svg
