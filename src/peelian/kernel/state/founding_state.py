"""Founding state: who entrusted whom with oversight, and whether one person may still act alone.

The first custodian enrols the first people alone, since nobody is there to agree. That ends for good once somebody who
may approve and somebody of another unit who may propose are enrolled: from then on it takes two. Whom one person alone
entrusted is remembered as long as they are enrolled; who founded the office, and which oversight roles somebody held,
for good.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from peelian.kernel.model.org_units import same_unit
from peelian.kernel.model.people import Person
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.vocabulary import Role

PROPOSERS = frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER, Role.BOARD, Role.COUNCIL, Role.CLERK})
APPROVERS = frozenset({Role.BOARD, Role.COUNCIL, Role.PRIVACY_OFFICER})
ENTRUSTED = APPROVERS | {Role.AUDITOR, Role.COMMANDER, Role.CUSTODIAN}
"""Roles that take two people to give: those that approve, oversee or decide what others ask, and who enrols."""
OVERSIGHT = frozenset({Role.BOARD, Role.PRIVACY_OFFICER, Role.AUDITOR})
"""Roles that always keep a holder once they have one."""
MOST_FOUNDERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrusting:
    """How somebody came by their oversight: when, through whom, and who agreed ("": nobody)."""

    at: str
    by: str  # token, or "office"
    second: str  # token


@dataclass(slots=True)
class Founding:
    """Folded from the log. O(1) per enrolment."""

    ended: str = ""  # since when it takes two; "": it does not yet
    alone: int = 0  # how often one person alone entrusted somebody
    approvers: int = 0  # how many who may approve were enrolled
    units: list[str] = field(default_factory=list)  # of those who may propose, each once; at most two are of interest
    agreed: dict[str, str] = field(default_factory=dict)  # proposals to enrol or renew → who approved them
    entrusted: dict[str, Entrusting] = field(default_factory=dict)  # of those who are enrolled, by their token
    founder: str = ""  # token of whom the office itself enrolled first
    founder_unit: str = ""
    elsewhere: set[str] = field(default_factory=set)  # tokens of all who were ever enrolled in another unit than that
    held: set[Role] = field(default_factory=set)  # oversight roles that somebody was ever given
    looked: tuple[int, bool] = field(default=(-1, False), compare=False)  # sessions when it was asked who proved a key

    def approved(self, entry: Entry) -> None:
        """Bring it in step with an approval: somebody can give one, whatever else is still known of them."""
        self.ended = self.ended or str(entry["t"])
        if entry.get("act") in ("enrol", "renew"):
            self.agreed[str(entry["before"])] = str(entry["by"])

    def joined(self, entry: Entry, was: Person | None, person: Person) -> None:
        """Bring it in step with an enrolment."""
        take = self.agreed.get if "renewed" in entry else self.agreed.pop  # of a renewal follow several
        second = take(str(entry.get("before", "")), "")
        self._met(person)
        if takes_two(was, person):
            at, by = str(entry["t"]), str(entry["by"])
            self.entrusted[person.token] = Entrusting(at=at, by=by, second=second)
            self.alone += not second
        elif not person.roles & ENTRUSTED:
            self.entrusted.pop(person.token, None)
        self.approvers += bool(person.roles & APPROVERS)
        if person.roles & PROPOSERS and len(self.units) < 2 and not any(same_unit(u, person.unit) for u in self.units):
            self.units.append(person.unit)
        if self.approvers and len(self.units) > 1:
            self.ended = self.ended or str(entry["t"])

    def _met(self, person: Person) -> None:
        if not self.founder:
            self.founder, self.founder_unit = person.token, person.unit
        elif person.token != self.founder and not same_unit(self.founder_unit, person.unit):
            self.elsewhere.add(person.token)
        self.held |= person.roles & OVERSIGHT

    def has_room(self, person: Person) -> bool:
        """Whether one person alone may entrust them: while the office is founded, and whoever ends that, always."""
        return not self.ended and (self.alone < MOST_FOUNDERS or bool(person.roles & APPROVERS))


def takes_two(was: Person | None, person: Person) -> bool:
    """Whether somebody is entrusted with more than before, or another is in their place; training alone is neither."""
    if not person.roles & ENTRUSTED:
        return False
    if was is None or not person.roles <= was.roles:
        return True
    return (was.name, was.unit, was.public_key) != (person.name, person.unit, person.public_key)
