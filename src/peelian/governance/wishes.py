"""A wish to append an entry, as whoever holds the log looks at it: what it says, who says so, and in which session."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from peelian.errors import OutOfOrder
from peelian.governance.capability import Role
from peelian.governance.house import House
from peelian.governance.people import Person
from peelian.governance.ports import Entry
from peelian.governance.proofs import Authenticator
from peelian.governance.signed_entries import actor_of, must_be_permitted, signer_of

ENVELOPE = frozenset({"v", "t", "kind"})
OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An entry somebody wishes to append. `document`: what it names, found to be signed by the one who made it."""

    house: House
    entry: Mapping[str, Any]
    document: Any = None
    authenticator: Authenticator | None = None

    @property
    def kind(self) -> str:
        """What the entry says that happened."""
        return str(self.entry["kind"])

    def text(self, key: str) -> str:
        """What the entry says under a key; "" where it does not."""
        return str(self.entry.get(key, ""))

    def is_the_offices(self) -> bool:
        """Whether it says that the office did it by itself."""
        return self.text("by") == OFFICE

    def session(self) -> str:
        """The session in which it is done, found to be open and of the person it names; "" at the terminal.

        Where an entry is about another session, it names its own as the seat.
        """
        session = self.text("seat" if self.kind == "SESSION_ENDED" else "session")
        if session and self.house.book.orders.seated.get(session) != self.text("by"):
            raise OutOfOrder("The session named is not open, or belongs to another person. Log on again.")
        return session

    def signed(self, roles: Collection[Role], rule: str, *, action: str = "deed") -> Person:
        """Whoever signed the entry, where the policy lets them do it; OutOfOrder or Refused otherwise."""
        person = signer_of(self.house, self.entry)
        must_be_permitted(self.house, person.token, roles, rule, action=action, session=self.session())
        return person

    def shown(self, roles: Collection[Role], rule: str, *, action: str = "deed") -> Person:
        """The same, where a session in which they have proven who they are stands for the signature."""
        person = actor_of(self.house, self.entry)
        must_be_permitted(self.house, person.token, roles, rule, action=action, session=self.session())
        return person


def entry_at(house: House, index: int) -> Entry:
    """The entry of the log at an index that the log itself gave."""
    return next(entry for _, entry in house.log.read(index))


def entries_with(house: House, key: str, value: str) -> list[Entry]:
    """The entries whose mark, case or before is this, oldest first. O(those)."""
    return [entry_at(house, index) for index in house.log.find(key, value)] if value else []


def must(holds: object, says: str) -> None:
    """OutOfOrder with what is wrong, unless it holds."""
    if not holds:
        raise OutOfOrder(says)


def must_be_let(wish: Wish, roles: Collection[str | Role], rule: str) -> None:
    """Refused unless the policy lets whoever made the document do so, in one of these roles."""
    must_be_permitted(wish.house, wish.document.by, roles, rule)


def must_be_of_their_unit(wish: Wish) -> None:
    """OutOfOrder where whoever made the document says another unit than theirs: what takes two units leans on it."""
    person = wish.house.book.people.get(wish.document.by)
    must(person is not None and person.unit == wish.document.unit, "The document names another unit than its author's.")
