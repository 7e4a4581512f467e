"""Logs for tests: entries, a clock, and opening a log in a folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.kernel.log.entry_schema import time_text
from peelian.kernel.model.ports import Entry
from peelian.storage.database import open_database
from peelian.storage.log_heads import HeadFile, Heads
from peelian.storage.log_keys import OneKey
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.schema import METADATA

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
        "capability": "toy.count",
        "purpose": "advice",
        "by": "p-00",
        "unit": "u-00",
        **more,
    }


def hundredths(number: int) -> float:
    """`number` hundredths of a second, in days."""
    return number / 8_640_000


def digest(number: int) -> str:
    """A digest that only `number` has."""
    return sha256(str(number).encode()).hexdigest()


class OpenLog(PublishedLog):
    """A log that is closed at the end of its context."""

    def __enter__(self) -> OpenLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._database.close()


def opened(folder: Path, signer: Ed25519PrivateKey = SIGNER, *, origin: str = ORIGIN) -> OpenLog:
    """The log that is published in `folder`, its rows beside it, opened or made."""
    database = open_database(beside(folder) / "state.db", METADATA)
    keys = OneKey(origin, signer)
    heads = Heads({"log.signed": HeadFile(beside(folder) / "log.signed")}, keys.read)
    log = OpenLog(database, bytes(32), keys=keys, folder=folder, heads=heads)
    log.must_not_be_behind()
    log.show_key()
    return log


def beside(folder: Path) -> Path:
    """Where the rows of a test's log lie."""
    return folder.with_name(f"{folder.name}-state")


def filled(folder: Path, count: int) -> Path:
    """A closed log of `count` entries in `folder`."""
    with opened(folder) as log:
        for start in range(0, count, 10_000):
            log.append_all([entry(number) for number in range(start, min(count, start + 10_000))])
    return folder
