"""Recovery: after a power cut nothing acknowledged is lost and nothing is invented; a log that is not the one that was
signed is not opened."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from log_parts import entry, filled, opened
from power import Recording, acknowledged, after_cut, recorded

from peelian.errors import IntegrityError
from peelian.kernel.log.entry_schema import encode_entry
from peelian.oversight.verifier import verify_log
from peelian.storage import log_files, log_folder
from peelian.storage.log_files import log_places
from peelian.storage.log_journal import frame_entries

CUTS = 2_000
SUBMITTED = [entry(number) for number in range(300)]


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: the cuts are simulated, so that the disk need not be waited for."""
    shared = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        yield Path(folder)


def a_life(top: Path, recording: Recording, chance: Random) -> None:
    """A log is made, filled, dies in the middle of a write, is opened again, filled further and closed."""
    log = opened(top / "log")
    at = 0
    for reached in (150, len(SUBMITTED)):
        while at < reached:
            size = min(chance.randint(1, 9), reached - at)
            log.append_all(SUBMITTED[at : at + size])
            at += size
            recording.say(at)
            if chance.random() < 0.1:
                log.checkpoint()
        if at == 150:
            log._folder.close()
            journal = os.open(top / "log" / "journal", os.O_WRONLY | os.O_APPEND)
            os.write(journal, frame_entries([encode_entry(SUBMITTED[at])], first=at, durable=at)[:-7])
            os.fdatasync(journal)
            os.close(journal)
            log = opened(top / "log")
            assert log.torn > 0
    log.close()


@pytest.mark.slow
def test_two_thousand_power_cuts_lose_and_invent_nothing(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "_JOURNAL_HOLDS", 64)  # so that the journal is begun anew, too
    monkeypatch.setattr(log_files, "_SIGNS_AFTER", 0)
    monkeypatch.setattr(log_folder, "_ROOM", 4_096)  # so that room is made often
    chance = Random(20_261_124)
    top = memory / "recorded"
    top.mkdir()
    with recorded(top) as recording:
        a_life(top, recording, chance)
    assert {event.kind for event in recording.events} >= {
        "written",
        "room",
        "synced",
        "moved",
        "removed",
        "folder synced",
    }
    reached = set()
    for number in range(CUTS):
        cut = chance.randrange(1, len(recording.events) + 1)
        place = memory / "after"
        after_cut(recording, cut, chance, place)
        with opened(place / "log") as log:
            found = [what for _, what in log.read()]
        assert found == SUBMITTED[: len(found)], f"cut {number} after event {cut} invented entries"
        assert len(found) >= acknowledged(recording, cut), f"cut {number} after event {cut} lost acknowledged entries"
        reached.add(len(found) - acknowledged(recording, cut))
        shutil.rmtree(place, ignore_errors=True)
    assert len(reached) > 1, "some cuts fell between writing and acknowledging"


def test_a_damaged_entry_that_was_acknowledged_is_not_taken_for_a_torn_write(tmp_path: Path) -> None:
    log = opened(tmp_path / "log")
    for number in range(5):
        log.append(entry(number))
    log._folder.close()  # as if it had died
    journal = tmp_path / "log" / "journal"
    data = bytearray(journal.read_bytes())
    data[data.index(b"ASKED")] ^= 1
    journal.write_bytes(data)
    with pytest.raises(IntegrityError, match="it had been acknowledged"):
        opened(tmp_path / "log")


def old_copy(tmp_path: Path) -> None:
    """The folder is put back as it was at 300 entries; 700 had been signed."""
    filled(tmp_path / "log", 300)
    shutil.copytree(tmp_path / "log", tmp_path / "backup")
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(300, 700)])
    shutil.rmtree(tmp_path / "log")
    (tmp_path / "backup").rename(tmp_path / "log")


def whole(tmp_path: Path) -> Path:
    return filled(tmp_path / "log", 700)


