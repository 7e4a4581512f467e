"""Directory of people: names behind tokens, in encrypted records that can be changed and forgotten.

A name is forgotten by deleting its record: SQLite overwrites where it stood (`secure_delete`), the journal is emptied.
"""

from __future__ import annotations

from pathlib import Path

from peelian.kernel.model.ports import Named
from peelian.storage.records_db import Records, open_records

PERSON = "person"


class PeopleRecords:
    """Answers `ports.Directory`. Made by `open_directory`."""

    def __init__(self, records: Records) -> None:
        self.records = records

    def keep(self, digest: str, named: Named) -> None:
        """Keep the name behind an enrolment."""
        self.records.put(PERSON, digest, {"person": named.person, "name": named.name, "salt": named.salt})

    def known(self, digest: str) -> Named | None:
        """The name behind an enrolment; None where it was forgotten."""
        found = self.records.get(PERSON, digest)
        return Named(**found) if found else None

    def forget(self, person: str) -> int:
        """Forget every name of a person. O(people)."""
        digests = [digest for digest, body in self.records.listed(PERSON) if body["person"] == person]
        for digest in digests:
            self.records.forget(PERSON, digest)
        if digests:
            self.records.settle()
        return len(digests)


def open_directory(office: Path) -> PeopleRecords:
    """The directory of the office in a folder: `records/` under `keys/records.key`; errors of `open_records`."""
    return PeopleRecords(open_records(office / "records", office / "keys" / "records.key"))
