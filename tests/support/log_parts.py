"""Logs for tests: entries, a clock, and opening a log in a folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.kernel.log.entry_schema import time_text
from peelian.kernel.model.ports import Entry
from peelian.storage.log_files import FileLog, open_log

ORIGIN = "log.example.org/peelian"
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
START = datetime(2026, 11, 24, 15, 32, 1, 120_000, tzinfo=UTC)


def clock() -> datetime:
    """A clock that stands still."""
    return START


def entry(number: int, **more: str | int) -> Entry:
    """Entry `number` of a test: like the kernel's, with a digest, a digest before, and a time that goes forward."""
    return {
        "v": 1,
        "t": time_text(START + timedelta(hundredths(number))),
        "kind": "ASKED",
        "case": f"case-{number // 4}",
        "document": digest(number),
        "before": digest(number - 1),
        **more,
    }


def hundredths(number: int) -> float:
    """`number` hundredths of a second, in days."""
    return number / 8_640_000


def digest(number: int) -> str:
    """A digest that only `number` has."""
    return sha256(str(number).encode()).hexdigest()


def opened(folder: Path, signer: Ed25519PrivateKey = SIGNER) -> FileLog:
    """The log in `folder`, opened or made."""
    return open_log(folder, origin=ORIGIN, signer=signer, clock=clock)


def filled(folder: Path, count: int) -> Path:
    """A closed log of `count` entries in `folder`."""
    with opened(folder) as log:
        for start in range(0, count, 10_000):
            log.append_all([entry(number) for number in range(start, min(count, start + 10_000))])
    return folder
