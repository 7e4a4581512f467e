"""Oversight: compliance, tools, records, contact, witness."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

from peelian.acts.act import Acts, Done, asked
from peelian.acts.choices import called
from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.doors import Suspended
from peelian.pictures.panels import Grid, Say

if TYPE_CHECKING:
    from peelian.acts.act import Roles, Shown
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import Office

acts = Acts("oversight", "Oversight", "Oversight: compliance, tools, records, contact, witness.")
SECTIONS = {
    "process": "In which process it is used, and for what",
    "period": "For how long and how often",
    "groups": "Whom it may affect",
    "harms": "Which harms they may suffer",
    "oversight": "How people oversee it",
    "measures": "What is done when harm occurs, and how to complain",
}
"""Sections of a rights assessment (`oversight/kept_assessments`)."""
CLAUSES = {
    "privacy": "keeps the town's privacy commitments",
    "scrutiny": "lets the town and outsiders examine the system",
    "data": "owns none of the town's data and hands all of it back in an open format",
    "breach": "reports a breach at once",
    "subcontractors": "binds its own suppliers to the same",
    "leaving": "lets the town leave without penalty and deletes what it holds",
}
"""Clauses that a vendor's contract has (`oversight/kept_assessments`)."""
TOOL_STATES = {
    "reported": "in use before approval",
    "paused": "paused",
    "approved": "approved",
    "ended": "ended",
}
TOOL_LEVELS = {"high": "high risk", "moderate": "moderate risk", "low": "low risk"}
MOVES = {one: TOOL_STATES[one] for one in ("paused", "approved", "ended")}
PROPOSED = "Proposed. Someone of another unit approves it within a week."
CHOSEN = "Witness chosen. It is asked whenever the office is open."


def _writers() -> Roles:
    from peelian.oversight.assessment.documents import WRITERS

    return WRITERS


def _rights_makers() -> Roles:
    from peelian.kernel.records.office_records import MAKERS

    return MAKERS["rights"]


def _vendor_makers() -> Roles:
    from peelian.kernel.records.office_records import MAKERS

    return MAKERS["vendor"]


def _reviewers() -> Roles:
    from peelian.oversight.review.privileges import REVIEWERS

    return REVIEWERS


def _reporters() -> Roles:
    from peelian.oversight.assessment.tools import REPORTERS

    return REPORTERS


def _tool_makers() -> Roles:
    from peelian.kernel.records.office_records import MAKERS

    return MAKERS["tool"]


def _provers() -> Roles:
    from peelian.kernel.model.capability import Role

    return frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.BOARD, Role.CLERK, Role.CUSTODIAN})


def _contact_makers() -> Roles:
    from peelian.kernel.records.office_records import MAKERS

    return MAKERS["contact"]


def _choosers() -> Roles:
    from peelian.operations import witness_choice

    return witness_choice.CHOOSERS


