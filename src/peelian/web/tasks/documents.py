"""Documents that people write and the office keeps: what a requirement asks for, rights, vendors' contracts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from peelian.errors import InputError, sentence
from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import MAKERS
from peelian.operations.office import Office
from peelian.oversight.compliance.catalogue import to_produce
from peelian.oversight.kept_assessments import CLAUSES, SECTIONS, WRITERS, assess_rights, bind_vendor, kept_of, produce
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.tasks.task import Done, Task, asked

GROUP = "Oversight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    requirement: str = asked("Requirement. The table below says what each asks for")
    title: str = asked("Title of the document")
    text: str = asked("Its text, or a summary and where to find it", lines=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    serves: str = asked("Technology or use that is assessed")
    process: str = asked(SECTIONS["process"], lines=3)
    period: str = asked(SECTIONS["period"], lines=3)
    groups: str = asked(SECTIONS["groups"], lines=3)
    harms: str = asked(SECTIONS["harms"], lines=3)
    oversight: str = asked(SECTIONS["oversight"], lines=3)
    measures: str = asked(SECTIONS["measures"], lines=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    vendor: str = asked("Vendor or partner")
    privacy: str = asked(CLAUSES["privacy"], lines=2)
    scrutiny: str = asked(CLAUSES["scrutiny"], lines=2)
    data: str = asked(CLAUSES["data"], lines=2)
    breach: str = asked(CLAUSES["breach"], lines=2)
    subcontractors: str = asked(CLAUSES["subcontractors"], lines=2)
    leaving: str = asked(CLAUSES["leaving"], lines=2)
    found: bool = asked("I have found each clause in the signed contract")


def _produce(office: Office, by: Operator, given: Produced) -> Done:
    if given.requirement not in to_produce():
        raise InputError("this requirement needs no document", column="requirement")
    produce(office.kernel, by, given.requirement, given.title, given.text)
    text = "Document recorded for %(requirement)s. It counts for one year."
    return Done(says=sentence(text, requirement=given.requirement), href="/compliance")


def _rights(office: Office, by: Operator, given: Rights) -> Done:
    sections = asdict(given)
    assess_rights(office.kernel, by, sections.pop("serves"), sections)
    return Done(says=sentence("Rights assessment recorded for %(name)s.", name=given.serves), href="/compliance")


def _vendor(office: Office, by: Operator, given: Bound) -> Done:
    clauses = asdict(given)
    if not clauses.pop("found"):
        raise InputError("Not recorded: each clause stands in the signed contract", column="found", accepted="a tick")
    bind_vendor(office.kernel, by, clauses.pop("vendor"), clauses)
    return Done(says=sentence("Contract clauses recorded for %(name)s.", name=given.vendor), href="/compliance")


def _documents(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return [(id, id) for id in to_produce()]


def _served(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for technology in office.kernel.technologies:
        yield f"{technology.id}.*", say("All uses: %(technology)s", technology=say(technology.title))
        yield from ((one.id, say(one.title)) for one in technology.capabilities)


def _asked_for(office: Office, say: Say, language: str) -> Grid | None:
    rows = tuple((one.id, one.words.of(language), one.human.of(language)) for one in to_produce().values() if one.human)
    titles = (say("Requirement"), say("Description"), say("Document"))
    return Grid(caption=say("What each requirement asks for"), titles=titles, rows=rows)


def _kept(record: str, named: str) -> Any:
    """The table of small documents of one kind."""

    def shows(office: Office, say: Say, language: str) -> Grid | None:
        found = kept_of(office.kernel, record)
        rows = tuple((str(one.body[named]), moment(one.at[:10], language)) for one in found)
        titles = (say("Name"), say("Recorded on"))
        return Grid(caption=say("Recorded so far"), titles=titles, rows=rows) if rows else None

    return shows


def _task(id: str, title: str, about: str, roles: Any, **more: Any) -> Task:
    return Task(id=id, group=GROUP, title=title, about=about, roles=roles, **more)


TASKS = (
    _task(
        "produce",
        "Record a required document",
        "Requirements that software cannot meet need a document. It counts for one year.",
        WRITERS,
        params=Produced,
        do=_produce,
        offered={"requirement": _documents},
        shows=_asked_for,
    ),
    _task(
        "rights",
        "Record a rights assessment",
        "Six sections on what a use may do to people, each of at least three words.",
        MAKERS["rights"],
        params=Rights,
        do=_rights,
        offered={"serves": _served},
        shows=_kept("rights", "serves"),
    ),
    _task(
        "vendor",
        "Record a vendor's contract clauses",
        "For each clause, say where the contract has it, for example: section 4.2. All six are required. The vendor:",
        MAKERS["vendor"],
        params=Bound,
        do=_vendor,
        shows=_kept("vendor", "vendor"),
    ),
)
