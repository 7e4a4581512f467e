"""The log in files: what is acknowledged is there for good; when the disk fails nothing more is acknowledged."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import log_parts
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_parts import ORIGIN, SIGNER, START, digest, entry, filled, opened
from peelian.storage.log_files import FileLog, open_log

from peelian.errors import DiskError, DiskFull, InputError, IntegrityError, OutOfOrder
from peelian.kernel.log.checkpoints import check_receipt, read_checkpoint
from peelian.kernel.log.entry_schema import encode_entry
from peelian.kernel.log.merkle import extends
from peelian.kernel.log.signed_note import COSIGNATURE, Note, NoteKey, Signature, read_note
from peelian.storage import log_files

SUPPORT = Path(log_parts.__file__).parent
ROUNDS, ACKNOWLEDGED = 20, 10_000


def digests(log: FileLog) -> list[str]:
    return [str(what["document"]) for _, what in log.read()]


# ---- what is appended stays


def test_entries_come_back_found_and_proven_also_after_reopening(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as log:
        assert [log.append(entry(number)) for number in range(3)] == [0, 1, 2]
        assert log.append_all([entry(number) for number in range(3, 600)]) == list(range(3, 600))
        assert log.append_all([]) == []
        for reopened in (False, True):
            current = log
            if reopened:
                log.close()
                current = opened(tmp_path / "log")
            assert list(current.read()) == [(number, entry(number)) for number in range(600)]
            assert list(current.read(598)) == [(598, entry(598)), (599, entry(599))]
            assert list(current.read(600)) == []
            assert current.find("document", digest(300)) == [300]
            assert current.find("case", "case-149") == [596, 597, 598, 599]
            for index in (0, 255, 256, 599):
                head = check_receipt(current.receipt(index), encode_entry(entry(index)), current.key)
                assert head.size == 600
        current.close()


def test_every_checkpoint_extends_the_one_before(tmp_path: Path) -> None:
    heads = []
    with opened(tmp_path / "log") as log:
        for number in range(520):
            log.append(entry(number))
            if number % 37 == 0:
                heads.append(read_checkpoint(log.checkpoint(), log.key)[1])
        for old, new in pairwise(heads):
            assert extends(old, new, log.consistency(old.size, new.size))


def test_full_bundles_are_signed_without_being_asked_but_not_more_often_than_every_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [100.0]
    monkeypatch.setattr(log_files, "monotonic", lambda: seconds[0])
    log = opened(tmp_path / "log")
    for number in range(256):
        log.append(entry(number))
    assert size_signed(tmp_path) == 0, "it was signed when it was made, less than a second ago"
    seconds[0] += 1
    log.append(entry(256))
    assert size_signed(tmp_path) == 256
    log._folder.close()


def size_signed(tmp_path: Path) -> int:
    return int((tmp_path / "log" / "checkpoint").read_bytes().split(b"\n")[1])


def test_threads_that_append_at_once_each_get_their_own_index(tmp_path: Path) -> None:
    moment = entry(0)["t"]
    with opened(tmp_path / "log") as log:

        def work(worker: int) -> list[tuple[int, str]]:
            told = []
            for number in range(worker * 100, worker * 100 + 100):
                told.append((log.append(entry(number, t=moment)), digest(number)))
                if number % 50 == 0:
                    log.receipt(told[-1][0])
                    list(log.read(max(0, told[-1][0] - 3)))
            return told

        with ThreadPoolExecutor(12) as pool:
            told = dict(pair for pairs in pool.map(work, range(12)) for pair in pairs)
        found = dict(enumerate(digests(log)))
    assert {index: found[index] for index in told} == told
    assert len(told) == 1200
    with opened(tmp_path / "log") as log:
        assert dict(enumerate(digests(log))) == found


def test_what_a_log_may_not_hold_is_refused_and_the_log_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as log:
        with pytest.raises(InputError):
            log.append({**entry(0), "name": "two words"})
        with pytest.raises(InputError):
            log.append_all([entry(0), {"v": 1}])
        with pytest.raises(InputError):
            log.append_all([entry(0)] * 10_001)
        with pytest.raises(InputError):
            list(log.read(-1))
        with pytest.raises(InputError):
            log.find("kind", "ASKED")
        with pytest.raises(IntegrityError, match="No entry 0"):
            log.receipt(0)
        assert log.append(entry(0)) == 0


def test_a_bundle_that_is_altered_while_the_log_is_open_is_noticed(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(300)])
        log.checkpoint()
        path = tmp_path / "log" / "tile" / "entries" / "000"
        path.write_bytes(path.read_bytes().replace(b"ASKED", b"ASKEE", 1))
        with pytest.raises(IntegrityError, match="from 0 on were altered"):
            list(log.read(10))


# ---- the clock


def test_a_clock_that_went_back_is_stated_in_the_log(tmp_path: Path) -> None:
    late, early = entry(1_000), entry(0)  # ten seconds apart
    with opened(tmp_path / "log") as log:
        assert [log.append(late), log.append(early), log.append(entry(1))] == [0, 2, 3]
        assert next(log.read(1))[1] == {"v": 1, "t": early["t"], "kind": "CLOCK_WENT_BACK", "hundredths": 1_000}
        log.append(late)
    with opened(tmp_path / "log") as log:
        assert log.append(early) == 6, "also over a restart"


def test_threads_that_pass_one_another_are_no_clock_that_went_back(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as log:
        assert [log.append(entry(number)) for number in (100, 1, 60, 0)] == [0, 1, 2, 3]


# ---- when the disk fails


@contextmanager
def failing(call: str, code: int, times: int = 1) -> Iterator[None]:
    """`os.<call>` fails `times` times, then works again, as a disk may that has lost what it was given."""
    real, left = getattr(os, call), [times]

    def broken(*args: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise OSError(code, os.strerror(code))
        return real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, call, broken)
        yield


@pytest.mark.parametrize(
    ("call", "code", "says"),
    [
        ("fdatasync", errno.EIO, "the disk answered EIO"),
        ("write", errno.ENOSPC, "the disk is full"),
        ("write", errno.EROFS, "the disk is read-only"),
        ("fdatasync", errno.EDQUOT, "quota"),
    ],
)
def test_after_a_failure_nothing_more_is_acknowledged(tmp_path: Path, call: str, code: int, says: str) -> None:
    log = opened(tmp_path / "log")
    log.append_all([entry(number) for number in range(10)])
    with failing(call, code), pytest.raises(IntegrityError, match=says):
        log.append(entry(10))
    for refused in (  # the disk works again: a sync that failed must not be tried again
        lambda: log.append(entry(11)),
        lambda: log.append_all([entry(12)]),
        log.checkpoint,
        lambda: log.receipt(0),
    ):
        with pytest.raises(IntegrityError, match="Nothing more is acknowledged"):
            refused()
    assert digests(log) == [digest(number) for number in range(10)], "what was acknowledged can still be read"
    log.close()
    with opened(tmp_path / "log") as log:
        assert digests(log)[:10] == [digest(number) for number in range(10)]
        assert log.append(entry(20)) >= 10


@pytest.mark.parametrize("call", ["fdatasync", "fsync", "replace"])
def test_a_failure_while_signing_loses_no_entry_and_stops_the_log(tmp_path: Path, call: str) -> None:
    log = opened(tmp_path / "log")
    log.append_all([entry(number) for number in range(10)])
    with failing(call, errno.EIO), pytest.raises(IntegrityError, match="the disk answered EIO"):
        log.checkpoint()
    with pytest.raises(IntegrityError):
        log.append(entry(10))
    log.close()
    with opened(tmp_path / "log") as log:
        assert digests(log) == [digest(number) for number in range(10)]
        assert read_checkpoint(log.checkpoint(), log.key)[1].size == 10


def test_an_append_that_is_durable_is_acknowledged_even_if_signing_then_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_files, "_SIGNS_AFTER", 0)
    log = opened(tmp_path / "log")
    log.append_all([entry(number) for number in range(255)])
    with failing("replace", errno.EIO):
        assert log.append(entry(255)) == 255
    with pytest.raises(IntegrityError, match="the disk answered EIO"):
        log.append(entry(256))
    log.close()
    with opened(tmp_path / "log") as log:
        assert len(digests(log)) == 256


def test_threads_that_share_a_failed_sync_are_all_told(tmp_path: Path) -> None:
    log = opened(tmp_path / "log")

    def work(number: int) -> bool:
        try:
            log.append(entry(number))
        except IntegrityError:
            return False
        return True

    with failing("fdatasync", errno.EIO), ThreadPoolExecutor(8) as pool:
        told = list(pool.map(work, range(64)))
    assert not any(told)
    log.close()


def test_a_full_disk_stops_the_log_and_loses_nothing(tmp_path: Path) -> None:
    """A real limit of the system: no file may grow beyond 64 KiB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    log = opened(tmp_path / "log")
    told = 0
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
        with pytest.raises(IntegrityError, match="the disk answered EFBIG"):
            for told in range(1_000):
                log.append(entry(told))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert told > 100
    log.close()
    with opened(tmp_path / "log") as log:
        assert digests(log)[:told] == [digest(number) for number in range(told)]


