"""An upload grows in order, is its person's alone, is encrypted where it waits, and ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from desk import Desk, desk
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError, OutOfOrder
from peelian.operations.office import new_office
from peelian.operations.uploads import KEPT_SECONDS, MOST_BYTES, MOST_OF_A_PERSON, Uploads


@pytest.fixture
def town() -> Desk:
    return desk()


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=500), st.lists(st.tuples(st.integers(-5, 600), st.integers(0, 200)), max_size=30))
def test_whatever_order_pieces_come_in_nothing_wrong_is_kept(content: bytes, tries: list[tuple[int, int]]) -> None:
    town = desk()
    upload = Uploads(town.kernel).begin(town.people["analyst"], "a.csv", len(content))
    for at, n in tries:
        before, piece = upload.taken, content[max(at, 0) : max(at, 0) + n]
        try:
            taken = upload.add(at, piece)
        except InputError:
            assert upload.taken == before
        else:
            assert taken == max(before, at + len(piece)) <= len(content)
    upload.add(upload.taken, content[upload.taken :])
    assert upload.lent().open().read() == content


def test_one_that_broke_off_goes_on_and_a_whole_one_begins_anew(town: Desk) -> None:
    uploads, by = Uploads(town.kernel), town.people["analyst"]
    first = uploads.begin(by, "a.csv", 10)
    first.add(0, b"12345")
    assert uploads.begin(by, "a.csv", 10) is first
    with pytest.raises(OutOfOrder, match="5 of 10 bytes"):
        first.lent()
    first.add(5, b"67890")
    assert uploads.begin(by, "a.csv", 10) is not first


def test_it_is_its_persons_alone_and_ends(town: Desk) -> None:
    uploads, by, other = Uploads(town.kernel), town.people["analyst"], town.people["clerk"]
    made = uploads.begin(by, "a.csv", 1)
    with pytest.raises(OutOfOrder, match="no longer here"):
        uploads.named(other.person.token, made.id)
    uploads.end(other.person.token, made.id)
    assert uploads.named(by.person.token, made.id) is made
    town.clock.now += timedelta(seconds=KEPT_SECONDS + 1)
    with pytest.raises(OutOfOrder, match="no longer here"):
        uploads.named(by.person.token, made.id)
    assert made.file.closed


def test_a_person_has_few_and_none_is_too_large(town: Desk) -> None:
    uploads, by = Uploads(town.kernel), town.people["analyst"]
    made = [uploads.begin(by, f"{n}.csv", 5) for n in range(MOST_OF_A_PERSON + 1)]
    assert [one.file.closed for one in made] == [True] + [False] * MOST_OF_A_PERSON
    for size in (0, -1, MOST_BYTES + 1):
        with pytest.raises(InputError):
            uploads.begin(by, "a.csv", size)
    uploads.close()
    assert all(one.file.closed for one in made)


def test_a_file_takes_half_of_what_is_free_on_the_disk(
    town: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads, by = Uploads(town.kernel, tmp_path), town.people["analyst"]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=4 << 20))
    with pytest.raises(InputError, match="at most 2 MiB"):
        uploads.begin(by, "a.csv", (2 << 20) + 1)
    with pytest.raises(InputError, match=r"file empty\. Expected: a file with content, at most 2 MiB"):
        uploads.begin(by, "a.csv", 0)
    assert uploads.begin(by, "a.csv", 2 << 20).size == 2 << 20


def test_a_form_that_says_no_size_begins_while_the_disk_fills(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    free = iter(range(1_000_000, 0, -1_000))  # whoever else writes there, each look finds less
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=next(free)))
    assert Uploads(town.kernel, Path("/")).begin(town.people["analyst"], "a.csv").size == 500_000


def test_one_that_is_being_imported_is_not_forgotten(town: Desk) -> None:
    uploads, by, goes_on = Uploads(town.kernel), town.people["analyst"], threading.Event()
    made = uploads.begin(by, "a.csv", 1)
    job = made.admit_once(lambda tell: goes_on.wait(30))
    town.clock.now += timedelta(seconds=3 * KEPT_SECONDS)
    uploads.begin(by, "b.csv", 1)
    assert not made.file.closed
    goes_on.set()
    assert job.wait(30)
    town.clock.now += timedelta(seconds=3 * KEPT_SECONDS)
    uploads.begin(by, "b.csv", 1)
    assert made.file.closed


def test_nothing_of_it_can_be_read_on_the_disk(tmp_path: Path) -> None:
    marker = b"a marker that no file may hold " * 5_000
    with new_office(tmp_path / "office", name="Town") as office:
        clerk = next(iter(office.kernel.state.people.values()), None)
        uploads = Uploads(office.kernel)
        upload = uploads.begin(_by(clerk), "a.csv", len(marker))
        upload.add(0, marker)
        assert upload.lent().open().read() == marker
        held = []
        for handle in list(Path("/proc/self/fd").iterdir()):
            with contextlib.suppress(FileNotFoundError):  # the handle of this very listing
                held += [handle.read_bytes()] if ".scratch-" in os.readlink(handle) else []
        assert held and all(b"a marker" not in content for content in held)
        assert not any(b"a marker" in f.read_bytes() for f in (tmp_path / "office").rglob("*") if f.is_file())
        uploads.close()


def _by(person: object) -> object:
    return SimpleNamespace(person=person or SimpleNamespace(token="p-1"))
