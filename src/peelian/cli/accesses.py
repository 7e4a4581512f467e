"""`peelian accesses`: the weekly access review, its lists, and the answer to a person."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import (
    HERE,
    AsOption,
    OfficeOption,
    Printed,
    opened,
    pairs,
    reads,
)
from peelian.cli.words import say
from peelian.kernel.model.doors import Enters, Leaves, Suspended

if TYPE_CHECKING:
    pass

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


def _outcome(text: str) -> tuple[str, str]:
    choice, _, words = text.partition(":")
    return choice.strip(), words.strip()


def _some(entries: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, entries[:6]))
    return f"{shown} … ({len(entries)})" if len(entries) > 6 else shown