@contextmanager
def small_disk(place: Path, options: str) -> Iterator[Path]:
    place.mkdir(exist_ok=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("a small file system cannot be mounted here: root is needed")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_disk_without_space_stops_the_log_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=200k") as disk:
        log = opened(disk / "log")
        told = 0
        with pytest.raises(DiskFull, match="the disk is full"):
            for told in range(10_000):
                log.append(entry(told))
        with pytest.raises(DiskError, match="reopen the log"):
            log.append(entry(told))
        log.close()
        with pytest.raises(DiskFull, match="the disk is full"):
            opened(disk / "log")
        subprocess.run(["mount", "-o", "remount,size=2m", str(disk)], check=True)
        with opened(disk / "log") as log:
            assert digests(log)[:told] == [digest(number) for number in range(told)]
            assert log.append(entry(told)) >= told


def test_a_read_only_disk_is_refused_in_words(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=2m") as disk:
        filled(disk / "log", 10)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(IntegrityError, match="the disk is read-only"):
            opened(disk / "log")


# ---- two at once, and killed in the middle


def test_a_second_process_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    script = "import sys, log_parts, pathlib\ntry: log_parts.opened(pathlib.Path(sys.argv[1]))\n"
    script += "except Exception as refused: print(type(refused).__name__, refused)"
    with opened(tmp_path / "log") as log:
        second = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "log")],
            env={**os.environ, "PYTHONPATH": str(SUPPORT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert second.stdout.startswith("OutOfOrder this log is open in another process")
        with pytest.raises(OutOfOrder):
            opened(tmp_path / "log")
        assert log.append(entry(0)) == 0
    opened(tmp_path / "log").close()


@pytest.mark.slow
def test_twenty_kills_under_sixteen_writers_lose_and_invent_nothing(tmp_path: Path) -> None:
    told: dict[int, str] = {}
    for number in range(ROUNDS):
        child = subprocess.Popen(
            [sys.executable, str(SUPPORT / "appender.py"), str(tmp_path / "log"), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        )
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(ACKNOWLEDGED // ROUNDS + 13 * number)]
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
        child.communicate()
        for line in lines:
            index, what = line.decode().split()
            assert int(index) not in told, "an index was given twice"
            told[int(index)] = what
    with opened(tmp_path / "log") as log:
        entries = [what for _, what in log.read()]
    found = [what["document"] for what in entries]
    assert len(told) >= ACKNOWLEDGED
    assert all(found[index] == what for index, what in told.items()), "an acknowledged entry was lost"
    assert all(what == entry(int(what["n"]), t=what["t"], n=what["n"]) for what in entries), "an entry was invented"
    assert len(set(found)) == len(found)


def test_a_closed_log_refuses_and_closing_again_does_no_harm(tmp_path: Path) -> None:
    log = opened(tmp_path / "log")
    log.append(entry(0))
    log.close()
    log.close()
    with pytest.raises(IntegrityError, match="was closed"):
        log.append(entry(1))


def test_another_key_or_name_cannot_open_the_log(tmp_path: Path) -> None:
    filled(tmp_path / "log", 3)
    other = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
    with pytest.raises(IntegrityError, match="not signed by the key"):
        opened(tmp_path / "log", other)
    with pytest.raises(IntegrityError):
        open_log(tmp_path / "log", origin="other.example", signer=SIGNER, clock=log_parts.clock)
    with pytest.raises(InputError, match="cannot name a signer"):
        open_log(tmp_path / "new", origin="two words", signer=SIGNER, clock=log_parts.clock)
    assert not (tmp_path / "new").exists()


# ---- witnessed checkpoints


def cosigned(checkpoint: bytes, signer: Any, name: str = "witness.example") -> tuple[NoteKey, bytes]:
    note = read_note(checkpoint)
    key = NoteKey(name=name, public=signer.public_key().public_bytes_raw(), kind=COSIGNATURE)
    value = (7).to_bytes(8, "big") + signer.sign(b"cosignature/v1\ntime 7\n" + note.text.encode())
    line = Signature(name=name, key_id=key.id, value=value)
    return key, Note(text=note.text, signatures=(*note.signatures, line)).data


def test_cosignatures_are_kept_and_stand_under_receipts(tmp_path: Path) -> None:
    witness = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(5)])
        key, with_line = cosigned(log.checkpoint(), witness)
        log.keep_witnessed(with_line, [key])
        assert log.checkpoint() == with_line == (tmp_path / "log" / "checkpoint").read_bytes()
        log.append(entry(5))
        assert key.name not in log.checkpoint().decode(), "the newer checkpoint is not witnessed yet"
    with opened(tmp_path / "log") as log:
        assert check_receipt(log.receipt(4), encode_entry(entry(4)), log.key, [key]).size == 5
        assert check_receipt(log.receipt(5), encode_entry(entry(5)), log.key).size == 6


def test_lines_that_are_not_a_known_witness_s_are_not_kept(tmp_path: Path) -> None:
    witness = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    with opened(tmp_path / "log") as log, opened(tmp_path / "other") as other:
        log.append(entry(0))
        other.append(entry(1))
        key, with_line = cosigned(log.checkpoint(), witness)
        stranger = NoteKey(name="stranger.example", public=key.public, kind=COSIGNATURE)
        with pytest.raises(IntegrityError):
            log.keep_witnessed(with_line, [stranger])
        with pytest.raises(IntegrityError):
            log.keep_witnessed(cosigned(other.checkpoint(), witness)[1], [key])
        assert log.append(entry(1)) == 1, "it was refused, and the log goes on"


def test_a_clock_without_a_zone_cannot_state_anything_and_the_log_goes_on(tmp_path: Path) -> None:
    naive = open_log(tmp_path / "log", origin=ORIGIN, signer=SIGNER, clock=lambda: START.replace(tzinfo=None))
    naive.append(entry(1_000))
    with pytest.raises(InputError, match="without a time zone"):
        naive.append(entry(0))
    assert naive.append(entry(1_001)) == 1
    naive.close()
