"""`peelian breach`: who was told, and how an incident is put right or ends."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened
from peelian.cli.words import say
from peelian.kernel.model.doors import Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel
    from peelian.oversight.breach.incident import Incident

IncidentArgument = Annotated[str, typer.Argument(help="Number of the incident, b-…")]
PersonOption = Annotated[
    list[str] | None, typer.Option(help="Identifier of a person, or the number of their letter. Repeat for more.")
]
ReasonOption = Annotated[str, typer.Option(help="Your reason.")]
OnOption = Annotated[str, typer.Option(help="The day, if not today: 2026-11-24.")]


@command(
    "breach describe",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def describe(
    id: IncidentArgument,
    language: Annotated[str, typer.Option(help="Language of these words: en or fr.")],
    what: Annotated[str, typer.Option(help="What happened, in plain words, without names.")],
    as_: AsOption,
    which: Annotated[str, typer.Option(help="Which information it was: of which days, places or papers.")] = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Say what happened in plain words. Every letter and the public notice carries it, so do it in each language."""
    from peelian.oversight.breach.protocol import describe_incident

    with opened(office) as opened_office:
        by = opened_office.operator(as_)
        made = describe_incident(opened_office.kernel, by, id, language=language, what=what, which=which)
    return _told(made)


@command(
    "breach people",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def people(
    id: IncidentArgument,
    as_: AsOption,
    file: Annotated[Path | None, typer.Argument(help="CSV as for `peelian accesses subjects`.")] = None,
    complete: Annotated[bool, typer.Option("--complete", help="Everybody concerned is known now.")] = False,
    nobody: Annotated[bool, typer.Option("--nobody", help="With --complete: no person is concerned.")] = False,
    reason: ReasonOption = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Add people to an incident, or state that its list of people is complete."""
    from peelian.cli.frame import list_text
    from peelian.oversight.breach.protocol import add_people

    text = list_text(file) if file else ""
    with opened(office) as opened_office:
        by = opened_office.operator(as_)
        made = add_people(opened_office.kernel, by, id, text, complete=complete, nobody=nobody, reason=reason)
    return _told(made)


@command(
    "breach sent",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def sent(
    id: IncidentArgument, as_: AsOption, person: PersonOption = None, on: OnOption = "", office: OfficeOption = HERE
) -> Printed:
    """Record that letters were sent: every planned one, or to the people named. Retries a letter that came back."""
    from peelian.oversight.breach.protocol import letters_sent

    with opened(office) as opened_office:
        made = letters_sent(opened_office.kernel, opened_office.operator(as_), id, person or (), on=on)
    return _told(made)


@command(
    "breach returned",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def returned(id: IncidentArgument, as_: AsOption, person: PersonOption = None, office: OfficeOption = HERE) -> Printed:
    """Record that letters came back. These people were not told, and their deadline runs on."""
    return _step(office, as_, id, "returned", person)


@command(
    "breach told",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def told(
    id: IncidentArgument, as_: AsOption, person: PersonOption = None, on: OnOption = "", office: OfficeOption = HERE
) -> Printed:
    """Record that people were reached, by telephone or in person."""
    return _step(office, as_, id, "told", person, on=on)


@command(
    "breach indirect",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def indirect(
    id: IncidentArgument, as_: AsOption, reason: ReasonOption, person: PersonOption = None, office: OfficeOption = HERE
) -> Printed:
    """Tell people by the public notice: more_harm, undue_hardship, no_contact_data, not_in_lists or not_reached."""
    return _step(office, as_, id, "indirect", person, reason=reason)


@command(
    "breach correct",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def correct(
    id: IncidentArgument,
    as_: AsOption,
    reason: ReasonOption,
    report: Annotated[int, typer.Option(help="Number of the report that is wrong.")] = 1,
    exposure: Annotated[list[str] | None, typer.Option(help="DATASET=WORD. Repeat for more.")] = None,
    kind: Annotated[str, typer.Option(help="What it was instead.")] = "",
    not_concerned: Annotated[list[str] | None, typer.Option(help="Identifier of a person named wrongly.")] = None,
    regime: Annotated[list[str] | None, typer.Option(help="The law that binds it instead. Repeat for more.")] = None,
    office: OfficeOption = HERE,
) -> Printed:
    """Correct a report of an incident. Its harm is then assessed anew."""
    from peelian.oversight.breach import protocol
    from peelian.oversight.breach.incident import incident_of

    with opened(office) as opened_office:
        kernel, by = opened_office.kernel, opened_office.operator(as_)
        reports = incident_of(kernel, id).reports
        exposed = dict(reports[report - 1].exposure) if 0 < report <= len(reports) else {}
        exposed |= dict(pair.partition("=")[::2] for pair in exposure or ())
        changes: dict[str, Any] = ({"exposure": exposed} if exposure else {}) | ({"kind": kind} if kind else {})
        told: dict[str, Any] = {"changes": changes, "without": not_concerned or (), "regimes": regime or ()}
        made = protocol.correct(kernel, by, id, reason=reason, report=report, **told)
    return _told(made)


@command(
    "breach merge",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def merge(
    id: IncidentArgument,
    other: Annotated[str, typer.Argument(help="Number of the other incident, b-…")],
    as_: AsOption,
    reason: ReasonOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Merge two incidents that are one. The older keeps its number."""
    from peelian.oversight.breach import incident

    with opened(office) as opened_office:
        by = opened_office.operator(as_)
        made = incident.merge(opened_office.kernel, by, id, other, reason=reason)
    return _told(made)


@command(
    "breach separate",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def separate(
    id: IncidentArgument,
    as_: AsOption,
    reason: ReasonOption,
    report: Annotated[list[int], typer.Option(help="Number of a report of the other incident. Repeat for more.")],
    office: OfficeOption = HERE,
) -> Printed:
    """Separate an incident that is two. The reports named become a new one."""
    from peelian.oversight.breach import incident

    with opened(office) as opened_office:
        by = opened_office.operator(as_)
        stays, new = incident.separate(opened_office.kernel, by, id, report, reason=reason)
    record, lines = _told(stays)
    return {"stays": record, "new": record_of(new)}, [*lines, *_told(new)[1]]


@command(
    "breach false-alarm",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def false_alarm(id: IncidentArgument, as_: AsOption, reason: ReasonOption, office: OfficeOption = HERE) -> Printed:
    """State that it was a false alarm. The public page says so; nothing is deleted."""
    return _amended(office, as_, id, "false_alarm", reason)


@command(
    "breach close",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def close(id: IncidentArgument, as_: AsOption, reason: ReasonOption, office: OfficeOption = HERE) -> Printed:
    """Close an incident. Refused while somebody concerned was not told."""
    return _amended(office, as_, id, "closed", reason)


@command(
    "breach secret",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /incidents/{id}",
)
def secret(
    id: IncidentArgument,
    name: Annotated[str, typer.Argument(help="What it is or where it lay, never the secret itself.")],
    as_: AsOption,
    replaced: Annotated[str, typer.Option(help="How it was replaced. Without it, the secret is only named.")] = "",
    on: OnOption = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Name a secret that was in what was taken, or state how it was replaced. What the log tells needs no statement."""
    from peelian.oversight.breach.protocol import secret_named

    with opened(office) as opened_office:
        kernel, by = opened_office.kernel, opened_office.operator(as_)
        made = secret_named(kernel, by, id, name, replaced=replaced, on=on)
        lines = secrets_said(kernel, made)
    return record_of(made), [say("Recorded for %(id)s.", id=id), *lines]


def secrets_said(kernel: Kernel, incident: Incident) -> list[str]:
    """Each secret in what was taken, and whether it is replaced; nothing where none was named."""
    from peelian.oversight.breach.taken_secrets import is_contained, secrets_standing

    found = secrets_standing(kernel, incident.secrets)
    lines = [
        f"  · {one.secret.place}: {say('Replaced.')}"
        if one.state == "replaced"
        else f"  ✗ {one.secret.place}: {say(one.remedy)}"
        for one in found
    ]
    if not found:
        return lines
    return [*lines, say("Contained.") if is_contained(found) else say("NOT CONTAINED: not every secret is replaced.")]


def people_said(incident: Incident) -> str:
    """How many people an incident concerns, which is no number where nobody knows."""
    if incident.people_known:
        return say("%(n)d people", n=incident.affected)
    if incident.affected:
        return say("at least %(n)d people, not all known", n=incident.affected)
    return say("people not known")


def record_of(incident: Incident) -> dict[str, Any]:
    """An incident as plain values: what was recorded, and what is known of it now."""
    names = ("kind", "aware_at", "started", "ended", "subjects", "people_known", "affected", "untold", "persons_at")
    derived = {name: getattr(incident, name) for name in (*names, "exposure", "entries", "information", "keep_until")}
    stored = asdict(incident) | {"reports": [report.body() for report in incident.reports]}
    del stored["facts"]
    plain = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in stored.items()}
    return {**plain, **derived}


def _step(
    office: Path, as_: str, id: str, step: str, person: list[str] | None, *, reason: str = "", on: str = ""
) -> Printed:
    from peelian.oversight.breach.protocol import people_step

    with opened(office) as opened_office:
        by = opened_office.operator(as_)
        made = people_step(opened_office.kernel, by, id, step, person or (), reason=reason, on=on)
    return _told(made)


def _amended(office: Path, as_: str, id: str, step: str, reason: str) -> Printed:
    from peelian.oversight.breach.incident import amend

    with opened(office) as opened_office:
        by = opened_office.operator(as_)
        made = amend(opened_office.kernel, by, id, step=step, changes={"reason": reason})
    return _told(made)


def _told(incident: Incident) -> tuple[dict[str, Any], list[str]]:
    """An incident after a step: who is concerned, and who still has to be told."""
    line = say("Recorded for %(id)s.", id=incident.id) + " " + people_said(incident) + "."
    waits = say("Not told yet: %(n)d.", n=len(incident.untold)) if incident.must_tell else ""
    return record_of(incident), [line, *filter(None, [waits])]
