"""Append request: an entry somebody wants logged, with who signs it and in which session."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from peelian.errors import OutOfOrder
from peelian.kernel.identity.session_binding import Authenticator
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Person
from peelian.kernel.model.ports import Entry
from peelian.kernel.policy.signed_entries import actor_of, must_be_permitted, signer_of
from peelian.kernel.state.kernel import Kernel

ENVELOPE = frozenset({"v", "t", "kind"})
OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendRequest:
    """An entry somebody wishes to append. `document`: what it names, found to be signed by the one who made it."""

    kernel: Kernel
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
        if session and self.kernel.state.authorization_status.seated.get(session) != self.text("by"):
            raise OutOfOrder("The session named is not open, or belongs to another person. Log on again.")
        return session

    def signed(self, roles: Collection[Role], rule: str, *, action: str = "act") -> Person:
        """Whoever signed the entry, where the policy lets them do it; OutOfOrder or Refused otherwise."""
        person = signer_of(self.kernel, self.entry)
        must_be_permitted(self.kernel, person.token, roles, rule, action=action, session=self.session())
        return person

    def shown(self, roles: Collection[Role], rule: str, *, action: str = "act") -> Person:
        """The same, where a session in which they have proven who they are stands for the signature."""
        person = actor_of(self.kernel, self.entry)
        must_be_permitted(self.kernel, person.token, roles, rule, action=action, session=self.session())
        return person


def entry_at(kernel: Kernel, index: int) -> Entry:
    """The entry of the log at an index that the log itself gave."""
    return kernel.stores.log.entry(index)


def entries_with(kernel: Kernel, key: str, value: str) -> list[Entry]:
    """The entries whose digest, case or before is this, oldest first. O(those)."""
    return [entry for _, entry in kernel.stores.log.found(key, value)] if value else []


def must(holds: object, says: str) -> None:
    """OutOfOrder with what is wrong, unless it holds."""
    if not holds:
        raise OutOfOrder(says)


def must_be_let(append: AppendRequest, roles: Collection[str | Role], rule: str) -> None:
    """Refused unless the policy lets whoever made the document do so, in one of these roles."""
    must_be_permitted(append.kernel, append.document.by, roles, rule)


def must_be_of_their_unit(append: AppendRequest) -> None:
    """OutOfOrder where whoever made the document says another unit than theirs: what takes two units leans on it."""
    person = append.kernel.state.people.get(append.document.by)
    must(
        person is not None and person.unit == append.document.unit, "The document names another unit than its author's."
    )
