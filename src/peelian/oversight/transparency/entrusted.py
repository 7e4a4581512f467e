"""Who granted whom oversight roles, who holds them last, and whether one person alone founded the office, in sentences.

A second person has proved a key of their own once somebody who was ever enrolled in another unit than the founder's
began a session of the pages with their key or passkey, or confirmed their identity so in one. The log tells no more:
one person who knows two passphrases can be both.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from peelian.errors import enumerated, sentence
from peelian.kernel.identity.enrolment import OFFICE
from peelian.kernel.state.demonstration import is_demonstration
from peelian.kernel.state.founding_state import APPROVERS
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.projection import proof_key

LONE = "Founded by one person alone; no second person has proved a key of their own yet."
LONE_REMEDY = "Have somebody of another unit log on at the pages with their own key or passkey."
SOON = timedelta(days=30)


def how_entrusted(kernel: Kernel, person: str) -> str:
    """How somebody came by their oversight, by their token; "" where they have none."""
    how = kernel.state.founding.entrusted.get(person)
    if how is None:
        return ""
    by, day = _named(kernel, how.by), how.at[:10]
    if how.second:
        second = _named(kernel, how.second)
        return sentence(
            "Oversight granted by two people, %(by)s and %(second)s, on %(day)s", by=by, second=second, day=day
        )
    if is_late(kernel, person):
        return sentence("Oversight granted by one person alone, %(by)s, on %(day)s", by=by, day=day)
    return sentence("Oversight granted by one person alone, %(by)s, on %(day)s, at the founding", by=by, day=day)


def founding_says(kernel: Kernel) -> str:
    """Whether the founding is over, in one sentence."""
    if kernel.state.founding.ended:
        day = kernel.state.founding.ended[:10]
        return sentence("The founding ended on %(day)s. Since then, two people grant oversight roles.", day=day)
    return sentence("Founding in progress: one person alone enrols until a board member of another unit is enrolled.")


def has_proved(kernel: Kernel, person: str) -> bool:
    """Whether somebody proved a key or passkey of their own in a session of the pages. O(their sessions)."""
    rows = kernel.stores.rows
    if any(True for how in ("key", "passkey") for _ in rows.all("sessions", person=person, how=how)):
        return True
    provided = rows.all("sessions", person=person, how="provider")
    return any(rows.row("proofs", proof_key(person, session)) is not None for session, _ in provided)


def founded_alone(kernel: Kernel) -> bool:
    """Whether one person founded the office and no second one has proved a key of their own, as above; always in a
    demonstration, where one person plays everybody; never where nobody is enrolled yet.

    O(1) where nobody logged on since it was asked; else O(people enrolled elsewhere · their sessions).
    """
    founding = kernel.state.founding
    sessions, proved = kernel.stores.rows.count("sessions"), founding.looked[1]
    if not proved and sessions != founding.looked[0]:
        proved = any(has_proved(kernel, person) for person in founding.elsewhere)
    founding.looked = sessions, proved
    return bool(founding.founder) and (is_demonstration(kernel) or not proved)


def holders_ending(kernel: Kernel) -> Iterator[tuple[bool, str]]:
    """Of each oversight role that had a holder: whether nobody trained holds it now, or for less than a month more, and
    what to say of that. Empty where all is well. O(people)."""
    now, people = kernel.now(), kernel.state.people.values()
    today, soon = now.date().isoformat(), (now + SOON).date().isoformat()
    for role in sorted(kernel.state.founding.held):
        last, told = max((one.trained_until for one in people if role in one.roles), default=""), enumerated([role])
        if not last:
            yield True, sentence("Nobody holds this role: %(role)s. Entrust somebody with it.", role=told)
        elif last < today:
            says = "Training of everybody in this role ended: %(role)s. Until it is renewed, they can only suspend."
            yield True, sentence(says, role=told)
        elif last < soon:
            says = "Training of everybody in this role ends by %(day)s: %(role)s. After that, they can only suspend."
            yield False, sentence(says, day=last, role=told)


def is_late(kernel: Kernel, person: str) -> bool:
    """Whether one person alone entrusted them once the founding was over: before this took two people."""
    how, ended = kernel.state.founding.entrusted.get(person), kernel.state.founding.ended
    return how is not None and not how.second and bool(ended) and how.at > ended


def alone(kernel: Kernel) -> dict[str, str]:
    """The names of those whom one person alone entrusted, by token."""
    found = kernel.state.founding.entrusted
    return {token: _named(kernel, token) for token, how in found.items() if not how.second}


def approvers(kernel: Kernel) -> int:
    """How many people may approve what takes two."""
    return sum(bool(person.roles & APPROVERS) for person in kernel.state.people.values())


def _named(kernel: Kernel, one: str) -> str:
    person = kernel.state.people.get(one)
    return person.name if person else (sentence("the office") if one == OFFICE else one)
