"""Parquet is read in batches: wanted columns only, dates as text, damaged, nested or over-promising files refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from peelian.errors import InputError
from peelian.intake import parquet_reader
from peelian.intake.csv_reader import Read
from peelian.intake.parquet_reader import parquet_header, parquet_parts, parquet_shape
from peelian.intake.sources import Limits, sources
from peelian.intake.text_table import Wanted, joined_parts
from peelian.measure.table import Table

READ = Read(drop_bad=False, limits=Limits(), said={})


def written(path: Path, **columns: object) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def read(path: Path, *names: str, limits: Limits | None = None) -> Table:
    (source,) = sources(path, Limits())
    header = parquet_header(source, limits or Limits())
    want = Wanted(
        places={n: header.index(n) for n in names}, packed=frozenset({"day", "at"}), numbers=frozenset({"x", "hour"})
    )
    return joined_parts(list(parquet_parts(source, header, want, READ)))


def test_types_become_text_or_numbers(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.parquet",
        day=[date(2024, 1, 31), None],
        at=[datetime(2024, 1, 31, 5, tzinfo=UTC), None],
        hour=pa.array([3, None], type=pa.int8()),
        x=[1.5, None],
        word=pa.array(["theft", None]).dictionary_encode(),
        code=pa.array([7, 8]).dictionary_encode(),
        secret=["never", "read"],
    )
    table = read(path, "day", "at", "hour", "x", "word", "code")
    assert table["day"].tolist() == [b"2024-01-31", b""]
    assert table["at"].tolist()[0].startswith(b"2024-01-31 05:00:00")
    assert table["hour"][0] == 3 and np.isnan(table["hour"][1]) and np.isnan(table["x"][1])
    assert table["word"].tolist() == ["theft", ""]
    assert table["code"].tolist() == ["7", "8"]
    assert "secret" not in table


def test_rows_are_numbered_through_the_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_reader, "BATCH_ROWS", 10)
    path = written(tmp_path / "a.parquet", x=list(map(float, range(35))))
    assert read(path, "x")["row"].tolist() == list(range(2, 37))


def test_empty_nested_and_over_promising_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="columns without rows"):
        read(written(tmp_path / "a.parquet", x=pa.array([], type=pa.float64())), "x")
    with pytest.raises(InputError, match="without plain values") as caught:
        read(written(tmp_path / "b.parquet", x=[[1.0], [2.0]]), "x")
    assert caught.value.column == "x"
    path = written(tmp_path / "c.parquet", x=[1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="declares more data"):
        read(path, "x", limits=Limits(rows=2))


def test_a_file_damaged_anywhere_is_told_and_never_half_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", x=[float(i) for i in range(2000)], word=["theft"] * 2000)
    whole = path.read_bytes()
    for content in (whole[:-9], whole[: len(whole) // 2], b"PAR1", whole[:50] + b"\0" * 400 + whole[450:]):
        path.write_bytes(content)
        with pytest.raises(InputError, match="damaged or cut off"):
            read(path, "x", "word")


@pytest.mark.parametrize("value", [pa.string(), pa.large_string()])
@pytest.mark.parametrize("store_schema", [True, False])
def test_a_few_kilobytes_that_promise_gigabytes_of_text_are_refused(
    tmp_path: Path, value: pa.DataType, store_schema: bool
) -> None:
    """One text of 100 KB and a number for each of 100,000 rows: 10 GB once unpacked, before any limit was looked at."""
    rows = 100_000
    once = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array(["secret" * 17_000], type=value))
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"name": once}), path, store_schema=store_schema)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(InputError, match="bomb") as wrong:
        read(path, "name")
    assert wrong.value.column == "name" and wrong.value.row == 2 and "secret" not in str(wrong.value)


def test_one_value_longer_than_a_row_may_be_is_refused_and_repeated_words_are_not(tmp_path: Path) -> None:
    path = written(tmp_path / "long.parquet", name=["a" * ((1 << 20) + 1)] * 3)
    with pytest.raises(InputError, match="bomb"):
        read(path, "name")
    repeated = read(written(tmp_path / "ok.parquet", name=["theft", None, "b" * 500] * 60_000), "name")
    assert len(repeated) == 180_000 and set(repeated["name"].tolist()) == {"theft", "", "b" * 500}


def geo(path: Path, shapes: object, about: object = None, name: str = "geometry", **more: object) -> Path:
    told = {"primary_column": "geometry", "columns": {"geometry": about or {"encoding": "WKB"}}, **more}
    table = pa.table({name: shapes}).replace_schema_metadata({"geo": json.dumps(told)})
    pq.write_table(table, path)
    return path


LINE = shapely.LineString([(-79.4, 43.65), (-79.39, 43.65)])


def test_shapes_of_a_geoparquet_file_are_read_as_text(tmp_path: Path) -> None:
    high = shapely.LineString([(0, 0, 5), (1.123456789, 1, 5)])
    path = geo(tmp_path / "a.parquet", [shapely.to_wkb(LINE), None, shapely.to_wkb(high), b"no shape"])
    found = read(path, "geometry")["geometry"].tolist()
    assert found == ["LINESTRING (-79.4 43.65, -79.39 43.65)", "", "LINESTRING (0 0, 1.123456789 1)", "?"]
    with pytest.raises(InputError, match="without plain values"):
        read(geo(tmp_path / "b.parquet", [b"1"], name="other"), "other")
    with pytest.raises(InputError, match="without plain values"):
        read(written(tmp_path / "c.parquet", geometry=[b"1"]), "geometry")


@pytest.mark.parametrize(
    ("about", "crs"),
    [
        ({"encoding": "WKB"}, ""),
        ({"encoding": "WKB", "crs": {"id": {"authority": "OGC", "code": "CRS84"}}}, ""),
        ({"encoding": "WKB", "crs": {"id": {"authority": "EPSG", "code": 4326}}}, ""),
        ({"encoding": "WKB", "crs": {"id": {"authority": "EPSG", "code": 26917}}}, "EPSG:26917"),
        ({"encoding": "WKB", "crs": None}, "unknown"),
        ({"encoding": "WKB", "crs": {"id": {"authority": "/etc/passwd", "code": "x" * 999}}}, "unknown"),
        ({"encoding": "WKB", "crs": [1]}, "unknown"),
    ],
)
def test_the_coordinate_system_of_a_geoparquet_file_is_its_code(tmp_path: Path, about: object, crs: str) -> None:
    (source,) = sources(geo(tmp_path / "a.parquet", [shapely.to_wkb(LINE)], about), Limits())
    assert parquet_shape(source, Limits()) == ("geometry", crs)


@pytest.mark.parametrize(
    "told",
    [b"", b"{", b"[" * 100_000, b"7", b'{"primary_column": "x"}', b'{"primary_column": [1], "columns": {}}',
     b'{"primary_column": "geometry", "columns": {"geometry": 1}}', b'{"primary_column": "y", "columns": {"y": {}}}',
     b'{"primary_column": "gone", "columns": {"gone": {"encoding": "WKB"}}}'],
)  # fmt: skip
def test_what_is_no_geoparquet_has_no_shapes(tmp_path: Path, told: bytes) -> None:
    table = pa.table({"geometry": [b"1"]}).replace_schema_metadata({"geo": told})
    pq.write_table(table, tmp_path / "a.parquet")
    (source,) = sources(tmp_path / "a.parquet", Limits())
    assert parquet_shape(source, Limits()) == ("", "")


def test_a_long_shape_that_stands_in_every_row_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_reader, "BATCH_BYTES", 1 << 20)
    long = shapely.to_wkb(shapely.LineString(np.arange(4_000.0).reshape(-1, 2)))
    with pytest.raises(InputError, match="bomb"):
        read(geo(tmp_path / "bomb.parquet", [long] * 300), "geometry")
    assert len(read(geo(tmp_path / "few.parquet", [long] * 30), "geometry")) == 30
