"""Proves files of levels and counts are read as meant: times, gaps, repeats, nonsense, Auckland's long days."""

from __future__ import annotations

import gzip
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, Table, table
from peelian.technologies.crowd.formats import FORMATS, NO_LEVEL, NO_TIME, SAME_TIME

BY_ID: dict[str, Format] = {one.id: one for one in FORMATS}
EXAMPLES = resources.files("peelian.technologies.crowd") / "examples"


def text(columns: dict[str, list[str]]) -> Table:
    rows = len(next(iter(columns.values())))
    made = {name: (Kind.PERSONAL, np.array(values, dtype=object)) for name, values in columns.items()}
    return table("text", {**made, "row": (Kind.COUNT, np.arange(2, rows + 2))})


def levels(times: list[str], values: list[str], **options: str) -> Admitted:
    return BY_ID["sound-levels"].convert(text({"time": times, "laeq": values}), options)


def example(name: str) -> dict[str, list[str]]:
    lines = gzip.decompress((EXAMPLES / name).read_bytes()).decode().splitlines()
    header, *rows = [line.split(",") for line in lines]
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


def test_levels_are_ordered_and_what_is_wrong_is_dropped_with_its_first_row() -> None:
    times = ["2025-01-01 00:00:02", "2025-01-01T00:00:00", "2025-01-01 00:00:01Z", "noon", "2025-01-01 00:00:03"]
    found = levels([*times, "2025-01-01 00:00:02"], ["50.5", "49,5", "50", "51", "loud", "99"], on_bad_row="drop")
    assert found.table["second"].tolist() == [0, 1, 2] and found.table["laeq_db"].tolist() == [49.5, 50.0, 50.5]
    assert {(d.why, d.n, d.first_row) for d in found.dropped} == {(NO_TIME, 1, 5), (NO_LEVEL, 1, 6), (SAME_TIME, 1, 7)}
    assert found.facts["period_seconds"] == 1 and found.facts["from_day"] == "2025-01-01"


@pytest.mark.parametrize("apart", [2, 5, 3_600])
def test_levels_at_another_pace_are_refused(apart: int) -> None:
    start = np.datetime64("2025-01-01T00:00:00", "s")
    times = [str(start + np.timedelta64(k * apart, "s")) for k in range(9)]
    with pytest.raises(InputError, match="one level per second"):
        levels(times, ["50"] * 9)


@given(st.lists(st.tuples(st.text(max_size=24), st.text(max_size=12)), min_size=1, max_size=8))
def test_any_text_is_read_or_refused_without_quoting_it(rows: list[tuple[str, str]]) -> None:
    times, values = map(list, zip(*rows, strict=True))
    try:
        found = levels(times, values, on_bad_row="drop")
    except InputError as error:
        assert not [v for v in (*times, *values) if len(v) > 12 and v in str(error)]
    else:
        assert np.isfinite(found.table["laeq_db"]).all()


def test_the_real_day_is_read_whole() -> None:
    found = BY_ID["sound-levels"].convert(text(example("laeq_1s_24h.csv.gz")), {})
    assert (len(found.table), found.facts["period_seconds"], found.dropped) == (86_401, 1, ())


def test_aucklands_hours_after_midnight_belong_to_the_next_morning() -> None:
    columns = example("auckland_2023_09_2024_01.csv.gz")
    picked = BY_ID["auckland-counts"].pick(tuple(columns), {})
    found = BY_ID["auckland-counts"].convert(text({name: columns[head] for name, head in picked.items()}), {})
    assert found.facts["sensors"] == 21 and "year" not in picked
    at = (found.table["area"] == "45 Queen Street") & (found.table["hour"] == np.datetime64("2024-01-01T00", "h"))
    row = next(i for i, d in enumerate(columns["date"]) if d == "2023-12-31" and columns["hour"][i] == "0:00-0:59")
    assert found.table["count"][at].tolist() == [int(float(columns["45 Queen Street"][row]))]


def test_counts_by_row_are_read_and_nonsense_is_dropped() -> None:
    given_ = {
        "sensor": ["a", "a", "b", "a", "a"],
        "hour": ["2025-01-01 07:00", "2025-01-01 08:00", "2025-01-01 07:00", "2025-01-01 08:00", "2025-02-30 08:00"],
        "count": ["5", "7.5", "", "7", "1"],
    }
    found = BY_ID["counter-hours"].convert(text(given_), {"on_bad_row": "drop"})
    assert found.table["count"].tolist() == [5, 7] and sum(d.n for d in found.dropped) == 3


@pytest.mark.parametrize("name", ["x" * 61, "=cmd|'/c calc'!A1", "a\nb"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="sensor name not allowed"):
        BY_ID["counter-hours"].convert(text({"sensor": [name], "hour": ["2025-01-01 07:00"], "count": ["5"]}), {})


def test_an_impossible_time_or_count_stops_the_admission_and_names_its_row() -> None:
    with pytest.raises(InputError, match=r"row 3.*on_bad_row=drop"):
        levels(["2025-01-01 00:00:00", "2025-01-01 25:00:00"], ["50", "50"])
    rows = {"sensor": ["a", "a"], "hour": ["2025-01-01 07:00", "2025-01-01 08:00"], "count": ["7", "-1"]}
    with pytest.raises(InputError, match=r"row 3.*not a whole number"):
        BY_ID["counter-hours"].convert(text(rows), {})