def test_an_old_backup_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    old_copy(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(IntegrityError, match="holds 300 entries, but 700 were signed") as refused:
        opened(tmp_path / "log")
    assert "restore the newest true copy" in str(refused.value)
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_a_log_of_other_entries_under_the_same_key_is_refused(tmp_path: Path) -> None:
    whole(tmp_path)
    with opened(tmp_path / "forged") as forged:
        forged.append_all([entry(number, actor="else") for number in range(700)])
    shutil.rmtree(tmp_path / "log")
    (tmp_path / "forged").rename(tmp_path / "log")
    with pytest.raises(IntegrityError, match="not those that were signed"):
        opened(tmp_path / "log")


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("log.signed", "what this log last signed is missing"),
        ("log/journal", "journal is missing"),
        ("log/tile/entries/001", "missing|before the bundles do"),
        ("log/tile/entries/002.p/188", "missing or damaged"),
        ("log/tile/0/000", "missing or damaged"),
        ("log/tile/1/000.p/2", "missing or damaged"),
    ],
)
def test_a_missing_part_is_named(tmp_path: Path, part: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "_JOURNAL_HOLDS", 100)
    whole(tmp_path)
    (tmp_path / part).unlink()
    with pytest.raises(IntegrityError, match=says):
        opened(tmp_path / "log")


def test_a_missing_checkpoint_is_made_again_from_the_record(tmp_path: Path) -> None:
    whole(tmp_path)
    checkpoint = (tmp_path / "log" / "checkpoint").read_bytes()
    (tmp_path / "log" / "checkpoint").unlink()
    opened(tmp_path / "log").close()
    assert (tmp_path / "log" / "checkpoint").read_bytes() == checkpoint


def test_an_old_record_of_what_was_signed_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "log", 300)
    record = (tmp_path / "log.signed").read_bytes()
    with opened(tmp_path / "log") as log:
        log.append(entry(300))
    (tmp_path / "log.signed").write_bytes(record)
    with pytest.raises(IntegrityError, match="that record is an old one"):
        opened(tmp_path / "log")


@pytest.mark.parametrize(
    "name", ["log/journal", "log/checkpoint", "log.signed", "log/tile/entries/000", "log/tile/0/001"]
)
@pytest.mark.parametrize("place", [0.01, 0.3, 0.6])
def test_an_edit_is_noticed_when_the_log_is_opened(tmp_path: Path, name: str, place: float) -> None:
    whole(tmp_path)
    path = tmp_path / name
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 4
    path.write_bytes(data)
    with pytest.raises(IntegrityError):
        opened(tmp_path / "log")


def test_an_old_journal_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / "log", 200)
    journal = (tmp_path / "log" / "journal").read_bytes()
    monkeypatch.setattr(log_files, "_JOURNAL_HOLDS", 100)
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(200, 700)])
    (tmp_path / "log" / "journal").write_bytes(journal)
    with pytest.raises(IntegrityError, match="it is an old one"):
        opened(tmp_path / "log")


def test_where_the_parts_lie() -> None:
    places = log_places(Path("/office/log"))
    assert places.signed == Path("/office/log.signed")
    assert {places.journal.name, places.checkpoint.name, places.key.name} == {"journal", "checkpoint", "log.vkey"}


@pytest.fixture
def a_minute() -> Iterator[None]:
    """Whatever waits longer than this waits for ever."""

    def end(number: int, frame: object) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "name", ["log/journal", "log/checkpoint", "log.signed", "log/tile/0/000", "log/tile/entries/000", "log/unfinished"]
)
def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(tmp_path: Path, name: str, a_minute: None) -> None:
    filled(tmp_path / "log", 300)
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(IntegrityError):
        opened(tmp_path / "log")
    verify_log(tmp_path / "log")


def test_a_journal_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    filled(tmp_path / "log", 3)
    os.truncate(tmp_path / "log" / "journal", 1 << 40)  # a file of holes
    with pytest.raises(IntegrityError, match=r"journal has 1,099,511,627,776 bytes. The limit is"):
        opened(tmp_path / "log")
