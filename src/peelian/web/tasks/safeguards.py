"""Safeguards: the public contact, proposals that take two people, and the witness of the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from peelian.kernel.disclosure import signed_past
from peelian.kernel.identity import custody_grounds, dual_control
from peelian.kernel.identity.dual_control import PROPOSERS
from peelian.kernel.identity.suspension_control import EXCEPT
from peelian.kernel.model.people import Operator
from peelian.kernel.model.suspension import EXCEPTERS
from peelian.kernel.records.office_records import MAKERS
from peelian.operations import witness_choice
from peelian.operations.office import Office
from peelian.operations.witness_standing import witness_standing
from peelian.oversight.contact import Contact, contact_of, state_contact
from peelian.pictures.panels import Grid, Say
from peelian.web.tasks.task import Done, Task, asked
from peelian.wording.errors import dated

GROUP = "Office"
PROPOSABLE = ("rotate_keys", "clock", signed_past.ACT)
PROPOSED = "Proposed. Someone of another unit approves it within a week."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    postal: str = asked("Postal address, on one line", default="")
    telephone: str = asked("Telephone number", default="")
    email: str = asked("E-mail address", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    what: str = asked(
        "What to propose", names={one: dual_control.ACTS[one] for one in ("rotate_keys", "clock", "signs")}
    )
    reason: str = asked("Reason, at least three words", lines=3)
    content: str = asked("With signs of a trace: the digest that the refused admission named", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    spark: str = asked("Address of a Spark, as spark://host:7077. Empty: in the run's own process", default="")
    reason: str = asked("Reason, at least three words", lines=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excepted:
    of: str = asked("Case, or digest of a warrant")
    reference: str = asked("File number of the court")
    reason: str = asked("Reason, at least three words", lines=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBefore:
    technology: str = asked("Technology")
    reference: str = asked("File number of the running case")
    reason: str = asked("Reason that residents read, at least three words, without names", lines=3)


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


def _propose(office: Office, by: Operator, given: Proposed) -> Done:
    if given.what == signed_past.ACT:
        signed_past.propose_past_signs(office.kernel, by, given.content, words=given.reason)
    else:
        dual_control.propose(office.kernel, by, given.what, words=given.reason)
    return Done(says=PROPOSED, href="/authorizations")


def _count(office: Office, by: Operator, given: Counted) -> Done:
    body = dual_control.place_of_counts(given.spark.strip())
    dual_control.propose(office.kernel, by, "counts", words=given.reason, body=body)
    return Done(says=PROPOSED, href="/authorizations")


def _except(office: Office, by: Operator, given: Excepted) -> Done:
    body = {"of": given.of, "reference": given.reference}
    dual_control.propose(office.kernel, by, EXCEPT, words=given.reason, body=body)
    return Done(says=PROPOSED, href="/authorizations")


def _except_custody(office: Office, by: Operator, given: KeptBefore) -> Done:
    body = {"technology": given.technology, "reference": given.reference}
    dual_control.propose(office.kernel, by, custody_grounds.EXCEPT, words=given.reason, body=body)
    return Done(says=PROPOSED, href="/authorizations")


def _with_recordings(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    formats = (one for one in office.kernel.formats if one.of_people)
    owners = {office.kernel.owner_of(one.id) for one in formats}
    return [(one.id, say(one.title)) for one in office.kernel.technologies if one.id in owners]


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


def _counted_now(office: Office, say: Say, language: str) -> Grid | None:
    spark = office.kernel.state.adopted.whole("counts").spark
    row = ("Spark", spark) if spark else ("DuckDB", say("In the run's own process and its workers"))
    return Grid(caption=say("Where incidents are counted"), titles=(say("Engine"), say("Place")), rows=(row,))


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
        "propose",
        "Propose an act that takes two people",
        "Someone of another unit approves it within a week. The keys are then rotated at the terminal. An accepted "
        "time is in force at once.",
        PROPOSERS,
        params=Proposed,
        do=_propose,
    ),
    _task(
        "counts",
        "Choose where incidents are counted",
        "A Spark gets the rows of datasets in partitions in clear: when and where incidents happened. Whoever "
        "administers it can read them. Someone of another unit approves it, and it is then in force at once.",
        PROPOSERS,
        params=Counted,
        do=_count,
        shows=_counted_now,
    ),
    _task(
        "court-exception",
        "Except one case of a suspension for a court",
        "A court waits for one case: what was accepted in it may be delivered, or a warrant may be collected under. "
        "The board and a privacy officer agree. The public inventory counts it. It ends with the suspension.",
        EXCEPTERS,
        params=Excepted,
        do=_except,
    ),
    _task(
        "custody-exception",
        "Keep recordings for a running case before they are approved",
        "A running case cannot wait for council approval and assessment. The board and a privacy officer agree. "
        "It holds for 30 days and 20 recordings. Residents read the reason. A year has at most 3.",
        EXCEPTERS,
        params=KeptBefore,
        do=_except_custody,
        offered={"technology": _with_recordings},
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
