"""`peelian accesses` and `peelian whoaccessed`: the weekly review, its lists, and the answer to a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, JsonOption, LanguageOption, OfficeOption, language_of, opened, pairs, tell
from peelian.errors import InputError

WeekArgument = Annotated[str, typer.Argument(help="An ISO week, for example 2026-W48.")]
ListArgument = Annotated[Path, typer.Argument(help="A CSV file; it is kept encrypted.")]


def add_to(app: typer.Typer) -> None:
    """Register the group and the answer."""
    group = typer.Typer(help="Review accesses: every one must be explained, by a case, a plan or a warrant.")
    for command in (weeks, queue, pledge, draw, sign, staff, roster, subjects, assign):
        group.command()(command)
    app.add_typer(group, name="accesses", no_args_is_help=True)
    app.command()(whoaccessed)


def weeks(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """List the weeks that hold accesses, and which are signed or overdue."""
    from peelian.oversight.review import week as reviews

    with opened(office) as house:
        of = reviews.gathered(house.house)
        found = [reviews.week_review(house.house, one, of=of) for one in reviews.weeks(house.house)]
    record = [
        {"week": w.week, "accesses": w.accesses, "items": len(w.items), "signed": w.signed_at, "overdue": w.overdue}
        for w in found
    ]
    lines = [
        f"{w.week}  {w.accesses:>6,} accesses  {len(w.items):>4} to look at  "
        f"{'OVERDUE' if w.overdue else w.signed_at[:10] or 'open'}"
        for w in found
    ]
    tell(record, lines or ["No access so far."], as_json=as_json)


def queue(week: WeekArgument, office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """Show what a week's reviewer must look at; each item is a question, not a verdict."""
    from dataclasses import asdict

    from peelian.oversight.review.week import week_review

    with opened(office) as house:
        review = week_review(house.house, week)
    lines = [f"{review.week}: {review.explained:,} of {review.accesses:,} accesses are explained."]
    lines += [f"  not applied, for a list is missing: {', '.join(review.blind)}"] if review.blind else []
    for item in review.items:
        facts = ", ".join(f"{name} {value}" for name, value in item.facts.items())
        lines.append(f"  {item.id:<28} {', '.join(item.units):<20} {facts}; entries {_some(item.entries)}")
    tell(asdict(review), lines, as_json=as_json)


