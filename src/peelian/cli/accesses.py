"""`peelian accesses`: the weekly access review, its lists, and the answer to a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import (
    HERE,
    AsOption,
    LanguageOption,
    OfficeOption,
    Printed,
    language_of,
    opened,
    pairs,
    reads,
    written,
)
from peelian.cli.words import say, told
from peelian.errors import InputError
from peelian.kernel.model.doors import Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.operations.office import Office
    from peelian.oversight.subjects import Look, SubjectReport

WeekArgument = Annotated[str, typer.Argument(help="An ISO week, for example 2026-W48.")]
ListArgument = Annotated[Path, typer.Argument(help="A CSV file. It is stored encrypted.")]


@command(
    "accesses weeks",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="GET /accesses",
    reads="access-weeks",
)
def weeks(as_: AsOption, office: OfficeOption = HERE) -> Printed:
    """List weeks with accesses, and which are signed or overdue."""
    from peelian.oversight.review import week as reviews

    with opened(office) as town:
        reads(town, as_, "access-weeks")
        of = reviews.gathered(town.kernel)
        found = [reviews.week_review(town.kernel, one, of=of) for one in reviews.weeks(town.kernel)]
    record = [
        {"week": w.week, "accesses": w.accesses, "items": len(w.items), "signed": w.signed_at, "overdue": w.overdue}
        for w in found
    ]
    lines = []
    for w in found:
        state = say("OVERDUE") if w.overdue else w.signed_at[:10] or say("open")
        counts = say("accesses: %(n)d, to review: %(items)d", n=w.accesses, items=len(w.items))
        lines.append(f"{w.week}  {counts}  {state}")
    return record, lines or [say("No accesses.")]


@command(
    "accesses queue",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="GET /accesses/{week}",
    reads="access-week",
)
def queue(week: WeekArgument, as_: AsOption, office: OfficeOption = HERE) -> Printed:
    """Show the items to review for a week. Each is a question, not a finding of fault."""
    from peelian.oversight.review.week import week_review

    with opened(office) as town:
        review = week_review(town.kernel, week)
        reads(town, as_, "access-week", of=review.week)
    counts = {"week": review.week, "explained": review.explained, "n": review.accesses}
    lines = [say("%(week)s: %(explained)d of %(n)d accesses explained.", **counts)]
    lines += (
        ["  " + say("Not checked, a list is missing: %(list)s", list=", ".join(review.blind))] if review.blind else []
    )
    for item in review.items:
        facts = ", ".join(f"{name} {value}" for name, value in item.facts.items())
        entries = say("entries %(list)s", list=_some(item.entries))
        lines.append(f"  {item.id:<28} {', '.join(item.units):<20} {facts}; {entries}")
    return asdict(review), lines


@command(
    "accesses pledge",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /accesses",
)
def pledge(week: WeekArgument, as_: AsOption, office: OfficeOption = HERE) -> Printed:
    """Commit to a secret number for a future week, so that nobody can choose its random sample."""
    from peelian.oversight.review import sampling

    with opened(office) as town:
        sampling.pledge(town.kernel, town.operator(as_), week)
    return {"week": week}, [say("Number committed for %(week)s.", week=week)]


@command(
    "accesses draw",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /accesses/{week}",
)
def draw(week: WeekArgument, as_: AsOption, office: OfficeOption = HERE) -> Printed:
    """Draw the random sample of a past week. Anyone can repeat the draw."""
    from peelian.oversight.review.week import draw_week

    with opened(office) as town:
        sample = draw_week(town.kernel, town.operator(as_), week)
    values = {"list": _some(sample.entries), "n": sample.size}
    lines = [say("Sample: entries %(list)s, from the root of %(n)d entries.", **values)]
    lines += [] if sample.pledge else [say("No number was committed for this week. The seed is the log root alone.")]
    return asdict(sample), lines


@command(
    "accesses sign",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /accesses/{week}",
)
def sign(
    week: WeekArgument,
    as_: AsOption,
    item: Annotated[
        list[str] | None, typer.Option(help="ITEM=justified|referred|unclear:reason. Repeat for each.")
    ] = None,
    office: OfficeOption = HERE,
) -> Printed:
    """Sign items of a week's review, each with its own outcome and reason. What you leave out stays open.

    A sampled access that a ground explains is justified without a reason: ITEM=justified.
    """
    from peelian.oversight.review.week import sign_off, week_review

    outcomes = {name: _outcome(text) for name, text in pairs(item or [], "--item").items()}
    with opened(office) as town:
        digest = sign_off(town.kernel, town.operator(as_), week, outcomes)
        n = len(week_review(town.kernel, week).open)
    lines = [say("Signed: %(week)s, %(n)d items.", week=week, n=len(outcomes))]
    lines += [say("Items still open: %(n)d.", n=n)] if n else []
    return {"week": week, "digest": digest, "left": n}, lines


@command(
    "accesses staff",
    Enters.FILE,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /tasks/accesses-staff",
)
def staff(file: ListArgument, as_: AsOption, office: OfficeOption = HERE) -> Printed:
    """Store a staff list: person, identifier, surname, gender, left, addresses."""
    from peelian.oversight.review.people import list_staff

    with opened(office) as town:
        n = list_staff(town.kernel, town.operator(as_), list_text(file))
    return {"n": n}, [say("Staff listed: %(n)d.", n=n)]


@command(
    "accesses roster",
    Enters.FILE,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /tasks/accesses-roster",
)
def roster(file: ListArgument, as_: AsOption, office: OfficeOption = HERE) -> Printed:
    """Store a duty roster: person, starts, ends."""
    from peelian.oversight.review.people import list_roster

    with opened(office) as town:
        n = list_roster(town.kernel, town.operator(as_), list_text(file))
    return {"n": n}, [say("Shifts listed: %(n)d.", n=n)]


@command(
    "accesses subjects",
    Enters.FILE,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /tasks/accesses-subjects",
)
def subjects(
    file: ListArgument,
    dataset: Annotated[str, typer.Option(help="Dataset whose records concern these people.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Store whom a dataset concerns: identifier, name, surname, gender, language, mail, phone, safe, standing, to."""
    from peelian.oversight.review.people import list_subjects

    with opened(office) as town:
        n = list_subjects(town.kernel, town.operator(as_), dataset, list_text(file))
    return {"n": n}, [say("People listed for %(dataset)s: %(n)d.", dataset=dataset, n=n)]


