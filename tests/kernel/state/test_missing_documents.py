"""Of a document that is not there it is said whether the archive was lost or the log is an old one."""

from __future__ import annotations

from typing import Any

import pytest

from peelian.kernel.state.missing_documents import destroyed, lost

ENTRY = {"v": 1, "t": "2026-05-05T00:00:00.00Z", "kind": "ENROLLED", "document": "ab" * 32}


class Forgetful:
    """An archive that does not know what was destroyed."""


class Remembering:
    def is_destroyed(self, partition: str) -> bool:
        return partition == "people.2026q2"


@pytest.mark.parametrize(
    ("archive", "entry", "says"),
    [
        (Forgetful(), ENTRY, "Restore the archive from its own backup"),
        (Remembering(), ENTRY, "Restore the newest log"),
        (Remembering(), {**ENTRY, "t": "2026-08-05T00:00:00.00Z"}, "Restore the archive from its own backup"),
    ],
)
def test_it_is_told_apart_by_what_the_keys_remember(archive: Any, entry: dict[str, str], says: str) -> None:
    assert says in str(lost(archive, [entry], "enrolment"))


def test_what_was_destroyed_is_said_with_its_day() -> None:
    assert (
        str(destroyed("2033-01-01")) == "This document was destroyed on 2033-01-01 at the end of its retention period."
    )
