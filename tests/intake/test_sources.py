"""Opening a file at the door in: only regular files, no bombs, nothing outside, and damage told by its name."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

from peelian.errors import InputError
from peelian.intake.sources import FREE_BYTES, Limits, kind_of, shown_name, sources

LIMITS = Limits()
CSV = b"month,type\n2024-01,theft\n"


def all_bytes(path: Path, limits: Limits = LIMITS) -> bytes:
    (source,) = sources(path, limits)
    stream = source.open()
    try:
        return b"".join(iter(lambda: stream.read(1 << 20), b""))
    finally:
        stream.close()


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_plain_and_compressed_files_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(CSV))
    zipped(tmp_path / "a.zip", {"2024-01/a.csv": CSV, "__MACOSX/a.csv": b"x", "readme.md": b"hello"})
    assert [all_bytes(tmp_path / name) for name in ("a.csv", "a.csv.gz", "a.zip")] == [CSV] * 3


def test_months_in_an_archive_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"2024-02.csv": CSV, "2024-01.csv": CSV})
    assert [source.name for source in sources(path, LIMITS)] == ["a.zip[2024-01.csv]", "a.zip[2024-02.csv]"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\0", "SQLite database or GeoPackage"),
        (b"II*\0" + b"\0" * 40, r"raster image \(TIFF\). Expected: CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old spreadsheet"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"PK\x05\x06" + b"\0" * 18, "empty zip"),
        (b"PK\x03\x04 and then nothing of a zip", "damaged"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says) as caught:
        sources(path, LIMITS)
    assert caught.value.file == "file.csv"


def test_links_folders_pipes_and_missing_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_bytes(CSV)
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    for name, says in (
        ("link.csv", "symbolic link"),
        (".", "folder"),
        ("pipe.csv", "no regular file"),
        ("missing.csv", "no such file"),
    ):
        with pytest.raises(InputError, match=says):
            sources(tmp_path / name, LIMITS)


def test_a_file_replaced_by_a_link_after_the_look_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)
    (source,) = sources(path, LIMITS)
    path.unlink()
    path.symlink_to("/etc/hostname")
    with pytest.raises(InputError, match="symbolic link"):
        source.open()


def test_a_gzip_bomb_stops_at_its_limit_not_at_the_end_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(b"month,type\n")
        for _ in range(FREE_BYTES // (1 << 20) + 4):
            file.write(b"0" * (1 << 20))
    with pytest.raises(InputError, match="bomb"):
        all_bytes(path)


def test_a_zip_bomb_is_refused_by_what_it_promises(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", {"a.csv": b"0" * (FREE_BYTES + (1 << 20))})
    with pytest.raises(InputError, match="bomb"):
        sources(path, LIMITS)


def test_limits_count_what_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": CSV * 100})
    with pytest.raises(InputError, match="bomb"):
        all_bytes(path, Limits(plain_bytes=len(CSV) * 99))


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "..\\a.csv", "C:\\a.csv"])
def test_an_archive_that_points_outside_is_refused_whole(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", {"good.csv": CSV, name: CSV})
    with pytest.raises(InputError, match="points outside"):
        sources(path, LIMITS)


def test_archives_in_archives_doubled_names_and_spreadsheets_are_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", CSV)
    for members, says in (
        ({"inner.zip": inner.getvalue()}, "inside an archive"),
        ({"hidden.csv": inner.getvalue()}, "inside an archive"),
        ({"[Content_Types].xml": b"<x/>"}, "spreadsheet"),
        ({"readme.md": b"hello"}, "without a CSV"),
    ):
        with pytest.raises(InputError, match=says):
            sources(zipped(tmp_path / "a.zip", members), LIMITS)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(gzip.compress(CSV)))
    with pytest.raises(InputError, match="inside an archive"):
        sources(tmp_path / "b.csv.gz", LIMITS)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("a.csv", CSV)
    with pytest.raises(InputError, match="one name"):
        sources(tmp_path / "c.zip", LIMITS)


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{i}.csv": CSV for i in range(5)})
    with pytest.raises(InputError, match="5 files"):
        sources(path, Limits(members=4))


def test_cut_off_and_damaged_compression_is_told(tmp_path: Path) -> None:
    whole = gzip.compress(bytes(range(256)) * 400)
    for name, content in (("cut.gz", whole[:-20]), ("bent.gz", whole[:200] + b"\xff\xff" + whole[202:])):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="damaged or cut off"):
            all_bytes(tmp_path / name)
    path = zipped(tmp_path / "a.zip", {"a.csv": os.urandom(5000).hex().encode()})
    content = bytearray(path.read_bytes())
    content[300] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="damaged or cut off"):
        all_bytes(path)
    path.write_bytes(bytes(content[:-30]))
    with pytest.raises(InputError, match="damaged or cut off"):
        all_bytes(path)


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": CSV})
    content = bytearray(path.read_bytes())
    for digest, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(digest) + at] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="encrypted"):
        sources(path, LIMITS)


def test_kinds_are_told_by_the_first_bytes() -> None:
    assert kind_of(b"\xef\xbb\xbf {", "f") == "json"
    assert kind_of(b"PAR1", "f") == "parquet"
    assert kind_of(b"a,b", "f") == "csv"
    with pytest.raises(InputError, match="inside an archive"):
        kind_of(b"PAR1", "f", nested=True)


def test_names_in_messages_are_short_and_printable() -> None:
    assert shown_name("a\x1b[31m\n.csv") == "a?[31m?.csv"
    assert len(shown_name("x" * 300 + ".csv")) <= 80
