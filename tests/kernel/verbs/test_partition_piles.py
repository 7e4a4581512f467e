"""Piles: whatever order rows come in, they go out by month and region, and memory holds a bounded number."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.kernel.verbs import partition_piles
from peelian.kernel.verbs.partition_piles import Piles
from peelian.measure.table import Kind, Table, table


def part(rows: list[tuple[str, float, float, str]]) -> Table:
    hours = np.array([row[0] for row in rows], dtype="datetime64[h]")
    return table(
        "points",
        {
            "start_hour": (Kind.TIME, hours),
            "east_metres": (Kind.PERSONAL, np.array([row[1] for row in rows], float)),
            "north_metres": (Kind.PERSONAL, np.array([row[2] for row in rows], float)),
            "area": (Kind.PLACE, np.array([row[3] for row in rows], object)),
        },
        east_metres="metres",
    )


def out(piles: Piles, most: int = 1_000_000) -> list[tuple[tuple[str, str], list[tuple[object, ...]]]]:
    return [(key, list(rows.rows())) for key, rows in piles.pieces(most, lambda key: key)]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(partition_piles, "HELD_ROWS", 5)
    monkeypatch.setattr(partition_piles, "MOST_ROWS", 4)
    yield


ROW = st.tuples(
    st.sampled_from(["1969-12-31T23", "1970-01-01T00", "2021-02-28T23", "2021-03-01T00"]),
    st.sampled_from([-25_000.0, -0.1, 0.0, 24_999.9, 25_000.0]),
    st.sampled_from([-1.0, 0.0]),
    st.sampled_from(["", "North", "Île-Sud"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(ROW, min_size=1, max_size=9), min_size=1, max_size=6))
def test_each_row_comes_out_once_in_its_month_and_region_in_the_order_of_the_file(
    parts: list[list[tuple[str, float, float, str]]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partition_piles, "HELD_ROWS", 5)
        patch.setattr(partition_piles, "MOST_ROWS", 4)
        piles = Piles(scratch=io.BytesIO())
        for rows in parts:
            piles.add(part(rows))
        found = out(piles, 4)
    expected: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for row in [row for rows in parts for row in rows]:
        key = (row[0][:7], f"{int(np.floor(row[1] / 25_000))}:{int(np.floor(row[2] / 25_000))}")
        expected.setdefault(key, []).append((np.datetime64(row[0], "h").astype(object), *row[1:]))
    together: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for key, rows in found:
        assert len(rows) <= 4
        together.setdefault(key, []).extend(rows)
    assert list(together) == sorted(expected) and together == expected
    assert sum(piles.months().values()) == sum(map(len, parts)) == piles.rows


def test_a_bounded_number_of_rows_is_held(few: None) -> None:
    piles, most = Piles(scratch=io.BytesIO()), 0
    for n in range(200):
        piles.add(part([("2021-01-01T00", float(n), 0.0, "North")]))
        most = max(most, sum(map(len, piles._held)))
    assert most < 5 and all(len(rows) <= 4 for _, rows in out(piles, 4))


def test_words_that_do_not_stay_become_empty() -> None:
    piles = Piles(scratch=io.BytesIO())
    piles.add(part([("2021-01-01T00", 0.0, 0.0, "Jane Doe"), ("2021-01-01T00", 0.0, 0.0, "North")]))
    piles.kept["area"] = frozenset({"North"})
    ((_, rows),) = out(piles)
    assert [row[3] for row in rows] == ["", "North"]


def test_groups_are_kept_apart_and_sizes_bounded() -> None:
    piles = Piles(scratch=io.BytesIO())
    piles.add(part([(f"2021-{m:02d}-01T00", 0.0, 0.0, "") for m in (3, 1, 2, 1)]))
    found = [(key, len(rows)) for key, rows in piles.pieces(1_000_000, lambda key: key[0] < "2021-03")]
    assert found == [(("2021-01", "0:0"), 3), (("2021-03", "0:0"), 1)]


@pytest.mark.parametrize(
    "row", [("NaT", 0.0, 0.0, ""), ("2021-01-01", np.nan, 0.0, ""), ("2021-01-01", 0.0, np.inf, "")]
)
def test_a_row_without_time_or_place_is_refused(row: tuple[str, float, float, str]) -> None:
    piles = Piles(scratch=io.BytesIO())
    piles.add(part([row]))
    with pytest.raises(InputError, match="without time or place"):
        piles.months()


def test_a_part_with_other_columns_or_endless_words_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    piles = Piles(scratch=io.BytesIO())
    piles.add(part([("2021-01-01T00", 0.0, 0.0, "a")]))
    for other in (part([("2021-01-01T00", 0.0, 0.0, "a")]).columns[:3], ()):
        with pytest.raises(InputError, match="other columns"):
            piles.add(Table(name="points", columns=tuple(other)))
    monkeypatch.setattr(partition_piles, "MOST_WORDS", 2)
    with pytest.raises(InputError, match="different words"):
        piles.add(part([("2021-01-01T00", 0.0, 0.0, word) for word in "bcd"]))
