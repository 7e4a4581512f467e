"""A file that promises more than it holds ends in an InputError that names it; memory and time stay small, and nothing
is kept of it."""

from __future__ import annotations

import gzip
import io
import time
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attempts import attempts
from bombs import BOMBS, CPU, DESCRIPTIONS, HEADER, MEMORY, ROW, kept_of, same_rows
from clips import written
from desk import entitle
from hypothesis import given
from hypothesis import strategies as st
from recordings import DECLARED
from terminal import peelian

from peelian.errors import InputError
from peelian.intake.allowance import Allowance
from peelian.intake.child import admitted_by_child
from peelian.intake.read import admitted
from peelian.kernel.model.capability import Role
from peelian.kernel.model.formats import Format
from peelian.operations.office import memory_office, technologies


def mapping_formats() -> tuple[Format, ...]:
    return next(tuple(one.formats()) for one in technologies() if one.id == "mapping")


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_its_name_within_little_memory_and_time(tmp_path: Path, name: str) -> None:
    BOMBS[name](tmp_path / name)
    said = kept_of(tmp_path / name, {})
    assert said.get("file", "").startswith(name) and said["accepted"], said
    assert said["mib"] < MEMORY + 500 and said["seconds"] < CPU, said
    assert "PEELIAN" not in said["accepted"], "it is counted before it is read, and no last resort"


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_a_hostile_description_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(DESCRIPTIONS[name])
    (tmp_path / "a.csv").write_bytes(HEADER + ROW)
    said = kept_of(tmp_path / "a.csv", {"description": str(tmp_path / name)})
    assert "line too long" in said["wrong"] and "1,000 characters" in said["accepted"] and said["seconds"] < CPU, said


def test_nothing_is_kept_of_a_bomb(tmp_path: Path) -> None:
    same_rows(tmp_path / "rows.parquet")
    with memory_office(name="Town") as office:
        clerk = office.enrol("clerk", name="Clerk", unit="town", roles={Role.CUSTODIAN})
        before = office.kernel.stores.log.size()
        with pytest.raises(InputError, match=r"rows\.parquet: the file expands beyond"):
            office.admit(clerk, tmp_path / "rows.parquet", DECLARED)
        assert office.kernel.stores.log.size() == before and not office.kernel.state.datasets


def test_a_trial_of_a_bomb_says_so_in_both_languages_and_leaves_nothing(tmp_path: Path) -> None:
    same_rows(tmp_path / "rows.parquet")
    for language, says in (("en", "possibly a decompression bomb"), ("fr", "bombe de décompression")):
        done = peelian("--lang", language, "try", "mapping", "rows.parquet", "--out", "out", cwd=tmp_path)
        assert done.returncode == 2 and says in done.stderr and "rows.parquet" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr and not (tmp_path / "out").exists()


def test_what_no_count_foresees_ends_at_the_allowance_of_memory(tmp_path: Path) -> None:
    """A file that is large and no bomb, let in with little: the limit is named, also where the process that reads it
    could not go on without the memory and aborted."""
    with (tmp_path / "a.csv").open("wb") as file:
        file.write(HEADER)
        file.write(b"".join(b"2024-01-01 00:00,-79.%07d,43.%07d,theft\n" % (n, n) for n in range(100_000)) * 30)
    with pytest.raises(InputError, match=r"a\.csv: .*at most 60 MiB"):
        admitted_by_child(tmp_path / "a.csv", "auto", mapping_formats, {}, allowance=Allowance(memory_mib=60))
    said = kept_of(tmp_path / "a.csv", {}, seconds=1)
    assert said["file"] == "a.csv" and said["accepted"] == "at most 1 seconds (PEELIAN_INTAKE_SECONDS)", said


