"""Who granted whom oversight roles, in sentences for the board."""

from __future__ import annotations

from peelian.errors import sentence
from peelian.kernel.identity.enrolment import OFFICE
from peelian.kernel.state.founding_state import APPROVERS
from peelian.kernel.state.kernel import Kernel


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
