"""Retention: categories, holds, the queue and what leads back out of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

from peelian.acts.act import Acts, Done, asked
from peelian.errors import sentence
from peelian.kernel.model.parameters import Limits
from peelian.pictures.panels import Grid, Say

if TYPE_CHECKING:
    from peelian.acts.act import Roles
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import Office

acts = Acts("retention", "Retention", "Retention periods, holds and destruction.")
ACCESS = {"": "Everyone with this task", "restricted": "Restricted", "confidential": "Confidential"}
HOLDS = {"legal": "Legal", "case": "Open case", "incident": "Incident"}
CLASSES = {
    "cases": "Cases",
    "refusals": "Refusals",
    "people": "People",
    "authorizations": "Authorizations",
    "data": "Data",
    "register": "Public register",
    "alarms": "Alarms",
    "records": "Records of the office",
}
"""The title of each class of archived documents (`kernel/model/archive_partitions`)."""
Reason = Annotated[str, asked("Reason, at least three words", lines=3)]
Dataset = Annotated[str, asked("Dataset or recording")]


# ---- whom it is for


def _holders() -> Roles:
    from peelian.kernel.retention.retention import HOLDERS

    return HOLDERS


def _librarians() -> Roles:
    from peelian.kernel.retention.retention import LIBRARIANS

    return LIBRARIANS


def _recoverers() -> Roles:
    from peelian.kernel.model.capability import Role

    return _holders() | {Role.CUSTODIAN}


def _everybody_here() -> Roles:
    from peelian.kernel.retention.retention import TAGGERS

    return _holders() | _librarians() | TAGGERS


# ---- what may be chosen


def _titles(office: Office) -> dict[str, str]:
    """The title of every dataset that is there, queued ones, too. O(datasets)."""
    state = office.kernel.state
    return {one.dataset: str(one.declaration["title"]) for one in (*state.datasets.values(), *state.queued.values())}


def _holds(office: Office) -> Iterable[tuple[str, str, str, str]]:
    """Each hold: what kind of thing is held, which, the name of the hold, and why."""
    from peelian.kernel.retention.retention import holds_in

    for kind, held in holds_in(office.kernel).items():
        yield from ((kind, of, name, why) for of, names in held.items() for name, why in names.items())


def _held_now(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    titles = _titles(office)
    for _, of, name, _ in _holds(office):
        yield f"{of} {name}", say("%(name)s: %(value)s", name=titles.get(of, of), value=name)


def _named(office: Office, say: Say, names: Iterable[str]) -> Iterable[tuple[str, str]]:
    titles = _titles(office)
    yield from ((name, say("%(name)s: %(value)s", name=titles[name], value=name)) for name in names)


def _usable(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return _named(office, say, office.kernel.state.datasets)


def _queued(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return _named(office, say, office.kernel.state.queued)


def _holdable(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """What a hold is mostly placed on: datasets and watches. Any alarm or incident can be typed."""
    from peelian.oversight.watches.watch_list import watch_rows, watch_titles

    yield from _titles(office).items()
    watches = watch_titles(office.kernel)
    yield from ((row["case"], say(watches.get(row["watch"], row["watch"]))) for row in watch_rows(office.kernel))


# ---- what is looked at


def _plan(office: Office, *, days: int) -> dict[str, Any]:
    """What is due, what waits for a person, and what is held, for programs. O(datasets)."""
    from peelian.kernel.model.retention_schedule import coming, why_kept
    from peelian.kernel.retention.retention import items

    found = tuple(items(office.kernel))
    ahead = coming(found, office.kernel.now(), days)
    categories = office.kernel.state.retention.categories.values()
    waiting = ("uncategorised", "person")
    return {
        "coming": [{"dataset": i.dataset, "at": at.isoformat(), "queued": i.queued_at is not None} for at, i in ahead],
        "need_a_decision": [i.dataset for i in found if why_kept(i) in waiting and not i.queued_at],
        "holds": [{kind: of, "hold": name, "why": why} for kind, of, name, why in _holds(office)],
        "categories": {c.id: {"days": c.days, "access": c.access} for c in categories},
    }


@acts.lists(
    "list",
    "What is due for destruction",
    "What is queued or destroyed soon, what needs a decision, and every hold.",
    whom=_everybody_here,
    reads="retention",
    record=_plan,
    empty="Nothing is due, and nothing is held.",
)
def coming_due(
    office: Office,
    say: Say,
    language: str,
    *,
    days: Annotated[int, asked("Days ahead", limits=Limits(least=0, most=3650))] = 30,
) -> Grid | None:
    """What is due within so many days, what waits for a person, and what is held. O(datasets)."""
    from peelian.pictures.moments import moment

    plan, titles = _plan(office, days=days), _titles(office)
    states = {True: say("To be destroyed on"), False: say("To be queued on")}
    rows = [(one["dataset"], states[one["queued"]], moment(one["at"][:10], language)) for one in plan["coming"]]
    rows += [(dataset, say("Needs a decision"), "") for dataset in plan["need_a_decision"]]
    rows += [(of, say("Held"), f"{name} ({say(HOLDS.get(why, why))})") for _, of, name, why in _holds(office)]
    heads = (say("Dataset or recording"), say("Identifier"), say("State"), say("Date or hold"))
    told = tuple((titles.get(of, of), of, *rest) for of, *rest in rows)
    caption = say("Due within %(n)d %(n:day|days), and held", n=days)
    return Grid(caption=caption, titles=heads, rows=told) if rows else None


def _kept_classes(office: Office) -> list[dict[str, Any]]:
    from peelian.kernel.retention.expiry_job import kept_classes

    found = kept_classes(office.kernel)
    return [{"class": one.retention, "days": one.days, "documents": one.documents, "next": one.next} for one in found]


@acts.lists(
    "classes",
    "How long documents are kept",
    "Each class of archived documents: how long it is kept, and when the next are destroyed.",
    whom=_everybody_here,
    record=_kept_classes,
)
def classes(office: Office, say: Say, language: str) -> Grid | None:
    """Each class of archived documents. O(documents)."""
    from peelian.pictures.moments import moment

    rows = tuple(
        (
            say(CLASSES[one["class"]]),
            say("%(n)d", n=one["documents"]),
            str(one["days"] or say("without limit")),
            moment(one["next"], language) if one["next"] else say("none"),
        )
        for one in _kept_classes(office)
    )
    titles = (say("Class"), say("Documents"), say("Days after their quarter"), say("Next destruction"))
    return Grid(caption=say("Archived documents"), titles=titles, rows=rows, numeric=frozenset({1})) if rows else None


def _categories(office: Office, say: Say, language: str) -> Grid | None:
    known = office.kernel.state.retention.categories.values()
    rows = tuple((one.id, str(one.days or say("until someone decides")), say(ACCESS[one.access])) for one in known)
    titles = (say("Category"), say("Days kept"), say("Who may see it"))
    return Grid(caption=say("Categories"), titles=titles, rows=rows) if rows else None


# ---- what is done


@acts.does(
    "define",
    "Define a retention category",
    "A category says how long recordings are kept. Of several, the longest counts.",
    whom=_librarians,
    typed=("category",),
    shows=_categories,
)
def define(
    office: Office,
    by: Operator,
    *,
    category: Annotated[str, asked("Name of the category: lower-case letters, digits, hyphens")],
    days: Annotated[int, asked("Days to keep. 0: until someone decides")] = 0,
    access: Annotated[str, asked("Who may see it", names=ACCESS)] = "",
    reason: Reason,
) -> Done:
    """Define or change a retention category."""
    from peelian.kernel.retention import retention

    made = retention.define(office.kernel, by, category, days=days, access=access, words=reason)
    text = "%(category)s: kept %(days)d days." if made.days else "%(category)s: kept until someone decides."
    record = {"category": made.id, "days": made.days, "access": made.access}
    return Done(says=sentence(text, category=made.id, days=made.days), record=record)


@acts.does(
    "hold",
    "Place a hold",
    "Nothing that a hold covers is destroyed until you release it. It covers what was made from a dataset, too.",
    whom=_holders,
    typed=("of",),
    hints={"of": _holdable},
    shows=coming_due,
    reads="retention",
)
def hold(
    office: Office,
    by: Operator,
    *,
    of: Annotated[str, asked("What to hold: a dataset or recording, an alarm, an incident, or the case of a watch")],
    why: Annotated[str, asked("Kind of hold", names={word: HOLDS[word] for word in ("legal", "case")})] = "legal",
    reason: Reason,
) -> Done:
    """Place a hold."""
    from peelian.kernel.retention import retention

    name = retention.hold(office.kernel, by, of, why=why, words=reason)
    record = {retention.held_as(office.kernel, of): of, "hold": name}
    return Done(says=sentence("Held: %(item)s (%(hold)s)", item=of, hold=name), record=record)


@acts.does(
    "release",
    "Release a hold",
    "What is past its retention period is destroyed by the next daily job.",
    whom=_holders,
    typed=("hold",),
    offered={"hold": _held_now},
    reads="retention",
)
def release(office: Office, by: Operator, *, hold: Annotated[str, asked("Hold")], reason: Reason) -> Done:
    """Release a hold: by its name, or with what it holds before it."""
    from peelian.kernel.retention import retention

    of, _, name = hold.rpartition(" ")
    of = of or next((held for _, held, one, _ in _holds(office) if one == name), "")
    key = retention.release(office.kernel, by, of, name, words=reason)
    return Done(says=sentence("Released: %(hold)s", hold=name), record={key: of, "released": name})


@acts.does(
    "queue",
    "Queue for destruction",
    "It is unusable at once and destroyed after 7 days.",
    whom=_holders,
    typed=("dataset",),
    offered={"dataset": _usable},
)
def queue(office: Office, by: Operator, *, dataset: Dataset, reason: Reason) -> Done:
    """Queue a dataset for destruction."""
    from peelian.kernel.retention import retention

    retention.queue(office.kernel, by, dataset, words=reason)
    says = sentence("Queued: %(item)s. Destroyed in 7 days unless recovered.", item=dataset)
    return Done(says=says, record={"queued": dataset})


@acts.does(
    "recover",
    "Recover from the destruction queue",
    "For 7 days a queued dataset can be taken back. It is then not queued again for 30 days.",
    whom=_recoverers,
    typed=("dataset",),
    offered={"dataset": _queued},
)
def recover(office: Office, by: Operator, *, dataset: Dataset, reason: Reason) -> Done:
    """Take a dataset back from the destruction queue."""
    from peelian.kernel.retention import retention

    retention.recover(office.kernel, by, dataset, words=reason)
    says = sentence("Recovered: %(item)s. It is not queued again for 30 days.", item=dataset)
    return Done(says=says, record={"recovered": dataset})
