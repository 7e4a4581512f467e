"""Retention at the desk: `peelian retention list`, `define`, `hold`, `release`, `queue`, `recover`, `run`."""

from __future__ import annotations

from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, JsonOption, OfficeOption, opened, tell

room = typer.Typer(no_args_is_help=True, help="How long data is kept, what keeps it longer, and what is destroyed.")
WordsOption = Annotated[str, typer.Option(help="Why, in at least three words; kept in the archive, not in the log.")]
DatasetArgument = Annotated[str, typer.Argument(help="A dataset of any kind.")]
HeldArgument = Annotated[
    str,
    typer.Argument(help="A dataset of any kind, an alarm (or an incident), or a watch: its case, see `watch list`."),
]


def add_to(app: typer.Typer) -> None:
    """Register these commands under `peelian retention`."""
    room.command("list")(list_)
    for command in (define, hold, release, queue, recover, run, classes):
        room.command()(command)
    app.add_typer(room, name="retention")


def list_(
    days: Annotated[int, typer.Option(help="How far ahead to look.", min=0)] = 7,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The weekly list: what will be queued or destroyed in the next days, what waits for a person, and every hold."""
    from peelian.governance import retention
    from peelian.governance.retention_rules import coming, why_kept

    with opened(office) as house:
        found = tuple(retention.items(house.house))
        ahead = coming(found, house.house.now(), days)
        categories, holds = house.house.book.shelf.categories, retention.holds_in(house.house)
    waits = [item.dataset for item in found if why_kept(item) in ("uncategorised", "person") and not item.queued_at]
    record = {
        "coming": [{"dataset": i.dataset, "at": at.isoformat(), "queued": i.queued_at is not None} for at, i in ahead],
        "wait_for_a_person": waits,
        "holds": [
            {key: of, "hold": name, "why": why}
            for key, held in holds.items()
            for of, names in held.items()
            for name, why in names.items()
        ],
        "categories": {c.id: {"days": c.days, "access": c.access} for c in categories.values()},
    }
    lines = [f"{at.date()}  {'destroyed' if i.queued_at else 'queued':<10} {i.dataset}" for at, i in ahead] or [
        f"Nothing is queued or destroyed in the next {days} days."
    ]
    lines += [f"{'until decided':<11} {name}" for name in waits]
    for held in holds.values():
        lines += [f"held ({why})  {of}  {name}" for of, names in held.items() for name, why in names.items()]
    tell(record, lines, as_json=as_json)


def define(
    category: Annotated[str, typer.Argument(help="Small letters, digits and dashes.")],
    words: WordsOption,
    as_: AsOption,
    days: Annotated[int, typer.Option(help="How long; 0: until a person decides.")] = 0,
    access: Annotated[str, typer.Option(help="restricted, confidential, or nothing.")] = "",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Define or change a category."""
    from peelian.governance import retention

    with opened(office) as house:
        made = retention.define(house.house, house.operator(as_), category, days=days, access=access, words=words)
    kept = f"{made.days:,} days" if made.days else "until a person decides"
    tell({"category": made.id, "days": made.days, "access": made.access}, [f"{made.id}: {kept}."], as_json=as_json)


def hold(
    of: HeldArgument,
    words: WordsOption,
    as_: AsOption,
    why: Annotated[str, typer.Option(help="legal, or case.")] = "legal",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Keep a dataset and what was made from it, an alarm with its incident, or all alarms of a watch, until the hold is
    released."""
    from peelian.governance import retention

    with opened(office) as house:
        name = retention.hold(house.house, house.operator(as_), of, why=why, words=words)
        key = retention.held_as(house.house, of)
    tell({key: of, "hold": name}, [f"{of} is held ({name})."], as_json=as_json)


def release(
    of: HeldArgument,
    name: Annotated[str, typer.Argument(help="The hold's name.")],
    words: WordsOption,
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Lift a hold: what is past its time goes with the next daily job."""
    from peelian.governance import retention

    with opened(office) as house:
        key = retention.release(house.house, house.operator(as_), of, name, words=words)
    tell({key: of, "released": name}, [f"{name} is lifted."], as_json=as_json)


def queue(
    dataset: DatasetArgument,
    words: WordsOption,
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Decide that a dataset may go: out of use at once, destroyed after 7 days."""
    from peelian.governance import retention

    with opened(office) as house:
        retention.queue(house.house, house.operator(as_), dataset, words=words)
    tell({"queued": dataset}, [f"{dataset} is queued: it is destroyed in 7 days unless recovered."], as_json=as_json)


def recover(
    dataset: DatasetArgument,
    words: WordsOption,
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take a dataset out of the queue."""
    from peelian.governance import retention

    with opened(office) as house:
        retention.recover(house.house, house.operator(as_), dataset, words=words)
    tell({"recovered": dataset}, [f"{dataset} is back; it is not due again by itself for 30 days."], as_json=as_json)


def run(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """The office's daily job: queue what is due, destroy what has waited its 7 days, and shelves of the archive whose
    time is over. Run it from a timer where nothing is served: an office that is served does it by itself. After more
    than 31 days without it, or where the clock jumped, it waits a day first."""
    from peelian.governance.expiry import has_jumped, sweep

    with opened(office) as house:
        done, gone = sweep(house.house)
        waited = has_jumped(house.house)
    lines = [*(f"queued     {name}" for name in done.queued), *(f"destroyed  {name}" for name in done.destroyed)]
    lines += [f"destroyed  the archive's shelf {shelf}" for shelf in gone.shelves]
    if gone.shelves:
        lines.append(f"{gone.documents} documents are gone; {gone.carried} that are still needed were carried over.")
    if waited:
        lines.append(f"The clock jumped {waited:,} days since the last job: nothing is destroyed today.")
        lines.append("Look whether it is right. Where it is, run this again after 24 hours; see `peelian doctor`.")
    archive = {"shelves": gone.shelves, "documents": gone.documents, "carried": gone.carried}
    record = {"queued": done.queued, "destroyed": done.destroyed, "archive": archive, "waited": waited}
    tell(record, lines or ["Nothing was due."], as_json=as_json)


def classes(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """How long the archive keeps each class of documents, how many there are, and what is destroyed next."""
    from peelian.governance.expiry import kept_classes

    with opened(office) as house:
        found = kept_classes(house.house)
    record = [{"class": one.retention, "days": one.days, "documents": one.documents, "next": one.next} for one in found]
    lines = [
        f"{one.retention:<9} {one.documents:>9,} documents, "
        + (f"{one.days:,} days after their quarter; next on {one.next or 'no day yet'}" if one.days else "kept")
        for one in found
    ]
    tell(record, lines, as_json=as_json)