@command(
    "accesses assign",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    page="POST /tasks/accesses-assign",
)
def assign(
    case: Annotated[str, typer.Argument(help="A decided case.")],
    unit: Annotated[str, typer.Option(help="Unit that receives it.")],
    as_: AsOption,
    cell: Annotated[list[str] | None, typer.Option(help="A cell it covers. Repeat for more.")] = None,
    days: Annotated[int, typer.Option(help="Days it is valid.")] = 7,
    office: OfficeOption = HERE,
) -> Printed:
    """Assign a decided case to a unit as its plan. Accesses under the plan then count as explained."""
    from peelian.kernel.records import office_records

    with opened(office) as town:
        digest = office_records.assign(town.kernel, town.operator(as_), case, unit=unit, cells=cell or [], days=days)
    line = say("Assigned: %(case)s to %(unit)s for %(days)d days.", case=case, unit=unit, days=days)
    return {"case": case, "digest": digest}, [line]


@command(
    "accesses who-viewed",
    Enters.WORDS,
    Leaves.RECORDS,
    Suspended.ANY,
    page="POST /tasks/who-viewed",
)
def whoaccessed(
    as_: AsOption,
    check: Annotated[str, typer.Option(help="How identity was checked: photo_id_seen, known_in_person…")],
    starts: Annotated[str, typer.Option("--from", help="A time they may have been recorded, with its zone.")] = "",
    ends: Annotated[str, typer.Option("--until", help="The end of that time, at most a day later.")] = "",
    event: Annotated[str, typer.Option(help="Number of the call at that time.")] = "",
    place: Annotated[str, typer.Option(help="Place at that time, as your office writes it.")] = "",
    out: Annotated[Path | None, typer.Option(help="Also write the answer as a letter to this folder.")] = None,
    form: Annotated[str, typer.Option(help="html, or pdf (tagged, PDF/UA-1).")] = "html",
    language: LanguageOption = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Answer a person who asks who viewed their records. Type the identifier when prompted; it is never shown."""
    from peelian.oversight.occasions import occasion_of
    from peelian.oversight.subjects import answer
    from peelian.web.answers import answer_letter

    language, of = language_of(language), occasion_of(starts, ends, event=event, place=place)
    identifier = typer.prompt(say("Identifier of the person"), hide_input=True, err=True)
    with opened(office) as town:
        digest, report = answer(town.kernel, town.operator(as_), identifier, check=check, occasion=of)
        made = town.kernel.now().isoformat()
        letter = answer_letter(town, report, language, form=form, made=made) if out else b""
    lines = [*_answered(town, report)]
    if out:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = out / f"answer-{digest[:12]}-{language}.{form}"
        file.write_bytes(letter)
        file.chmod(0o600)
        lines.append(written(file))
    return {"answer": digest, **asdict(report), "no_one": report.no_one}, lines


def _answered(town: Office, report: SubjectReport) -> Iterator[str]:
    """An answer in lines: what was found, what could not be searched, and what is known of the time that was named."""
    from peelian.kernel.model.technology import records_said

    counts = {"n": len(report.looks), "since": report.since[:10], "entries": report.entries}
    yield say("Accesses since %(since)s: %(n)d, from %(entries)d log entries.", **counts)
    yield from _looked(report.looks)
    if report.no_one:
        yield say("Nobody viewed a record of this person.")
    elif not report.looks:
        yield say("No access found. That nobody viewed a record of this person cannot be said.")
    for one in report.unsearched:
        values = {
            "n": one.n,
            "kind": say(records_said(town.kernel.technologies, one.kind)),
            "first": one.first,
            "last": one.last,
        }
        yield say("Not searched, without a list of people: %(kind)s, %(n)d, %(first)s to %(last)s.", **values)
    if (found := report.occasion) is not None:
        window = {"n": found.recordings, "starts": found.starts[:16], "ends": found.ends[:16]}
        yield say("Recordings without a list from %(starts)s to %(ends)s (UTC) that fit: %(n)d.", **window)
        apart = {"n": found.unstated, "others": found.others}
        yield say("Not compared: %(n)d. At another place or call: %(others)d.", **apart)
        yield from _looked(found.looks)
    elif report.unsearched:
        yield say("Ask for the time and place of a recording, and answer again with --from, --until and --place.")


def _looked(looks: Iterable[Look]) -> Iterator[str]:
    unexplained = say("NOT EXPLAINED, under review")
    for x in looks:
        what = f"  {x.at[:16]}  {x.unit:<20} {x.action:<7} {x.outcome:<8} {x.purpose or '-':<10} "
        yield what + (told(x.ground) if x.ground else unexplained)


def _outcome(text: str) -> tuple[str, str]:
    choice, _, words = text.partition(":")
    return choice.strip(), words.strip()


def list_text(file: Path) -> str:
    """The text of a list of people, staff or shifts; InputError where there is no such file, or it is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("the list is not UTF-8 text", file=file.name, accepted="CSV in UTF-8") from None
    except OSError:
        raise InputError("no such file", file=file.name, accepted="a CSV file") from None


def _some(entries: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, entries[:6]))
    return f"{shown} … ({len(entries)})" if len(entries) > 6 else shown
