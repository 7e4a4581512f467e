"""A scratch file behaves like any file, shows nothing on the disk, notices changes, and is gone when closed."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import IntegrityError
from peelian.storage.scratch_files import PAGE, scratch_in

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 12 * PAGE), st.binary(max_size=3000)),
        st.tuples(st.just("read"), st.integers(0, 12 * PAGE), st.integers(0, 2 * PAGE)),
        st.tuples(st.just("truncate"), st.integers(0, 12 * PAGE), st.none()),
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_it_does_what_a_file_in_memory_does(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple]) -> None:
    own, known = scratch_in(tmp_path_factory.mktemp("s")), io.BytesIO()
    for verb, place, what in steps:
        if verb == "truncate":
            place = min(place, len(known.getvalue()))
            assert own.truncate(place) == known.truncate(place)
            continue
        assert own.seek(place) == known.seek(place)
        if verb == "write":
            if what:
                assert own.write(what) == known.write(what)
        else:
            assert own.read(what) == known.read(what)
        assert own.tell() == known.tell()
    assert own.seek(0, os.SEEK_END) == len(known.getvalue())
    own.seek(0)
    assert own.read() == known.getvalue()
    own.close()


def test_nothing_lies_on_the_disk_in_plain_or_under_a_name(tmp_path: Path) -> None:
    file = scratch_in(tmp_path)
    file.write(b"MARKER" * 200_000)
    assert list(tmp_path.iterdir()) == []
    held = os.pread(file._file, 1 << 21, 0)
    assert len(held) > PAGE and b"MARKER" not in held
    file.close()
    file.close()
    with pytest.raises(ValueError, match="closed"):
        file.read(1)


def test_a_page_that_was_changed_is_refused(tmp_path: Path) -> None:
    with scratch_in(tmp_path) as file:
        file.write(bytes(12 * PAGE))
        os.pwrite(file._file, b"\x00\x01\x02\x03", 10)
        file.seek(0)
        with pytest.raises(IntegrityError):
            file.read(10)


def test_a_place_before_the_beginning_is_none(tmp_path: Path) -> None:
    with scratch_in(tmp_path) as file, pytest.raises(ValueError, match="before"):
        file.seek(-1)