def pledge(week: WeekArgument, as_: AsOption, office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """Pledge a secret number for a week to come, so that nobody can choose its random sample."""
    from peelian.oversight.review import sampling

    with opened(office) as house:
        sampling.pledge(house.house, house.operator(as_), week)
    tell({"week": week}, [f"Pledged for {week}."], as_json=as_json)


def draw(week: WeekArgument, as_: AsOption, office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """Draw the random sample of a week that is over; anybody can draw it again and find the same."""
    from dataclasses import asdict

    from peelian.oversight.review.week import draw_week

    with opened(office) as house:
        sample = draw_week(house.house, house.operator(as_), week)
    told = "" if sample.pledge else " Nobody pledged a number for this week: its seed is the log's root alone."
    lines = [f"Drawn: entries {_some(sample.entries)}, from the root of {sample.size:,} entries.{told}"]
    tell(asdict(sample), lines, as_json=as_json)


def sign(
    week: WeekArgument,
    as_: AsOption,
    item: Annotated[list[str] | None, typer.Option(help="ITEM=justified|referred|unclear:a few words")] = None,
    rest: Annotated[str, typer.Option(help="For all others: justified|referred|unclear:a few words")] = "",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Sign a week's review, with an outcome and a reason for every item."""
    from peelian.oversight.review.week import sign_off, week_review

    told = {name: _outcome(text) for name, text in pairs(item or [], "item").items()}
    with opened(office) as house:
        if rest:
            told = {i.id: _outcome(rest) for i in week_review(house.house, week).items} | told
        mark = sign_off(house.house, house.operator(as_), week, told)
    tell({"week": week, "mark": mark}, [f"Signed: {week}, {len(told)} items."], as_json=as_json)


def staff(file: ListArgument, as_: AsOption, office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """Keep a staff list: person, identifier, surname, gender, left, addresses."""
    from peelian.oversight.review.people import list_staff

    with opened(office) as house:
        n = list_staff(house.house, house.operator(as_), _text(file))
    tell({"n": n}, [f"Listed: {n:,} people of the staff."], as_json=as_json)


def roster(file: ListArgument, as_: AsOption, office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """Keep a duty roster: person, starts, ends."""
    from peelian.oversight.review.people import list_roster

    with opened(office) as house:
        n = list_roster(house.house, house.operator(as_), _text(file))
    tell({"n": n}, [f"Listed: {n:,} shifts."], as_json=as_json)


def subjects(
    file: ListArgument,
    dataset: Annotated[str, typer.Option(help="The dataset whose records concern these people.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Keep whom a dataset concerns: identifier, name, surname, gender, language, mail, phone, safe."""
    from peelian.oversight.review.people import list_subjects

    with opened(office) as house:
        n = list_subjects(house.house, house.operator(as_), dataset, _text(file))
    tell({"n": n}, [f"Listed: {n:,} people concerned by {dataset}."], as_json=as_json)


def assign(
    case: Annotated[str, typer.Argument(help="A decided case.")],
    unit: Annotated[str, typer.Option(help="The unit it is given to.")],
    as_: AsOption,
    cell: Annotated[list[str] | None, typer.Option(help="A place it covers; repeat for more.")] = None,
    days: Annotated[int, typer.Option(help="For how many days.")] = 7,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Give a decided case to a unit as its plan: accesses under it are then explained."""
    from peelian.governance import records

    with opened(office) as house:
        mark = records.assign(house.house, house.operator(as_), case, unit=unit, cells=cell or [], days=days)
    tell({"case": case, "mark": mark}, [f"Assigned: {case} to {unit} for {days} days."], as_json=as_json)


def whoaccessed(
    as_: AsOption,
    check: Annotated[str, typer.Option(help="How identity was checked: photo_id_seen, known_in_person…")],
    out: Annotated[Path | None, typer.Option(help="Also write the answer as a letter into this folder.")] = None,
    form: Annotated[str, typer.Option(help="html, or pdf (tagged, PDF/UA-1).")] = "html",
    language: LanguageOption = "en",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Answer a person: who looked at records that concern them. Their identifier is asked for and never echoed."""
    from dataclasses import asdict

    from peelian.oversight.subjects import answer
    from peelian.web.answers import answer_letter

    language = language_of(language)
    identifier = typer.prompt("Identifier of the person who asks", hide_input=True, err=True)
    with opened(office) as house:
        mark, report = answer(house.house, house.operator(as_), identifier, check=check)
        made = house.house.now().isoformat()
        letter = answer_letter(house, report, language, form=form, made=made) if out else b""
    lines = [f"{len(report.looks):,} accesses since {report.since[:10]}, from {report.entries:,} entries of the log."]
    lines += [
        f"  {x.at[:16]}  {x.unit:<20} {x.action:<7} {x.outcome:<8} {x.purpose or '-':<10} "
        f"{x.ground or 'NOT EXPLAINED: it is under review'}"
        for x in report.looks
    ]
    lines += [] if report.looks else ["Nobody looked at a record that concerns this person."]
    if out:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = out / f"answer-{mark[:12]}-{language}.{form}"
        file.write_bytes(letter)
        file.chmod(0o600)
        lines.append(f"Written: {file}")
    tell({"answer": mark, **asdict(report)}, lines, as_json=as_json)


def _outcome(text: str) -> tuple[str, str]:
    choice, colon, words = text.partition(":")
    if not colon:
        raise InputError("an outcome has no reason", column="--item", accepted="justified:a few words")
    return choice.strip(), words.strip()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("the list is not UTF-8 text", file=file.name, accepted="CSV in UTF-8") from None
    except OSError:
        raise InputError("there is no such file", file=file.name, accepted="a CSV file") from None


def _some(entries: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, entries[:6]))
    return f"{shown} … ({len(entries)})" if len(entries) > 6 else shown
