"""The directory of people in the encrypted records: names behind tokens, which can be changed in place and forgotten.

A name is forgotten by deleting its record: SQLite overwrites where it stood (`secure_delete`), the journal is emptied.
"""

from __future__ import annotations

from pathlib import Path

from peelian.adapters.records_db import Records, open_records
from peelian.governance.ports import Named

PERSON = "person"


class PeopleRecords:
    """Answers `ports.Directory`. Made by `open_directory`."""

    def __init__(self, records: Records) -> None:
        self.records = records

    def keep(self, mark: str, named: Named) -> None:
        """Keep the name behind an enrolment."""
        self.records.put(PERSON, mark, {"person": named.person, "name": named.name, "salt": named.salt})

    def known(self, mark: str) -> Named | None:
        """The name behind an enrolment; None where it was forgotten."""
        found = self.records.get(PERSON, mark)
        return Named(**found) if found else None

    def forget(self, person: str) -> int:
        """Forget every name of a person. O(people)."""
        marks = [mark for mark, body in self.records.listed(PERSON) if body["person"] == person]
        for mark in marks:
            self.records.forget(PERSON, mark)
        if marks:
            self.records.settle()
        return len(marks)


def open_directory(office: Path) -> PeopleRecords:
    """The directory of the office in a folder: `records/` under `keys/records.key`; errors of `open_records`."""
    return PeopleRecords(open_records(office / "records", office / "keys" / "records.key"))
