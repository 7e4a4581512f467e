"""Of a document that is not there it is said whether the archive was lost or the log is an old one."""

from __future__ import annotations

import pytest

from peelian.adapters.vault_memory import MemoryArchive
from peelian.governance.lost import destroyed, lost

ENTRY = {"v": 1, "t": "2026-05-05T00:00:00.00Z", "kind": "ENROLLED", "mark": "ab" * 32}


class Remembering(MemoryArchive):
    def is_destroyed(self, shelf: str) -> bool:
        return shelf == "people.2026q2"


@pytest.mark.parametrize(
    ("archive", "entry", "says"),
    [
        (MemoryArchive(), ENTRY, "restore the archive from its own backup"),
        (Remembering(), ENTRY, "put the newest log back"),
        (Remembering(), {**ENTRY, "t": "2026-08-05T00:00:00.00Z"}, "restore the archive from its own backup"),
    ],
)
def test_it_is_told_apart_by_what_the_keys_remember(archive: MemoryArchive, entry: dict[str, str], says: str) -> None:
    assert says in str(lost(archive, [entry], "enrolment"))


def test_what_was_destroyed_is_said_with_its_day() -> None:
    assert str(destroyed("2033-01-01")) == "this document was destroyed on 2033-01-01, as its retention asks"
