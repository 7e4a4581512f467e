"""Who was entrusted with oversight by whom, in sentences: what the board reads before it relies on anybody's word."""

from __future__ import annotations

from peelian.errors import sentence
from peelian.governance.enrolling import OFFICE
from peelian.governance.founding import APPROVERS
from peelian.governance.house import House


def how_entrusted(house: House, person: str) -> str:
    """How somebody came by their oversight, by their token; "" where they have none."""
    how = house.book.founding.entrusted.get(person)
    if how is None:
        return ""
    by, day = _named(house, how.by), how.at[:10]
    if how.second:
        second = _named(house, how.second)
        return sentence(
            "Oversight granted by two people, %(by)s and %(second)s, on %(day)s", by=by, second=second, day=day
        )
    if is_late(house, person):
        return sentence("Oversight granted by one person alone, %(by)s, on %(day)s", by=by, day=day)
    return sentence("Oversight granted by one person alone, %(by)s, on %(day)s, at the founding", by=by, day=day)


def founding_says(house: House) -> str:
    """Whether the founding is over, in one sentence."""
    if house.book.founding.ended:
        day = house.book.founding.ended[:10]
        return sentence("The founding ended on %(day)s. Since then, two people grant oversight roles.", day=day)
    return sentence("Founding in progress: one person alone enrols until a board member of another unit is enrolled.")


def is_late(house: House, person: str) -> bool:
    """Whether one person alone entrusted them once the founding was over: before this took two people."""
    how, ended = house.book.founding.entrusted.get(person), house.book.founding.ended
    return how is not None and not how.second and bool(ended) and how.at > ended


def alone(house: House) -> dict[str, str]:
    """The names of those whom one person alone entrusted, by token."""
    found = house.book.founding.entrusted
    return {token: _named(house, token) for token, how in found.items() if not how.second}


def approvers(house: House) -> int:
    """How many people may approve what takes two."""
    return sum(bool(person.roles & APPROVERS) for person in house.book.people.values())


def _named(house: House, one: str) -> str:
    person = house.book.people.get(one)
    return person.name if person else (sentence("the office") if one == OFFICE else one)
