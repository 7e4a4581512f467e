"""A header shows kind and names of a file before it is read; doubled and missing columns are told."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from rows import csv_file

from peelian.errors import InputError
from peelian.intake.header import TableHead, header_of, places, refuse_missing
from peelian.intake.sources import Limits, Source
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Table


def never(text: Table, options: object) -> Admitted:
    raise NotImplementedError


FORMAT = Format(
    id="f",
    title="f",
    shape="s",
    required=frozenset({"day", "kind"}),
    columns=frozenset({"day", "kind", "more"}),
    convert=never,
)


def head(*names: str) -> TableHead:
    return TableHead(source=Source(name="f.csv", kind="csv", size=1, open=io.BytesIO), names=names)


def test_columns_are_found_without_case_order_or_blanks() -> None:
    assert places(FORMAT, head("narrative", " KIND ", "Day"), {}) == {"kind": 1, "day": 2}


def test_a_doubled_or_missing_column_is_told() -> None:
    with pytest.raises(InputError, match="two columns"):
        places(FORMAT, head("day", "DAY", "kind"), {})
    with pytest.raises(InputError, match="needs missing columns: day") as caught:
        refuse_missing(FORMAT, head("kind", "date"))
    assert (caught.value.row, caught.value.column) == (1, "day")


def test_an_archive_shows_every_table_and_kinds_do_not_mix(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1.csv", "day,kind\n1,2\n")
        archive.writestr("2.csv", "day;other\n1;2\n")
    header = header_of(tmp_path / "a.zip", Limits())
    assert [table.names for table in header.tables] == [("day", "kind"), ("day", "other")]
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("1.csv", "day,kind\n1,2\n")
        archive.writestr("2.txt", '[{"a": 1}]')
    with pytest.raises(InputError, match="several kinds"):
        header_of(tmp_path / "b.zip", Limits())


def test_kinds_of_files(tmp_path: Path) -> None:
    assert header_of(csv_file(tmp_path, "a,b", "1,2"), Limits()).kind == "csv"
    (tmp_path / "a.json").write_text('[{"a": 1, "b": 2}]', encoding="utf-8")
    assert header_of(tmp_path / "a.json", Limits()).kind == "json"
