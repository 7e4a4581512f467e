"""The sheet has every face and plate in every size, exact boxes, and the same pixels for the same seed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sheets import drawn

from peelian.technologies.footage.generality_sheet import FACE, HEIGHT, PLATE, SIZES, WIDTH, Page, groups_of, pages


@pytest.fixture(scope="module")
def sheet() -> list[Page]:
    return list(drawn(5))


def test_every_item_is_there_once_in_every_size(sheet: list[Page]) -> None:
    views = Counter((item.what, item.number, item.size) for page in sheet for item in page.items)
    assert set(views.values()) == {1} and len(views) == 180 * len(SIZES)
    for page in sheet:
        for item in page.items:
            assert item.groups == groups_of(item.what)[item.number]


def test_groups_have_equal_parts() -> None:
    assert Counter(kind["sex"] for kind in groups_of(FACE)) == {"woman": 60, "man": 60}
    assert set(Counter(kind["tone"] for kind in groups_of(FACE)).values()) == {24}
    assert set(Counter(kind["layout"] for kind in groups_of(PLATE)).values()) == {12}


def test_boxes_lie_in_their_pictures_and_apart(sheet: list[Page]) -> None:
    for page in sheet:
        assert page.pixels.shape == (HEIGHT, WIDTH, 3) and page.pixels.dtype == np.uint8
        for item in page.items:
            left, top, right, bottom = item.box
            assert 0 <= left < right <= WIDTH and 0 <= top < bottom <= HEIGHT
            others = [o.box for o in page.items if o is not item]
            assert all(right <= o[0] or o[2] <= left or bottom <= o[1] or o[3] <= top for o in others)


def test_a_plate_lies_where_its_box_is(sheet: list[Page]) -> None:
    """The ground of a long yellow plate is yellow inside the box, and not just outside of it."""
    checked = 0
    for page in sheet:
        for item in page.items:
            if item.groups.get("layout") == "long_yellow" and item.size == "large":
                left, top, _, bottom = (round(n) for n in item.box)
                rim = page.pixels[top + 2 : bottom - 2, left + 2 : left + 5].reshape(-1, 3).astype(float).mean(axis=0)
                assert rim[0] - rim[2] > 60
                beside = page.pixels[top:bottom, left - 12 : left - 6].reshape(-1, 3).astype(float).mean(axis=0)
                assert np.abs(beside - rim).max() > 25, "the car, or its frame"
                checked += 1
    assert checked == 12


def test_a_seed_draws_the_same_sheet_and_another_seed_another(sheet: list[Page]) -> None:
    one, second = sheet[:2]
    same, other = (next(pages(seed)) for seed in (5, 6))
    assert np.array_equal(one.pixels, same.pixels) and one.items == same.items
    assert not np.array_equal(one.pixels, other.pixels)
    assert second.items != one.items
