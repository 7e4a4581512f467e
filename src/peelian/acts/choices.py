"""Choices that fields of several acts offer: cases, datasets, people, each with what people call it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peelian.kernel.model.people import Person
    from peelian.operations.office import Office
    from peelian.oversight.transparency.register import CaseSummary
    from peelian.pictures.panels import Say

MOST_CASES = 200
LANGUAGES = {"en": "English", "fr": "French"}


def case_name(one: CaseSummary, say: Say) -> str:
    """A case as people choose it: what was asked for, the day and its number."""
    return say("%(title)s, %(area)s (%(id)s)", title=say(one.title), area=one.asked_at[:10], id=one.case)


def decided_cases(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """The decided cases to choose from, newest first, at most 200."""
    from peelian.oversight.transparency import register

    for one in register.page(office.kernel, most=MOST_CASES).cases:
        if one.choice:
            yield one.case, case_name(one, say)


def datasets(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Every dataset and recording in use, by title."""
    known = [(one.dataset, str(one.declaration["title"])) for one in office.kernel.state.datasets.values()]
    for name, title in sorted(known, key=lambda one: one[1].casefold()):
        yield name, say("%(name)s: %(value)s", name=title, value=name)


def people(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Everyone who is enrolled, with their unit and roles, by name."""
    known = sorted(office.kernel.state.people.values(), key=lambda one: one.name.casefold())
    yield from ((one.token, called(one, say)) for one in known)


def called(person: Person, say: Say) -> str:
    """A person as people choose them: name, unit and roles."""
    from peelian.wording.labels import ROLES, worded

    roles = ", ".join(worded(ROLES, role, say) for role in sorted(person.roles))
    return say("%(name)s (%(unit)s: %(roles)s)", name=person.name, unit=person.unit, roles=roles)


def person_token(office: Office, given: str) -> str:
    """The token of a person, by what a form offers (the token) or a terminal types (the short name)."""
    from peelian.kernel.model.pseudonyms import PERSON

    return given if given in office.kernel.state.people else office.kernel.office.token(given, of=PERSON)
