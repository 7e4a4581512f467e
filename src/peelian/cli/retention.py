"""Retention: `peelian retention list`, `define`, `hold`, `release`, `queue`, `recover`, `run`, `classes`."""

from __future__ import annotations

from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened
from peelian.cli.words import say

room = typer.Typer(no_args_is_help=True, help="Retention periods, holds and destruction.")
ReasonOption = Annotated[str, typer.Option(help="Your reason, at least three words. It is archived, not logged.")]
DatasetArgument = Annotated[str, typer.Argument(help="A dataset or item.")]
HeldArgument = Annotated[
    str,
    typer.Argument(help="A dataset or item, an alarm, an incident, or the case of a watch."),
]


def add_to(app: typer.Typer) -> None:
    """Register these commands under `peelian retention`."""
    room.command("list")(list_)
    for command in (define, hold, release, queue, recover, run, classes):
        room.command()(command)
    app.add_typer(room, name="retention")


def list_(
    days: Annotated[int, typer.Option(help="Days ahead.", min=0)] = 7,
    office: OfficeOption = HERE,
) -> Printed:
    """List what will be queued or destroyed soon, what needs a decision, and every hold."""
    from peelian.kernel.model.retention_schedule import coming, why_kept
    from peelian.kernel.retention import retention

    with opened(office) as town:
        found = tuple(retention.items(town.kernel))
        ahead = coming(found, town.kernel.now(), days)
        categories, holds = town.kernel.state.retention.categories, retention.holds_in(town.kernel)
    waits = [item.dataset for item in found if why_kept(item) in ("uncategorised", "person") and not item.queued_at]
    record = {
        "coming": [{"dataset": i.dataset, "at": at.isoformat(), "queued": i.queued_at is not None} for at, i in ahead],
        "need_a_decision": waits,
        "holds": [
            {key: of, "hold": name, "why": why}
            for key, held in holds.items()
            for of, names in held.items()
            for name, why in names.items()
        ],
        "categories": {c.id: {"days": c.days, "access": c.access} for c in categories.values()},
    }
    states = {True: say("destroyed"), False: say("queued")}
    lines = [f"{at.date()}  {states[i.queued_at is not None]:<10} {i.dataset}" for at, i in ahead]
    lines = lines or [say("Nothing is queued or destroyed in the next %(days)d days.", days=days)]
    lines += [say("needs a decision  %(item)s", item=name) for name in waits]
    for held in holds.values():
        found_holds = [(of, name, why) for of, names in held.items() for name, why in names.items()]
        lines += [
            say("held (%(why)s)  %(item)s  %(hold)s", why=why, item=of, hold=name) for of, name, why in found_holds
        ]
    return record, lines


def define(
    category: Annotated[str, typer.Argument(help="Lower-case letters, digits, hyphens.")],
    reason: ReasonOption,
    as_: AsOption,
    days: Annotated[int, typer.Option(help="Days to keep. 0: until someone decides.")] = 0,
    access: Annotated[str, typer.Option(help="restricted, confidential, or empty.")] = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Define or change a retention category."""
    from peelian.kernel.retention import retention

    with opened(office) as town:
        made = retention.define(town.kernel, town.operator(as_), category, days=days, access=access, words=reason)
    line = "%(category)s: kept %(days)d days." if made.days else "%(category)s: kept until someone decides."
    record = {"category": made.id, "days": made.days, "access": made.access}
    return record, [say(line, category=made.id, days=made.days)]


def hold(
    of: HeldArgument,
    reason: ReasonOption,
    as_: AsOption,
    why: Annotated[str, typer.Option(help="legal or case.")] = "legal",
    office: OfficeOption = HERE,
) -> Printed:
    """Place a hold. Nothing it covers is destroyed until you release it.

    A hold covers a dataset and what was made from it, an alarm with its incident, or all alarms of a watch.
    """
    from peelian.kernel.retention import retention

    with opened(office) as town:
        name = retention.hold(town.kernel, town.operator(as_), of, why=why, words=reason)
        key = retention.held_as(town.kernel, of)
    return {key: of, "hold": name}, [say("Held: %(item)s (%(hold)s)", item=of, hold=name)]


def release(
    of: HeldArgument,
    name: Annotated[str, typer.Argument(help="Name of the hold.")],
    reason: ReasonOption,
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Release a hold. What is past its retention period is destroyed by the next daily job."""
    from peelian.kernel.retention import retention

    with opened(office) as town:
        key = retention.release(town.kernel, town.operator(as_), of, name, words=reason)
    return {key: of, "released": name}, [say("Released: %(hold)s", hold=name)]


def queue(
    dataset: DatasetArgument,
    reason: ReasonOption,
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Queue a dataset for destruction. It is unusable at once and destroyed after 7 days."""
    from peelian.kernel.retention import retention

    with opened(office) as town:
        retention.queue(town.kernel, town.operator(as_), dataset, words=reason)
    return ({"queued": dataset}, [say("Queued: %(item)s. Destroyed in 7 days unless recovered.", item=dataset)])


def recover(
    dataset: DatasetArgument,
    reason: ReasonOption,
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Recover a dataset from the destruction queue."""
    from peelian.kernel.retention import retention

    with opened(office) as town:
        retention.recover(town.kernel, town.operator(as_), dataset, words=reason)
    return ({"recovered": dataset}, [say("Recovered: %(item)s. It is not queued again for 30 days.", item=dataset)])


def run(office: OfficeOption = HERE) -> Printed:
    """Run the daily job: queue what is due, destroy what was queued 7 days ago, destroy expired partitions.

    An office that is served does this itself. Otherwise run it from a timer. After more than 31 days without it, or
    when the clock jumped, it waits one day first.
    """
    from peelian.kernel.retention.expiry_job import has_jumped, sweep

    with opened(office) as town:
        done, gone = sweep(town.kernel)
        waited = has_jumped(town.kernel)
    queued, destroyed = f"{say('queued'):<10}", f"{say('destroyed'):<10}"
    lines = [*(f"{queued} {name}" for name in done.queued), *(f"{destroyed} {name}" for name in done.destroyed)]
    lines += [f"{destroyed} {say('retention partition %(name)s', name=partition)}" for partition in gone.partitions]
    if gone.partitions:
        counts = {"gone": gone.documents, "carried": gone.carried}
        lines.append(say("Documents destroyed: %(gone)d. Still needed and carried over: %(carried)d.", **counts))
    if waited:
        lines.append(say("The clock jumped %(days)d days since the last job. Nothing is destroyed today.", days=waited))
        lines.append(say("Check the clock. If it is right, run this again after 24 hours. See `peelian doctor`."))
    archive = {"partitions": gone.partitions, "documents": gone.documents, "carried": gone.carried}
    record = {"queued": done.queued, "destroyed": done.destroyed, "archive": archive, "waited": waited}
    return record, lines or [say("Nothing was due.")]


def classes(office: OfficeOption = HERE) -> Printed:
    """Show each class of archived documents: how long it is kept, how many there are, next destruction."""
    from peelian.kernel.retention.expiry_job import kept_classes

    with opened(office) as town:
        found = kept_classes(town.kernel)
    record = [{"class": one.retention, "days": one.days, "documents": one.documents, "next": one.next} for one in found]
    lines = []
    for one in found:
        values = {"n": one.documents, "days": one.days, "next": one.next or say("none")}
        text = "%(n)d documents, kept %(days)d days after their quarter. Next destruction: %(next)s"
        lines.append(f"{one.retention:<9} {say(text if one.days else '%(n)d documents, kept without limit', **values)}")
    return record, lines
