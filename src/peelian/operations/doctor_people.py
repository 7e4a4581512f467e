"""The doctor's checks of people: names, training, who holds oversight roles, and how the office was founded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from peelian.errors import sentence
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.transparency.entrusted import (
    LONE,
    LONE_REMEDY,
    alone,
    approvers,
    founded_alone,
    founding_says,
    holders_ending,
    is_late,
)

WRONG, SOON, NOTE = "wrong", "soon", "note"
SOON_DAYS = timedelta(days=30)
Told = tuple[str, str, str]
"""How grave it is, what it is, and its remedy."""


def of_people(kernel: Kernel, now: datetime) -> Iterator[Told]:
    """What is wrong with the people of an office, or will be. O(people)."""
    if n := sum(person.name == person.token for person in kernel.state.people.values()):
        remedy = "Restore the database and keys/store from their backups, or enrol these people again."
        yield WRONG, sentence("People whose names are missing from the directory: %(n)d.", n=n), remedy
    yield from _of_the_founding(kernel)
    for is_over, says in holders_ending(kernel):
        remedy = "Renew their training, or entrust a successor with two people."
        yield WRONG if is_over else SOON, says, remedy
    today, soon = now.date().isoformat(), (now + SOON_DAYS).date().isoformat()
    for person in kernel.state.people.values():
        if person.trained_until < today:
            says = sentence("Training of %(name)s has expired.", name=person.name)
            yield WRONG, says, "Renew it, then enrol this person again."
        elif person.trained_until < soon:
            says = sentence("Training of %(name)s ends on %(day)s.", name=person.name, day=person.trained_until)
            yield SOON, says, "Renew it before then."


def _of_the_founding(kernel: Kernel) -> Iterator[Told]:
    """Roles granted by one person alone, and whether enough people can approve others."""
    if founded_alone(kernel):
        yield NOTE, LONE, LONE_REMEDY
    late = sorted(name for token, name in alone(kernel).items() if is_late(kernel, token))
    if late:
        says = sentence(
            "Oversight roles granted by one person alone after the founding: %(names)s.", names=", ".join(late)
        )
        yield SOON, says, "The board must verify their identity."
    if not kernel.state.founding.ended:
        yield SOON, founding_says(kernel), "Enrol the first board member. Then two people are required."
    elif approvers(kernel) == 1:
        says = "Only one person can approve two-person actions. If their key is lost, no one can be granted oversight."
        yield SOON, says, "Enrol a second one: board, council or privacy officer."
    if founders := sorted(set(alone(kernel).values()) - set(late)):
        says = sentence(
            "%(founding)s Roles granted by one person alone: %(names)s.",
            founding=founding_says(kernel),
            names=", ".join(founders),
        )
        yield NOTE, says, "The board should verify their identity once."
