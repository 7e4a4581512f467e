"""CSV is read block by block: only wanted columns, rows numbered as a person counts them, bad rows told or counted."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.intake import csv_blocks
from peelian.intake.csv_reader import Read, csv_parts, head_of
from peelian.intake.sources import Limits, sources
from peelian.intake.text_table import Wanted, joined_parts
from peelian.measure.table import Table


def read(path: Path, *, drop: bool = False, **limits: int) -> tuple[Table, dict[str, object]]:
    (source,) = sources(path, Limits())
    how = head_of(source, Limits())
    want = Wanted(
        places={name: i for i, name in enumerate(how.header) if name != "note"},
        packed=frozenset({"day"}),
        numbers=frozenset({"x"}),
    )
    said: dict[str, object] = {"encoding": how.encoding}
    choices = Read(drop_bad=drop, limits=Limits(**limits), said=said)
    return joined_parts(list(csv_parts(source, how, want, choices))), said


def test_dates_arrive_packed_numbers_as_floats_words_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('day,x,word,note\n2024-01-01,1.5,theft,"John, Doe"\n2024-01-02,,theft,\n', encoding="utf-8")
    table, _ = read(path)
    assert table["day"].tolist() == [b"2024-01-01", b"2024-01-02"]
    assert np.isnan(table["x"][1]) and table["x"][0] == 1.5
    assert table["word"].tolist() == ["theft", "theft"] and table["word"][0] is table["word"][1]
    assert table["row"].tolist() == [2, 3]
    assert "note" not in table, "narratives are not read"


def test_a_number_that_is_none_makes_the_block_arrive_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("day,x\n1,1.5\n2,abc\n", encoding="utf-8")
    assert read(path)[0]["x"].tolist() == ["1.5", "abc"]


def test_blocks_of_numbers_and_of_text_join_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 64)
    path = tmp_path / "a.csv"
    path.write_text("day,x\n" + "1,1.5\n" * 40 + "2,abc\n" + "1,\n" * 40, encoding="utf-8")
    table, _ = read(path)
    assert len(table) == 81
    assert set(table["x"].tolist()) == {"1.5", "abc", ""}
    assert table["row"].tolist() == list(range(2, 83))


@pytest.mark.parametrize("line", ["1,2,3,4", "1"])
def test_a_row_with_more_or_fewer_values_is_told_or_counted(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"day,x,word\n1,2,a\n\n{line}\n3,4,b\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="columns, the header 3") as caught:
        read(path)
    assert caught.value.row == 3
    table, said = read(path, drop=True)
    assert table["row"].tolist() == [2, 4]
    assert (said["ragged"], said["ragged_row"]) == (2, 3)


def test_quoted_line_breaks_are_inside_a_value_and_no_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 32)
    path = tmp_path / "a.csv"
    path.write_text("day,x,word,note\n" + '1,2,a,"one\ntwo ""three""\n"\n' * 9, encoding="utf-8")
    table, _ = read(path)
    assert table["row"].tolist() == list(range(2, 11))


def test_latin_1_after_megabytes_of_ascii_is_read_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peelian.intake.csv_reader.HEAD_BYTES", 64)
    path = tmp_path / "a.csv"
    path.write_bytes(b"day,x,word\n" + b"1,2,theft\n" * 50 + "1,2,méfait\n".encode("latin-1"))
    table, said = read(path)
    assert table["word"][-1] == "méfait"
    assert said["encoding"] == "cp1252"


def test_a_header_alone_and_too_many_rows_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("day,x\n", encoding="utf-8")
    with pytest.raises(InputError, match="header without rows"):
        read(path)
    path.write_text("day,x\n" + "1,2\n" * 9, encoding="utf-8")
    with pytest.raises(InputError, match="too many rows"):
        read(path, rows=8)


def test_a_reader_who_stops_early_leaves_no_thread_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 64)
    path = tmp_path / "a.csv"
    path.write_text("day,x\n" + "1,2\n" * 900, encoding="utf-8")
    (source,) = sources(path, Limits())
    how = head_of(source, Limits())
    want = Wanted(places={"x": 1}, packed=frozenset(), numbers=frozenset())
    before = set(threading.enumerate())
    parts = csv_parts(source, how, want, Read(drop_bad=False, limits=Limits(), said={}))
    assert len(next(parts)) > 0
    new = set(threading.enumerate()) - before
    assert new, "threads read ahead"
    parts.close()
    assert not new & set(threading.enumerate())


@pytest.mark.parametrize(
    ("line", "says"), [(b"1,2,\0", "NUL"), (b'1,2,"open', "not closed"), (b"1,2," + b"x" * 4_000, "longer than")]
)
def test_what_no_block_can_be_cut_from_is_named_by_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: bytes, says: str
) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 64)
    monkeypatch.setattr("peelian.intake.csv_reader.HEAD_BYTES", 64)
    path = tmp_path / "a.csv"
    path.write_bytes(b"day,x,word\n" + b'1,2,"two\nlines"\n' * 10 + b"1,2,a line\n" * 10 + line)
    with pytest.raises(InputError, match=says) as caught:
        read(path, record_bytes=500)
    assert caught.value.row == 22
