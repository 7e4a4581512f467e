"""Safeguards: the public contact, proposals that take two people, and the witness of the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import MAKERS
from peelian.operations import witness_choice
from peelian.operations.office import Office
from peelian.operations.witness_standing import witness_standing
from peelian.oversight.contact import Contact, contact_of, state_contact
from peelian.pictures.panels import Grid, Say
from peelian.web.tasks.task import Done, Task, asked
from peelian.wording.errors import dated

GROUP = "Office"
PROPOSED = "Proposed. Someone of another unit approves it within a week."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    postal: str = asked("Postal address, on one line", default="")
    telephone: str = asked("Telephone number", default="")
    email: str = asked("E-mail address", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    key: str = asked("Key of the witness: the line that the witness prints")
    url: str = asked("Address of the witness, with https://")
    reason: str = asked("Reason for the second person, at least three words. Needed for a change", default="", lines=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    proposal: str = asked("Approved proposal")


def _contact(office: Office, by: Operator, given: Reached) -> Done:
    state_contact(office.kernel, by, Contact(**asdict(given)))
    return Done(says="Public contact recorded. Every page links to it.", href="/contact")


def _choose(office: Office, by: Operator, given: Chosen) -> Done:
    if witness_choice.choose(office, by, given.key, given.url, words=given.reason):
        return Done(says=PROPOSED, href="/authorizations")
    return Done(says="Witness chosen. It is asked whenever the office is open.")


def _carry_out(office: Office, by: Operator, given: Agreed) -> Done:
    witness_choice.carry_out(office, by, given.proposal)
    return Done(says="Witness chosen. It is asked whenever the office is open.")


def _agreed(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    found = witness_choice.agreed(office.kernel)
    return [(digest, say("%(name)s: %(value)s", name=key.partition("+")[0], value=url)) for digest, key, url in found]


def _contact_now(office: Office, say: Say, language: str) -> Grid | None:
    found = contact_of(office.kernel)
    if found is None:
        return None
    named = ((say("Letter"), found.postal), (say("Telephone"), found.telephone), (say("E-mail"), found.email))
    rows = tuple((name, text) for name, text in named if text)
    return Grid(caption=say("Contact in force"), titles=(say("Kind"), say("Contact")), rows=rows)


def _witness_now(office: Office, say: Say, language: str) -> Grid | None:
    found = witness_standing(office)
    rows = tuple(
        (say(name), dated(text, say)) for name, text in (("State", found.says), ("Next", found.remedy)) if text
    )
    return Grid(caption=say("Witness of the log"), titles=(say("Witness"), say("Description")), rows=rows)


def _task(id: str, title: str, about: str, roles: Any, **more: Any) -> Task:
    return Task(id=id, group=GROUP, title=title, about=about, roles=roles, **more)


TASKS = (
    _task(
        "contact",
        "State the public contact",
        "Where anyone can ask or object. Every page links to it. It replaces the whole contact in force.",
        MAKERS["contact"],
        params=Reached,
        do=_contact,
        shows=_contact_now,
    ),
    _task(
        "witness",
        "Choose the witness of the log",
        "The oversight board chooses the first witness alone. Two people choose every other one: you propose it here.",
        witness_choice.CHOOSERS,
        params=Chosen,
        do=_choose,
        shows=_witness_now,
    ),
    _task(
        "witness-approved",
        "Choose an approved witness",
        "Chooses exactly the witness that the proposal names. An approval is valid for a week.",
        witness_choice.CHOOSERS,
        params=Agreed,
        do=_carry_out,
        offered={"proposal": _agreed},
        shows=_witness_now,
    ),
)