def _documents(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.compliance.catalogue import to_produce

    return [(id, id) for id in to_produce()]


def _served(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for technology in office.kernel.technologies:
        yield f"{technology.id}.*", say("All uses: %(technology)s", technology=say(technology.title))
        yield from ((one.id, say(one.title)) for one in technology.capabilities)


def _asked_for(office: Office, say: Say, language: str) -> Grid | None:
    from peelian.oversight.compliance.catalogue import to_produce

    rows = tuple((one.id, one.words.of(language), one.human.of(language)) for one in to_produce().values() if one.human)
    titles = (say("Requirement"), say("Description"), say("Document"))
    return Grid(caption=say("What each requirement asks for"), titles=titles, rows=rows)


def _kept(record: str, named: str) -> Shown:
    """The table of small documents of one kind."""

    def shows(office: Office, say: Say, language: str) -> Grid | None:
        from peelian.oversight.assessment.documents import kept_of
        from peelian.pictures.moments import moment

        found = kept_of(office.kernel, record)
        rows = tuple((str(one.body[named]), moment(one.at[:10], language)) for one in found)
        titles = (say("Name"), say("Recorded on"))
        return Grid(caption=say("Recorded so far"), titles=titles, rows=rows) if rows else None

    return shows


@acts.does(
    "produce",
    "Record a required document",
    "Requirements that software cannot meet need a document. It counts for one year.",
    whom=_writers,
    suspended=Suspended.ANY,
    typed=("requirement",),
    offered={"requirement": _documents},
    shows=_asked_for,
)
def produce(
    office: Office,
    by: Operator,
    *,
    requirement: Annotated[str, asked("Requirement. The table below says what each asks for")],
    title: Annotated[str, asked("Title of the document")],
    text: Annotated[str, asked("Its text, or a summary and where to find it", lines=8)],
) -> Done:
    """Record a required document."""
    from peelian.oversight.assessment import documents as kept_assessments
    from peelian.oversight.compliance.catalogue import to_produce

    if requirement not in (wanted := to_produce()):
        accepted = ", ".join(sorted(wanted))
        raise InputError("this requirement needs no document", column="requirement", accepted=accepted)
    digest = kept_assessments.produce(office.kernel, by, requirement, title, text)
    says = sentence("Document recorded for %(requirement)s. It counts for one year.", requirement=requirement)
    return Done(says=says, href="/compliance", record={"digest": digest, "requirement": requirement})


@acts.does(
    "rights",
    "Record a rights assessment",
    "Six sections on what a use may do to people, each of at least three words.",
    whom=_rights_makers,
    suspended=Suspended.ANY,
    typed=("serves",),
    offered={"serves": _served},
    shows=_kept("rights", "serves"),
)
def rights(
    office: Office,
    by: Operator,
    *,
    serves: Annotated[str, asked("Technology or use that is assessed")],
    process: Annotated[str, asked(SECTIONS["process"], lines=3)],
    period: Annotated[str, asked(SECTIONS["period"], lines=3)],
    groups: Annotated[str, asked(SECTIONS["groups"], lines=3)],
    harms: Annotated[str, asked(SECTIONS["harms"], lines=3)],
    oversight: Annotated[str, asked(SECTIONS["oversight"], lines=3)],
    measures: Annotated[str, asked(SECTIONS["measures"], lines=3)],
) -> Done:
    """Record a rights assessment."""
    from peelian.oversight.assessment.documents import assess_rights

    sections = {"process": process, "period": period, "groups": groups}
    sections |= {"harms": harms, "oversight": oversight, "measures": measures}
    digest = assess_rights(office.kernel, by, serves, sections)
    says = sentence("Rights assessment recorded for %(name)s.", name=serves)
    return Done(says=says, href="/compliance", record={"digest": digest})


@acts.does(
    "vendor",
    "Record a vendor's contract clauses",
    "For each clause, say where the contract has it, for example: section 4.2. All six are required. The vendor:",
    whom=_vendor_makers,
    suspended=Suspended.ANY,
    typed=("vendor",),
    shows=_kept("vendor", "vendor"),
)
def vendor(
    office: Office,
    by: Operator,
    *,
    vendor: Annotated[str, asked("Vendor or partner")],
    privacy: Annotated[str, asked(CLAUSES["privacy"], lines=2)],
    scrutiny: Annotated[str, asked(CLAUSES["scrutiny"], lines=2)],
    data: Annotated[str, asked(CLAUSES["data"], lines=2)],
    breach: Annotated[str, asked(CLAUSES["breach"], lines=2)],
    subcontractors: Annotated[str, asked(CLAUSES["subcontractors"], lines=2)],
    leaving: Annotated[str, asked(CLAUSES["leaving"], lines=2)],
    found: Annotated[bool, asked("I have found each clause in the signed contract")],
) -> Done:
    """Record a vendor's contract clauses."""
    from peelian.oversight.assessment.documents import bind_vendor

    if not found:
        raise InputError("Not recorded: each clause stands in the signed contract", column="found", accepted="a tick")
    clauses = {"privacy": privacy, "scrutiny": scrutiny, "data": data}
    clauses |= {"breach": breach, "subcontractors": subcontractors, "leaving": leaving}
    digest = bind_vendor(office.kernel, by, vendor, clauses)
    says = sentence("Contract clauses recorded for %(name)s.", name=vendor)
    return Done(says=says, href="/compliance", record={"digest": digest})


def _unused(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.review import privileges

    people = office.kernel.state.people
    return [
        (row.person, called(people[row.person], say)) for row in privileges.rights_held(office.kernel) if row.unused
    ]


def _rights(office: Office, say: Say, language: str) -> Grid | None:
    from peelian.oversight.review import privileges
    from peelian.pictures.moments import moment
    from peelian.wording.labels import ROLES, worded

    people = office.kernel.state.people
    rows = tuple(
        (
            people[row.person].name,
            ", ".join(worded(ROLES, role, say) for role in row.roles),
            moment(row.last_act[:10], language) if row.last_act else "–",
            say("unused") if row.unused else "",
        )
        for row in sorted(privileges.rights_held(office.kernel), key=lambda row: people[row.person].name.casefold())
    )
    late = say("The yearly review is overdue.") if privileges.overdue(office.kernel) else say("The review is in time.")
    titles = (say("Name"), say("Roles"), say("Last act"), say("Unused for 90 days"))
    return Grid(caption=late, titles=titles, rows=rows)


@acts.does(
    "privileges",
    "Review roles each year",
    "Tick an outcome for everyone whose roles were unused for 90 days. You sign the review for all.",
    whom=_reviewers,
    suspended=Suspended.ANY,
    reads="privileges",
    offered={"kept": _unused, "withdrawn": _unused},
    shows=_rights,
)
def privileges(
    office: Office,
    by: Operator,
    *,
    kept: Annotated[tuple[str, ...], asked("Unused, and kept")] = (),
    withdrawn: Annotated[tuple[str, ...], asked("Unused, and to be withdrawn")] = (),
    seen: Annotated[bool, asked("I have looked at the roles of everyone in the table below")],
) -> Done:
    """Review roles each year."""
    from peelian.oversight.review import privileges

    if not seen:
        raise InputError("Not signed: the review covers everyone", column="seen", accepted="a tick")
    if both := set(kept) & set(withdrawn):
        says = sentence("%(n)d people are ticked twice", n=len(both))
        raise InputError(says, column="kept", accepted="kept or withdrawn")
    outcomes = dict.fromkeys(kept, "kept") | dict.fromkeys(withdrawn, "withdrawn")
    digest = privileges.sign_off(office.kernel, by, outcomes)
    says = "Yearly review signed. To withdraw roles, a custodian changes the person."
    return Done(says=says, record={"digest": digest})


def _held(office: Office) -> dict[str, Any]:
    from dataclasses import asdict

    from peelian.oversight.review import privileges

    rows = [asdict(row) for row in privileges.rights_held(office.kernel)]
    return {"people": rows, "overdue": privileges.overdue(office.kernel)}


acts.lists(
    "roles",
    "Who has which roles",
    "Everyone with their roles, the last act under them, and which were unused for 90 days.",
    whom=_reviewers,
    reads="privileges",
    record=_held,
)(_rights)


def _technologies(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return [(one.id, say(one.title)) for one in office.kernel.technologies]


def _movable(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.assessment import tools

    known = tools.tools(office.kernel).values()
    return [(t.name, f"{t.name} ({say(TOOL_STATES[t.state])})") for t in known if t.state != "ended"]


def _tools(office: Office, say: Say, language: str) -> Grid | None:
    from peelian.oversight.assessment import tools
    from peelian.pictures.moments import moment

    late = {tool.name for tool in tools.overdue(office.kernel)}
    rows = tuple(
        (
            one.name,
            say(TOOL_LEVELS[one.level]),
            say(TOOL_STATES[one.state]),
            moment(one.pause_by, language),
            say("OVERDUE") if one.name in late else "",
        )
        for one in tools.tools(office.kernel).values()
    )
    titles = (say("Tool"), say("Risk"), say("State"), say("Pause by"), say("Remark"))
    return Grid(caption=say("Tools reported before approval"), titles=titles, rows=rows) if rows else None


@acts.does(
    "tool-report",
    "Report a tool in use before approval",
    "Of high or moderate risk it must be paused in time. Otherwise its technology is suspended.",
    whom=_reporters,
    typed=("name",),
    offered={"technology": _technologies},
    shows=_tools,
)
def tool_report(
    office: Office,
    by: Operator,
    *,
    name: Annotated[str, asked("Name of the tool")],
    technology: Annotated[str, asked("Technology of this office it belongs to")] = "",
    level: Annotated[str, asked("Risk", names=TOOL_LEVELS)],
    reason: Annotated[str, asked("Why it was in use before approval", lines=3)],
    plan: Annotated[str, asked("How it will be paused", lines=3)],
    pause_by: Annotated[str, asked("Day it is paused by, within three months", kind="date")],
) -> Done:
    """Report a tool in use before approval."""
    from peelian.oversight.assessment import tools

    told = {"technology": technology, "level": level, "reason": reason, "plan": plan, "pause_by": pause_by}
    digest = tools.report(office.kernel, by, name, **told)
    says = sentence("Reported. Pause it by %(day)s.", day=pause_by)
    return Done(says=says, href="/inventory", record={"digest": digest})


@acts.does(
    "tool-move",
    "Record that a tool is paused, approved or ended",
    "The oversight board approves. That needs a council approval and an impact assessment in force.",
    whom=_tool_makers,
    typed=("tool", "state"),
    offered={"tool": _movable},
    shows=_tools,
)
def tool_move(
    office: Office,
    by: Operator,
    *,
    tool: Annotated[str, asked("Tool")],
    state: Annotated[str, asked("State from now on", names=MOVES)],
) -> Done:
    """Record that a tool is paused, approved or ended."""
    from peelian.oversight.assessment import tools

    digest = tools.move(office.kernel, by, tool, state)
    says = sentence("Recorded: %(tool)s, %(state)s.", tool=tool, state=sentence(TOOL_STATES[state]))
    return Done(says=says, href="/inventory", record={"digest": digest})


def _reports(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight import drift

    for origin in drift.reports(office.kernel):
        yield (
            origin.digest,
            f"{say(office.kernel.past_capability(origin.authorization.serves).title)} ({origin.digest[:8]})",
        )


def _newer(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Each role of a report in force with each dataset admitted since."""

    from peelian.oversight import drift

    found = {}
    for origin in drift.reports(office.kernel):
        shapes = {read.role: read.of(origin.capability.technology) for read in origin.capability.reads}
        for one in office.kernel.state.datasets.values():
            for role in origin.datasets:
                if one.at > origin.authorization.at and office.kernel.shape_of(one) == shapes.get(role):
                    label = {"name": say(origin.capability.title_of(role)), "value": str(one.declaration["title"])}
                    found[f"{role}={one.dataset}"] = say("%(name)s: %(value)s", **label)
    return found.items()


def _ran(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight import drift

    for origin, case in drift.unrecorded(office.kernel):
        yield case, say("%(name)s: %(value)s", name=say(origin.capability.title), value=case)


def _in_force(office: Office, say: Say, language: str) -> Grid | None:
    from peelian.oversight import drift
    from peelian.pictures.moments import moment

    due = {origin.digest for origin in drift.due(office.kernel)}
    rows = tuple(
        (
            say(office.kernel.past_capability(origin.authorization.serves).title),
            moment(origin.authorization.ends[:10], language),
            say("due") if origin.digest in due else say("up to date"),
        )
        for origin in drift.reports(office.kernel)
    )
    titles = (say("Use"), say("Valid until"), say("Check on newer data"))
    return Grid(caption=say("Accuracy reports in force"), titles=titles, rows=rows) if rows else None


@acts.does(
    "drift",
    "Test an adopted model on newer data",
    "Each quarter. The test is a case like any other: you run it, then record what it found.",
    whom=_provers,
    suspended=Suspended.STOPS,
    offered={"report": _reports, "data": _newer},
    shows=_in_force,
    command="",  # the terminal asks, runs and records in one go
)
def drift(
    office: Office,
    by: Operator,
    *,
    report: Annotated[str, asked("Accuracy report")],
    data: Annotated[tuple[str, ...], asked("Newer data")],
    changes: Annotated[str, asked("Settings that the report does not fix, one a line, as name=value", lines=3)] = "",
) -> Done:
    """Test an adopted model on newer data."""
    from peelian.forms import scalar
    from peelian.oversight import drift

    lines = [line.partition("=") for line in changes.splitlines() if line.strip()]
    if any(not equals for _, equals, _ in lines):
        raise InputError("Setting without a value", column="changes", accepted="name=value")
    changed = {name.strip(): scalar(value.strip()) for name, _, value in lines}
    datasets = {role: name for role, _, name in (one.partition("=") for one in data)}
    permit = drift.ask(office.kernel, by, report, datasets=datasets, changes=changed)
    says = "Permitted. Run the case, then record what it found."
    return Done(says=says, href=f"/cases/{permit.case}")


@acts.does(
    "drift-record",
    "Record what a test on newer data found",
    "If the model misses its acceptance criteria, its accuracy report is revoked and its uses are blocked.",
    whom=_provers,
    suspended=Suspended.STOPS,
    typed=("case",),
    offered={"case": _ran},
    shows=_in_force,
)
def drift_record(
    office: Office,
    by: Operator,
    *,
    case: Annotated[str, asked("Case that ran")],
) -> Done:
    """Record what a test on newer data found."""
    from peelian.oversight import drift

    found = next((origin for origin, ran in drift.unrecorded(office.kernel) if ran == case), None)
    if found is None:
        raise OutOfOrder("This case proves no valid accuracy report again.")
    drift.checked(office.kernel, by, found.digest, case)
    holds = drift.checks(office.kernel)[-1].holds
    met = "The model still meets its acceptance criteria."
    missed = "The model misses its acceptance criteria. Its report is revoked, and its uses are blocked."
    return Done(says=met if holds else missed, href=f"/cases/{case}", record={"case": case, "holds": holds})


def _agreed(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.operations import witness_choice

    found = witness_choice.agreed(office.kernel)
    return [(digest, say("%(name)s: %(value)s", name=key.partition("+")[0], value=url)) for digest, key, url in found]


def _contact_now(office: Office, say: Say, language: str) -> Grid | None:
    from peelian.oversight.transparency.contact import contact_of

    found = contact_of(office.kernel)
    if found is None:
        return None
    named = ((say("Letter"), found.postal), (say("Telephone"), found.telephone), (say("E-mail"), found.email))
    rows = tuple((name, text) for name, text in named if text)
    return Grid(caption=say("Contact in force"), titles=(say("Kind"), say("Contact")), rows=rows)


def _witness_now(office: Office, say: Say, language: str) -> Grid | None:
    from peelian.operations.witness_standing import witness_standing
    from peelian.wording.errors import with_days

    found = witness_standing(office)
    rows = tuple(
        (say(name), with_days(text, say)) for name, text in (("State", found.says), ("Next", found.remedy)) if text
    )
    return Grid(caption=say("Witness of the log"), titles=(say("Witness"), say("Description")), rows=rows)


@acts.does(
    "contact",
    "State the public contact",
    "Where anyone can ask or object. Every page links to it. It replaces the whole contact in force.",
    whom=_contact_makers,
    suspended=Suspended.ANY,
    shows=_contact_now,
)
def contact(
    office: Office,
    by: Operator,
    *,
    postal: Annotated[str, asked("Postal address, on one line")] = "",
    telephone: Annotated[str, asked("Telephone number")] = "",
    email: Annotated[str, asked("E-mail address")] = "",
) -> Done:
    """State the public contact."""
    from peelian.oversight.transparency.contact import Contact, state_contact

    made = Contact(postal=postal, telephone=telephone, email=email)
    digest = state_contact(office.kernel, by, made)
    return Done(says="Public contact recorded. Every page links to it.", href="/contact", record={"contact": digest})


@acts.does(
    "choose-witness",
    "Choose the witness of the log",
    "The oversight board chooses the first witness alone. Two people choose every other one: you propose it here.",
    whom=_choosers,
    suspended=Suspended.ANY,
    typed=("key", "url"),
    shows=_witness_now,
)
def choose_witness(
    office: Office,
    by: Operator,
    *,
    key: Annotated[str, asked("Key of the witness: the line that the witness prints")],
    url: Annotated[str, asked("Address of the witness, with https://")],
    reason: Annotated[
        str, asked("Reason for the second person, at least three words. Needed for a change", lines=2)
    ] = "",
) -> Done:
    """Choose the witness of the log."""
    from peelian.operations import witness_choice

    if proposal := witness_choice.choose(office, by, key, url, words=reason):
        return Done(says=PROPOSED, proposal=proposal)
    return Done(says=CHOSEN, record={"witness": key, "url": url})


@acts.does(
    "choose-approved-witness",
    "Choose an approved witness",
    "Chooses exactly the witness that the proposal names. An approval is valid for a week.",
    whom=_choosers,
    suspended=Suspended.ANY,
    typed=("proposal",),
    offered={"proposal": _agreed},
    shows=_witness_now,
)
def choose_approved_witness(
    office: Office,
    by: Operator,
    *,
    proposal: Annotated[str, asked("Approved proposal")],
) -> Done:
    """Choose an approved witness."""
    from peelian.operations import witness_choice

    witness_choice.carry_out(office, by, proposal)
    return Done(says=CHOSEN, record={"carried_out": proposal})
