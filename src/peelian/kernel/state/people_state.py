"""People: who is enrolled, whose name was forgotten, and how each came by their oversight."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from peelian.errors import IntegrityError
from peelian.kernel.model.documents import Enrolment
from peelian.kernel.model.people import Person, committed, person_of
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.suspension import OVERSEERS
from peelian.kernel.state.founding_state import Founding
from peelian.kernel.state.known import Known
from peelian.kernel.state.signed_documents import still_archived

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel


@dataclass(slots=True)
class PeopleState:
    """Folded from the log, one entry at a time. O(1) per entry."""

    people: Known[Person] = field(default_factory=Known)
    enrolled: dict[str, str] = field(default_factory=dict)  # person → the digest of the enrolment that holds
    forgotten: set[str] = field(default_factory=set)  # people whose name and key are destroyed
    founding: Founding = field(default_factory=Founding)
    unread: str = ""  # since when this process knows of an enrolment that cannot be read

    def nobody_suspends_since(self) -> str:
        """Since when nobody who may suspend can be told, though people are enrolled; "" where somebody can, and where
        every enrolment can be read. O(people) where one cannot."""
        told = not self.people.faults or any(person.roles & OVERSEERS for person in self.people.values())
        return "" if told else self.unread

    def fold(self, kernel: Kernel, entry: Entry) -> None:
        """Bring it in step with one entry; the enrolment it names is read."""
        kind = entry["kind"]
        if kind == "ENROLLED":
            self._joined(kernel, entry)
        elif kind == "APPROVED":
            self.founding.approved(entry)
        elif kind == "FORGOTTEN":
            self.forgotten.add(str(entry["person"]))
        elif kind == "RETIRED":
            self.people.drop(str(entry["person"]))
            self.enrolled.pop(str(entry["person"]), None)
            self.founding.entrusted.pop(str(entry["person"]), None)

    def _joined(self, kernel: Kernel, entry: Entry) -> None:
        digest = str(entry["document"])
        try:
            enrolment = still_archived(kernel, digest, Enrolment)
            person = person_of(enrolment, _named(kernel, digest, enrolment)) if enrolment else None
        except IntegrityError as fault:
            self._is_unknown(entry, fault)
            self.unread = self.unread or kernel.now().isoformat()
            return
        if enrolment is None or person is None:
            return
        was = self.people.drop(enrolment.person)
        self.enrolled[enrolment.person] = digest
        self.forgotten.discard(enrolment.person)
        self.people.put(enrolment.person, person)
        self.founding.joined(entry, was, person)

    def _is_unknown(self, entry: Entry, fault: IntegrityError) -> None:
        """Nobody can say who was enrolled, or as what: they are shut out, and nobody acts alone because of that."""
        self.people.damaged(str(entry["person"]), fault)
        self.founding.ended = self.founding.ended or str(entry["t"])


def _named(kernel: Kernel, digest: str, enrolment: Enrolment) -> str:
    """The name that an enrolment commits to; their token where it was forgotten, or the directory was lost."""
    found = kernel.stores.directory.known(digest)
    if found is None:
        return enrolment.person
    if committed(found.name, found.salt) != enrolment.name or found.person != enrolment.person:
        says = "The directory holds a name that differs from the enrolled one. Restore the directory."
        raise IntegrityError(says, of=f"name {digest}")
    return found.name
