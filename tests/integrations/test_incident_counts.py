"""Counts of incidents: bit by bit what `Grid.locate` and the days of civil time say, however the rows are divided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import counting
import numpy as np
import pyarrow as pa
import pytest

from peelian.integrations.incident_counts import (
    FAR_METRES,
    KEYS,
    Engine,
    _Columns,
    _summed,
    counted,
    counts,
    lags,
    rows,
)
from peelian.kernel.model.counts import MISSING, Bins, missing
from peelian.measure.grid import square_grid
from peelian.technologies.mapping import example

pytest.importorskip("ibis", reason="the extra `scale` is not installed")

BINS = Bins(cell_metres=250.0)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    from peelian.integrations.count_engines import duckdb_engine

    with duckdb_engine() as made:
        yield made


def expanded(engine: Engine, given: pa.Table, bins: Bins = BINS) -> pa.Table:
    """What is counted of one row at a time, in the rows' order: the key of each row."""
    found = [engine(given.slice(k, 1), (counts(rows(), bins),))[0] for k in range(len(given))]
    assert all(one.column("n").to_pylist() == [1] for one in found)
    return pa.concat_tables(found)


@pytest.mark.parametrize("size", [250.0, 333.3])
def test_half_cells_are_those_of_both_grids_bit_by_bit(engine: Engine, size: float) -> None:
    """A half cell tells the row and column on the grid, and on the one moved by half a cell, as numpy counts them."""
    places = np.array(counting.PLACES)
    n = len(places)
    given = pa.table([np.zeros(n, np.int32), *(np.zeros(n) for _ in range(3)), places[:, 0], places[:, 1]],
                     names=["category", "start", "end", "known", "east", "north"])  # fmt: skip
    key = expanded(engine, given, Bins(cell_metres=size))
    there = (np.abs(places) <= FAR_METRES).all(axis=1)
    assert (key.column("col").to_numpy() == MISSING).tolist() == (~there).tolist()
    for axis, name in enumerate(("col", "row")):
        half = key.column(name).to_numpy()[there].astype(np.int64)
        for shift, mine in ((0.0, half // 2), (size / 2, (half - 1) // 2)):
            theirs = np.floor((places[there, axis] - shift) / size).astype(np.int64)
            assert mine.tolist() == theirs.tolist()


def test_a_half_cell_lies_where_its_points_do() -> None:
    """The middle that stands for a half cell falls in the cells that `Grid.locate` finds for its points."""
    rng = np.random.default_rng(3)
    east, north = rng.uniform(-1_000, 1_000, (2, 500))
    half = [np.floor(x / 250) + np.floor((x - 125) / 250) + 1 for x in (east, north)]
    for shift in ((0.0, 0.0), (125.0, 0.0), (0.0, 125.0), (125.0, 125.0)):
        made = square_grid(cell_metres=250.0, rows=10, cols=10, first_row=-5, first_col=-5)
        grid = type(made)(**{name: getattr(made, name) for name in made.__slots__} | {"shift": shift})
        middle = [(x + 0.5) * 125.0 for x in half]
        assert grid.locate(*middle).tolist() == grid.locate(east, north).tolist()


def test_days_are_those_of_civil_time(engine: Engine) -> None:
    """Within a day: its noon. Over several: the interval as it is. Too vague, or not known: MISSING."""
    times = np.array(counting.WHENS)
    n = len(times)
    given = pa.table([np.zeros(n, np.int32), *times.T, np.zeros(n), np.zeros(n)],
                     names=["category", "start", "end", "known", "east", "north"])  # fmt: skip
    key = expanded(engine, given)
    found = [key.column(name).to_pylist() for name in ("start_hour", "end_hour", "known_hour")]
    noon, gone = counting.SPRING - 2 + 12, MISSING
    assert dict(zip(counting.WHENS[:8], zip(*found, strict=True), strict=False)) == {
        counting.WHENS[0]: (noon, noon, gone),
        counting.WHENS[1]: (noon, noon, gone),
        counting.WHENS[2]: (noon, noon, counting.SPRING - 2 + 48),  # it ended at midnight: on that day
        counting.WHENS[3]: (-12, -12, gone),
        counting.WHENS[4]: (counting.SPRING, counting.SPRING + 30, counting.SPRING - 2 + 48),
        counting.WHENS[5]: (counting.SPRING, counting.SPRING + 744, counting.SPRING - 2 + 24 * 376),
        counting.WHENS[6]: (noon, gone, gone),
        counting.WHENS[7]: (noon, gone, gone),
    }
    assert found[0][8] == found[0][10] == found[0][11] == found[0][16] == gone


def test_weeks_begin_where_they_are_told_to(engine: Engine) -> None:
    """What happened in a week is counted at noon of its last day; the week begins on any day of the calendar."""
    days = np.arange(-10.0, 11.0)
    n = len(days)
    given = pa.table([np.zeros(n, np.int32), days * 24, days * 24 + 5, np.full(n, np.nan), np.zeros(n), np.zeros(n)],
                     names=["category", "start", "end", "known", "east", "north"])  # fmt: skip
    key = expanded(engine, given, Bins(cell_metres=250.0, days=7, begins=3))
    last = 3 + 7 * np.floor((days - 3) / 7) + 6
    assert key.column("start_hour").to_pylist() == (last * 24 + 12).tolist()


def test_duplicates_count_and_lags_are_hours(engine: Engine) -> None:
    given = counting.adversarial()
    found, late = engine(given, (counts(rows(), BINS), lags(rows())))
    assert sum(found.column("n").to_pylist()) == sum(late.column("n").to_pylist()) == len(given)
    assert max(found.column("n").to_pylist()) > 1
    both = [k - e for e, k in zip(given["end"].to_pylist(), given["known"].to_pylist(), strict=True)
            if abs(e) <= 1e8 and abs(k) <= 1e8]  # fmt: skip
    told: Counter[int] = Counter()
    for hours, n in zip(late["hours"].to_pylist(), late["n"].to_pylist(), strict=True):
        told[hours] += n
    del told[MISSING]
    assert told == Counter(both)


def test_however_rows_are_divided_the_counts_are_the_same(engine: Engine) -> None:
    town = example.incidents(n=2_000)
    whole, cut = (counted(counting.months_of(town, n), BINS, engine, at_once=n) for n in (1, 3))
    assert whole.counts.digest() == cut.counts.digest()
    assert whole.lags.digest() == cut.lags.digest()
    assert int(whole.counts["n"].sum()) == 2_000


@pytest.mark.parametrize("far", [5, 2**31 - 1])
def test_counts_of_partitions_are_added_up_in_order_of_their_keys(far: int) -> None:
    """Whether 64 bits hold all columns or not, with MISSING first, and in a partition without a row."""
    rng = np.random.default_rng(5)
    drawn = rng.choice(np.array([MISSING, -3, 0, 4, far], dtype=np.int32), (300, 6))
    parts = [drawn[:0], drawn[:120], drawn[120:]]
    tables = [pa.table([*part.T, np.full(len(part), 2)], names=[*KEYS, "n"]) for part in parts]
    for given, rows_given in ((tables, drawn), (tables[:1], drawn[:0]), (tables[:1] * 2, drawn[:0])):
        found = _summed(given, KEYS)
        told = Counter(map(tuple, rows_given.tolist()))
        assert list(zip(*(found[key].tolist() for key in KEYS), strict=True)) == sorted(told)
        assert found["n"].tolist() == [2 * told[key] for key in sorted(told)]


def test_each_column_is_of_the_narrowest_type_and_grows_into_wider_ones() -> None:
    """Months whose numbers need more and more room, with MISSING among them: the values are those that were given."""
    given = [[MISSING, -127, 127], [128], [-32_768, MISSING], [5], [2**31 - 1], [MISSING]]
    for upto in range(1, len(given) + 1):
        months = _Columns(("category", "row"))
        for month in given[:upto]:
            zeros, ones = np.zeros(len(month), np.int32), np.ones(len(month), np.int64)
            months.add({"category": zeros, "row": np.array(month, np.int32), "n": ones})
        made, wanted = months.table("counts", ["theft"]), [value for month in given[:upto] for value in month]
        assert made["row"].dtype == ("int8", "int16", "int32", "int32", "int32", "int32")[upto - 1]
        assert np.where(missing(made["row"]), MISSING, made["row"].astype(np.int64)).tolist() == wanted
        assert made["n"].dtype == "int8" and made["n"].tolist() == [1] * len(wanted)


def test_a_category_without_a_name_and_one_not_listed_stay_apart(engine: Engine) -> None:
    town = example.incidents(n=300)
    words = np.array(["", "nobody's word", "assault"] * 100, dtype=object)
    columns = tuple(
        type(column)(name="category", kind=column.kind, values=words) if column.name == "category" else column
        for column in town.table.columns
    )
    made = counting.replace(town, table=type(town.table)(name="incidents", columns=columns))
    found = counted(counting.months_of(made), BINS, engine).counts
    by_word = {word: int(found["n"][found["category"] == word].sum()) for word in set(words)}
    assert by_word == {"": 100, "nobody's word": 100, "assault": 100}
