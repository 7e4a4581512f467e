"""Energy: every rule at its edge, and merging that leaves nothing to be worked out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.sensors.energy import Block, may_show, merged

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def block(homes: int = 100, share: float = 0.05, areas: str = "A", kwh: float = 1_000.0) -> Block:
    return Block(areas=tuple(areas.split()), kwh=kwh, homes=homes, largest_kwh=share * kwh)


@pytest.mark.parametrize(
    ("homes", "share", "span", "public", "may"),
    [
        (15, 0.15, HOUR, False, True),
        (14, 0.15, HOUR, False, False),
        (15, 0.1501, HOUR, False, False),
        (15, 0.15, HOUR - timedelta(seconds=1), False, False),
        (100, 0.15, DAY, True, True),
        (99, 0.15, DAY, True, False),
        (100, 0.1501, DAY, True, False),
        (100, 0.15, DAY - timedelta(seconds=1), True, False),
        (100, 0.15, HOUR, True, False),
    ],
)
def test_each_rule_at_its_edge(homes: int, share: float, span: timedelta, public: bool, may: bool) -> None:
    assert may_show(block(homes, share), span, public=public) is may


def test_nothing_used_is_not_shown() -> None:
    assert not may_show(block(kwh=0.0), DAY, public=True)


def test_a_small_area_joins_its_smallest_neighbour() -> None:
    blocks = [block(60, areas="A"), block(50, areas="B"), block(300, areas="C")]
    shown, left = merged(blocks, {"A": ["B", "C"], "B": ["A", "C"], "C": ["A", "B"]}, DAY, public=True)
    assert {each.areas: each.homes for each in shown} == {("A", "B"): 110, ("C",): 300} and left == ()


def test_an_area_without_a_neighbour_is_shown_nowhere() -> None:
    shown, left = merged([block(60, areas="A"), block(300, areas="C")], {}, DAY, public=True)
    assert [b.areas for b in shown] == [("C",)] and [b.areas for b in left] == [("A",)]


def test_one_large_user_is_merged_away() -> None:
    blocks = [block(20, 0.5, "A", 100.0), block(200, 0.01, "B", 1_000.0)]
    shown, left = merged(blocks, {"A": ["B"]}, HOUR, public=False)
    assert [b.areas for b in shown] == [("A", "B")] and shown[0].share == pytest.approx(50 / 1_100) and not left


@pytest.mark.parametrize(("span", "public"), [(HOUR, True), (timedelta(minutes=15), False)])
def test_a_span_that_is_too_short_is_refused_whole(span: timedelta, public: bool) -> None:
    with pytest.raises(InputError, match="too short"):
        merged([block()], {}, span, public=public)


@given(st.lists(st.tuples(st.integers(1, 150), st.floats(0.0, 1.0)), min_size=1, max_size=12))
def test_whatever_is_shown_may_be_and_nothing_is_lost(areas: list[tuple[int, float]]) -> None:
    blocks = [block(homes, share, f"a{i}") for i, (homes, share) in enumerate(areas)]
    ring = {
        f"a{i}": [f"a{(i + 1) % len(areas)}", f"a{i - 1}" if i else f"a{len(areas) - 1}"] for i in range(len(areas))
    }
    shown, left = merged(blocks, ring, DAY, public=True)
    assert all(may_show(each, DAY, public=True) for each in shown)
    assert sum(b.homes for b in (*shown, *left)) == sum(homes for homes, _ in areas)
    assert len(left) <= 1 and not (left and shown), "in a ring whatever is left could join its neighbour"