@pytest.mark.slow
def test_a_recording_that_takes_too_long_to_look_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged recording is decoded from end to end: one that goes on and on ends at the allowance and is not kept."""
    noise = [np.random.default_rng(n).integers(0, 255, (480, 640, 3)).astype(np.uint8) for n in range(4)]
    path = tmp_path / "long.mp4"
    path.write_bytes(written([noise[n % 4] for n in range(400)], crf=10))
    monkeypatch.setenv("PEELIAN_INTAKE_SECONDS", "1")
    options = {"recorded_at": "2026-03-02T14:05:00-05:00", "damaged": "yes"}
    with memory_office(name="Town") as office:
        clerk = office.enrol("clerk", name="Clerk", unit="town", roles={Role.CLERK})
        entitle(office.kernel, clerk)
        with pytest.raises(InputError, match=r"long\.mp4: reading the file takes too much .*PEELIAN_INTAKE_SECONDS"):
            office.keep_object(clerk, path, DECLARED, format="video", options=options)
        kinds = [entry["kind"] for _, entry in office.kernel.stores.log.read()]
        assert kinds[-1] == "TURNED_AWAY" and not office.kernel.state.datasets
        monkeypatch.delenv("PEELIAN_INTAKE_SECONDS")
        assert office.keep_object(clerk, path, DECLARED, format="video", options=options).facts["damaged"] == "yes"


PIECES = (
    b'"', b",", b"\n", b"\r", b"\0", b"\xff\xfe", b"[", b"]", b"{", b"}", b'{"a":', b'[{"date":', b"9", b"-1e9", b"\t",
    b";", b'""', b"\\", b"\\u0000", b"\\ud800", b"NaN", b"Infinity,", b"=1+1,", b"\xc3\xa9", b"\xc3", b"\xef\xbb\xbf",
    b'{"type":"FeatureCollection","features":[', b'{"geometry":{"coordinates":[', b"date,", HEADER, ROW,
)  # fmt: skip
TOML = (
    "[columns]\n", 'date = "date"\n', "zone = ", "a = ", "[", "]", "{", "}", "[[", "]]", '"""', "'''", '"', "9", "0x",
    "f", ".", "_", "inf", "nan", "true", "2024-01-01T00:00:00Z", "\n", "\\u0000", "\\U00110000", ",", "=", "\0", "é",
)  # fmt: skip
TIMES = st.sampled_from([1, 1, 2, 30, 900, 20_000])
ACTS = ("plain", "gzip", "zip", "twice", "cut", "bent", "again", "cut gzip", "bent gzip")


def pumped(pieces: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    parts = st.lists(st.tuples(st.sampled_from(pieces), TIMES), min_size=1, max_size=6)
    return parts.map(lambda some: pieces[0][:0].join(piece * n for piece, n in some))


def wrapped(content: bytes, how: str, at: int) -> bytes:
    """The content as a plain, compressed, doubly compressed, cut off, damaged or repeated file."""
    if how == "zip":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(("a.csv", "../a.csv", "/a.csv", "a.zip", "a\nb.csv")[at % 5], content)
        return file.getvalue()
    made = gzip.compress(content) if "gzip" in how or how in ("twice", "again") else content
    made = gzip.compress(made) if how == "twice" else made * 2 if how == "again" else made
    place = at % len(made)
    return made[:place] if "cut" in how else made[:place] + b"\x80" + made[place + 1 :] if "bent" in how else made


@cache
def parquet() -> bytes:
    """Columns of kinds that no table of a town has, besides the ones that it should have."""
    columns: dict[str, Any] = {"date": ["2024-01-01"] * 50, "longitude": [[1.0, 2.0]] * 50, "latitude": [{"a": 1}] * 50}
    columns |= {"category": [b"\xff" * 9] * 50, "\u202ename": pa.nulls(50), "": list(range(50))}
    pq.write_table(pa.table(columns), file := io.BytesIO())
    return file.getvalue()


def ends_in_words(path: Path, options: dict[str, str]) -> None:
    """The file comes in, or is refused by its name with what is accepted, soon and by no last resort."""
    formats, began = tuple(format for t in technologies() for format in t.formats()), time.process_time()
    try:
        admitted(path, "auto", formats, options, allowance=Allowance(memory_mib=900, cpu_seconds=20))
    except InputError as error:
        assert error.wrong and error.accepted and "PEELIAN" not in error.accepted, error
        assert (error.file or "").startswith((path.name, "description", "d.toml")), error
    assert time.process_time() - began < 8


@attempts(150)
@given(pumped(PIECES) | st.builds(parquet), st.sampled_from(ACTS), st.integers(0, 10**6), st.sampled_from(["", "csv"]))
def test_no_file_however_it_is_made_ends_in_anything_but_words(
    tmp_path: Path, content: bytes, how: str, at: int, ending: str
) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(wrapped(content, how, at))
    ends_in_words(path, {})


@attempts(100)
@given(pumped(TOML))
def test_no_description_however_it_is_made_ends_in_anything_but_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.toml").write_text(text, encoding="utf-8")
    (tmp_path / "a.csv").write_bytes(HEADER + ROW * 30)
    ends_in_words(tmp_path / "a.csv", {"description": str(tmp_path / "d.toml")})
