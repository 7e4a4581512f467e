"""The door in as a whole: every hostile file ends in one clear message without a value in it, or in a full account."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rows import csv_file

from peelian.errors import InputError, NotEnoughData
from peelian.intake import csv_blocks
from peelian.intake.read import MESSAGES, admitted, read_text, summary
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Table
from peelian.technologies.mapping.formats import FORMATS

NAME = "Desdemona Quimby-Featherstonehaugh"
CHICAGO = "ID,Case Number,Date,Block,IUCR,Primary Type,Description,Latitude,Longitude"
GOOD = "1,HX1,02/08/2015 11:43:40 PM,081XX S COLES AVE,1811,NARCOTICS,note,41.74,-87.55"


def refused(path: Path, format: str = "auto", **options: str) -> InputError:
    with pytest.raises(InputError) as caught:
        admitted(path, format, FORMATS, options)
    assert caught.value.file, "the file is named"
    assert NAME not in str(caught.value), "a value is never quoted"
    return caught.value


def test_a_good_file_is_read_and_only_declared_columns_of_it(tmp_path: Path) -> None:
    path = csv_file(tmp_path, CHICAGO, GOOD.replace("note", NAME))
    id, taken = admitted(path, "auto", FORMATS, {})
    assert id == "chicago" and len(taken.table) == 1
    assert not any(NAME in str(column.values.tolist()) for column in taken.table.columns)


@pytest.mark.parametrize(
    ("row", "says", "column"),
    [
        (GOOD.replace("02/08/2015", "02/30/2015"), "not a date", "date"),
        (GOOD.replace("02/08/2015 11:43:40 PM", NAME), "not a date", "date"),
        (GOOD.replace("11:43:40 PM", "13:43:40 PM"), "not a date", "date"),
        (GOOD.replace("41.74", NAME), "not a number", "latitude"),
        (GOOD.replace("41.74", "241.74"), "not on Earth", "latitude"),
        (GOOD.replace("41.74,-87.55", "1898273,1851626"), "metres or feet", "longitude"),
        (GOOD.replace("41.74,-87.55", "-87.55,41.74"), "swapped", "longitude"),
        (GOOD.replace("41.74,-87.55", "48.85,2.35"), "km from the town", ""),
        (GOOD + ",one,more", "columns, the header", ""),
    ],
)
def test_one_bad_row_stops_everything_and_is_named(tmp_path: Path, row: str, says: str, column: str) -> None:
    path = csv_file(tmp_path, CHICAGO, GOOD, GOOD, row, GOOD)
    error = refused(path)
    assert says in error.wrong
    assert (error.row, error.column.lower()) == (4, column)
    _, taken = admitted(path, "auto", FORMATS, {"on_bad_row": "drop"})
    assert len(taken.table) == 3
    assert [(d.n, d.first_row) for d in taken.dropped] == [(1, 4)]
    assert any("1 rows dropped, the first in row 4" in line for line in summary(taken))


def test_missing_column_wrong_delimiter_and_unknown_files_say_what_they_resemble(tmp_path: Path) -> None:
    error = refused(csv_file(tmp_path, CHICAGO.replace("Latitude", "Lat."), GOOD))
    assert "resembles chicago without latitude" in error.wrong and error.row == 1
    error = refused(csv_file(tmp_path, CHICAGO.replace("Latitude", "Lat."), GOOD), "chicago")
    assert "latitude" in error.wrong and error.column == "latitude"
    assert "no column delimiter" in refused(csv_file(tmp_path, CHICAGO.replace(",", "^"), GOOD)).wrong
    assert "no known format" in refused(csv_file(tmp_path, "alpha,beta", "1,2")).wrong


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read_and_said(tmp_path: Path, encoding: str) -> None:
    path = csv_file(tmp_path, CHICAGO, GOOD.replace("COLES", "COLÈS"), encoding=encoding)
    _, taken = admitted(path, "auto", FORMATS, {})
    assert len(taken.table) == 1
    assert any("File encoding" in line for line in summary(taken)) == (encoding != "utf-8-sig")


def test_semicolons_decimal_commas_and_day_first(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path, "Datum;Lon;Lat;Type", "31.12.2023 23:59;4,35;50,85;Burglary", "01.01.2024;4,36;50,85;Robbery"
    )
    _, taken = admitted(path, "auto", FORMATS, {"date": "Datum", "zone": "Europe/Brussels"})
    assert [str(hour) for hour in taken.table["start_hour"]] == ["2023-12-31T23", "2024-01-01T00"]
    assert taken.table["category"].tolist() == ["break_and_enter", "robbery"]


@pytest.mark.parametrize("content", [b"", b"\n\n", CHICAGO.encode(), CHICAGO.encode() + b"\n"])
def test_empty_files_and_bare_headers(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert refused(tmp_path / "a.csv").wrong


def test_a_file_of_which_nothing_is_left_says_what_was_dropped(tmp_path: Path) -> None:
    path = csv_file(tmp_path, CHICAGO, GOOD.replace("41.74,-87.55", ","))
    with pytest.raises(NotEnoughData, match="1 dropped; 1: No location"):
        admitted(path, "auto", FORMATS, {})


def test_a_column_of_names_is_no_column_of_categories(tmp_path: Path) -> None:
    rows = [f"2024-01-01,-79.4,43.7,{NAME} {i}" for i in range(60)]
    error = refused(csv_file(tmp_path, "date,lon,lat,category", *rows))
    assert "names or narratives" in error.wrong and error.column == "category"
    many = [f"2024-01-01,-79.4,43.7,{NAME} {i % 300}" for i in range(3000)]
    assert "names or narratives" in refused(csv_file(tmp_path, "date,lon,lat,category", *many)).wrong


def test_stops_and_searches_are_not_incidents(tmp_path: Path) -> None:
    header = "Type,Date,Longitude,Latitude,Gender,Self-defined ethnicity,Object of search"
    error = refused(csv_file(tmp_path, header, "Person search,2019-01-01T00:10:00+00:00,-0.1,51.5,Male,x,y"))
    assert "stops, searches or arrests" in error.wrong


def test_options_that_do_not_exist_and_values_they_cannot_have(tmp_path: Path) -> None:
    path = csv_file(tmp_path, CHICAGO, GOOD)
    assert "no option centr" in refused(path, centr="1,2").wrong
    assert "neither stop nor drop" in refused(path, on_bad_row="skip").wrong
    assert "reach_km" in refused(path, reach_km="-1").wrong
    assert "not a date" in refused(path, from_day="yesterday").wrong
    assert "is not a point" in refused(path, centre="here").wrong
    assert "more than half" in refused(path, centre="0,0").wrong


def test_months_in_a_zip_are_one_dataset_and_other_tables_are_left_out(tmp_path: Path) -> None:
    street = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type\n"
    row = "x,{},City,City,-0.11,51.52,On or near,E1,Camden 1,Drugs\n"
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("2024-01/street.csv", street + row.format("2024-01") * 3)
        archive.writestr("2024-01/outcomes.csv", "Crime ID,Month,Outcome type\nx,2024-01,none\n")
        archive.writestr("2024-02/street.csv", street + row.format("2024-02"))
    id, taken = admitted(tmp_path / "a.zip", "auto", FORMATS, {})
    assert (id, len(taken.table)) == ("police-uk", 4)
    assert "1 files in the archive have other columns and were left out." in summary(taken)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("1.csv", street + row.format("2024-01"))
        archive.writestr("2.csv", street + row.format("2024-01") + row.format("2024-13"))
    error = refused(tmp_path / "b.zip")
    assert (error.file, error.row, error.column) == ("b.zip[2.csv]", 3, "Month")


def test_a_bad_row_far_inside_a_large_file_is_found_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 1 << 16)
    path = tmp_path / "large.csv.gz"
    rows = 60_000
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write("date,lon,lat,category,narrative\n")
        for i in range(rows):
            day = "2024-02-31" if i == rows // 2 else "2024-02-28"
            file.write(f"{day},-79.4,43.7,theft,{NAME} was seen with {i} others and said a great many things\n")
    tracemalloc.start()
    error = refused(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (error.row, error.column) == (rows // 2 + 2, "date")
    assert peak < 16 << 20, f"{peak:,} bytes for a file of {rows * 95:,}"


def test_progress_grows_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 256)
    shares: list[float] = []
    admitted(csv_file(tmp_path, CHICAGO, *[GOOD] * 19), "auto", FORMATS, {}, lambda says, share: shares.append(share))
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 3


def test_read_text_gives_the_named_columns_and_misses_none(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,B ,c", "1,2,3")
    table = read_text(path, ["b", "A"])
    assert table.names == ("row", "A", "b") and table["b"].tolist() == ["2"]
    with pytest.raises(InputError, match="needs missing columns: d"):
        read_text(path, ["a", "d"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(noise=st.binary(max_size=200), at=st.integers(0, 250))
def test_any_damage_ends_in_a_table_or_a_named_error(tmp_path: Path, noise: bytes, at: int) -> None:
    content = "\n".join([CHICAGO, *[GOOD] * 3]).encode()
    path = tmp_path / "noise.csv"
    path.write_bytes(content[:at] + noise + content[at + len(noise) // 2 :])
    try:
        _, taken = admitted(path, "auto", FORMATS, {"on_bad_row": "drop"})
    except InputError as error:
        assert error.file == "noise.csv"
    else:
        assert len(taken.table) >= 1


def test_every_sentence_of_the_reader_has_its_french() -> None:
    catalogue = (files("peelian.technologies.mapping") / "fr_formats.po").read_text(encoding="utf-8")
    assert all(f'msgid "{message}"' in catalogue for message in MESSAGES)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n  \n"])
def test_text_without_a_header_is_read_by_a_format_that_is_named(tmp_path: Path, ending: str) -> None:
    seen: list[Table] = []

    def convert(text: Table, options: Mapping[str, str]) -> Admitted:
        seen.append(text)
        return Admitted(table=text, facts={})

    columns = frozenset({"1", "2", "3"})
    bare = Format(
        id="bare", title="t", shape="s", required=columns, columns=columns, convert=convert, kinds=("columns",)
    )
    path = tmp_path / "scores.txt"
    path.write_text("  a.txt  b.txt   0.5" + ending + "c.txt\td.txt 0.25 " + ending, encoding="utf-8", newline="")
    admitted(path, "bare", [bare], {})
    assert [seen[0][name].tolist() for name in ("row", "1", "2", "3")] == [
        [1, 2],
        ["a.txt", "c.txt"],
        ["b.txt", "d.txt"],
        ["0.5", "0.25"],
    ]
    with pytest.raises(InputError):
        admitted(path, "auto", [bare], {})
    path.write_text("a b 1\nc d\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2: the row has 2 columns"):
        admitted(path, "bare", [bare], {})
