"""Retention: categories, holds, the queue and what leads back out of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peelian.errors import sentence
from peelian.kernel.model import archive_partitions
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.model.retention_schedule import coming, why_kept
from peelian.kernel.retention import retention
from peelian.kernel.retention.expiry_job import kept_classes
from peelian.kernel.retention.retention import HOLDERS, LIBRARIANS, TAGGERS
from peelian.operations.office import Office
from peelian.oversight.watch_list import watch_rows, watch_titles
from peelian.pictures.panels import Grid, Say
from peelian.web.pages import moment
from peelian.web.tasks.task import Done, Task, asked

GROUP, AHEAD = "Retention", 30
REASON = "Reason, at least three words"
ACCESS = {"": "Everyone with this task", "restricted": "Restricted", "confidential": "Confidential"}
HOLDS = {"legal": "Legal", "case": "Open case", "incident": "Incident"}
CLASSES = {
    archive_partitions.CASES: "Cases",
    archive_partitions.REFUSALS: "Refusals",
    archive_partitions.PEOPLE: "People",
    archive_partitions.AUTHORIZATIONS: "Authorizations",
    archive_partitions.DATA: "Data",
    archive_partitions.REGISTER: "Public register",
    archive_partitions.ALARMS: "Alarms",
    archive_partitions.RECORDS: "Records of the office",
}
"""The title of each class of archived documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined:
    category: str = asked("Name of the category: lower-case letters, digits, hyphens")
    days: int = asked("Days to keep. 0: until someone decides", default=0)
    access: str = asked(
        "Who may see it",
        default="",
        names=ACCESS,
    )
    reason: str = asked(REASON, lines=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    of: str = asked("What to hold: a dataset or recording, an alarm, an incident, or the case of a watch")
    why: str = asked("Kind of hold", default="legal", names={word: HOLDS[word] for word in ("legal", "case")})
    reason: str = asked(REASON, lines=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    hold: str = asked("Hold")
    reason: str = asked(REASON, lines=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDataset:
    dataset: str = asked("Dataset or recording")
    reason: str = asked(REASON, lines=3)


def _define(office: Office, by: Operator, given: Defined) -> Done:
    made = retention.define(office.kernel, by, given.category, days=given.days, access=given.access, words=given.reason)
    text = "%(category)s: kept %(days)d days." if made.days else "%(category)s: kept until someone decides."
    return Done(says=sentence(text, category=made.id, days=made.days))


def _hold(office: Office, by: Operator, given: Held) -> Done:
    name = retention.hold(office.kernel, by, given.of, why=given.why, words=given.reason)
    return Done(says=sentence("Held: %(item)s (%(hold)s)", item=given.of, hold=name))


def _release(office: Office, by: Operator, given: Released) -> Done:
    of, _, name = given.hold.rpartition(" ")
    retention.release(office.kernel, by, of, name, words=given.reason)
    return Done(says=sentence("Released: %(hold)s", hold=name))


def _queue(office: Office, by: Operator, given: OneDataset) -> Done:
    retention.queue(office.kernel, by, given.dataset, words=given.reason)
    return Done(says=sentence("Queued: %(item)s. Destroyed in 7 days unless recovered.", item=given.dataset))


def _recover(office: Office, by: Operator, given: OneDataset) -> Done:
    retention.recover(office.kernel, by, given.dataset, words=given.reason)
    return Done(says=sentence("Recovered: %(item)s. It is not queued again for 30 days.", item=given.dataset))


def _holds(office: Office) -> Iterable[tuple[str, str, str]]:
    """Each hold: what is held, its name, and why."""
    for held in retention.holds_in(office.kernel).values():
        yield from ((of, name, why) for of, names in held.items() for name, why in names.items())


def _held_now(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    titles = _titles(office)
    for of, name, _ in _holds(office):
        yield f"{of} {name}", say("%(name)s: %(value)s", name=titles.get(of, of), value=name)


def _titles(office: Office) -> dict[str, str]:
    """The title of every dataset that is there, queued ones, too. O(datasets)."""
    state = office.kernel.state
    return {one.dataset: str(one.declaration["title"]) for one in (*state.datasets.values(), *state.queued.values())}


def _datasets(office: Office, say: Say, *, queued: bool) -> Iterable[tuple[str, str]]:
    state = office.kernel.state
    titles = _titles(office)
    for name in state.queued if queued else state.datasets:
        yield name, say("%(name)s: %(value)s", name=titles[name], value=name)


def _holdable(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """What a hold is mostly placed on: datasets and watches. Any alarm or incident can be typed."""
    yield from _titles(office).items()
    watches = watch_titles(office.kernel)
    yield from ((row["case"], say(watches.get(row["watch"], row["watch"]))) for row in watch_rows(office.kernel))


def _coming(office: Office, say: Say, language: str) -> Grid | None:
    """What is due, what waits for a person, and what is held. O(datasets)."""
    found = tuple(retention.items(office.kernel))
    states = {True: say("To be destroyed on"), False: say("To be queued on")}
    rows = [
        (item.dataset, states[item.queued_at is not None], moment(at.date().isoformat(), language))
        for at, item in coming(found, office.kernel.now(), AHEAD)
    ]
    waits = [i for i in found if why_kept(i) in ("uncategorised", "person") and not i.queued_at]
    rows += [(item.dataset, say("Needs a decision"), "") for item in waits]
    rows += [(of, say("Held"), f"{name} ({say(HOLDS[why])})") for of, name, why in _holds(office)]
    titles = (say("Dataset or recording"), say("Identifier"), say("State"), say("Date or hold"))
    known = _titles(office)
    told = tuple((known.get(of, of), of, *rest) for of, *rest in rows)
    return Grid(caption=say("Due within 30 days, and held"), titles=titles, rows=told) if rows else None


def _categories(office: Office, say: Say, language: str) -> Grid | None:
    known = office.kernel.state.retention.categories.values()
    rows = tuple((one.id, str(one.days or say("until someone decides")), say(ACCESS[one.access])) for one in known)
    titles = (say("Category"), say("Days kept"), say("Who may see it"))
    return Grid(caption=say("Categories"), titles=titles, rows=rows) if rows else None


def _classes(office: Office, say: Say, language: str) -> Grid | None:
    rows = tuple(
        (
            say(CLASSES[one.retention]),
            say("%(n)d", n=one.documents),
            str(one.days or say("without limit")),
            moment(one.next, language) if one.next else say("none"),
        )
        for one in kept_classes(office.kernel)
    )
    titles = (say("Class"), say("Documents"), say("Days after their quarter"), say("Next destruction"))
    return Grid(caption=say("Archived documents"), titles=titles, rows=rows, numeric=frozenset({1})) if rows else None


def _task(id: str, title: str, about: str, roles: Any, **more: Any) -> Task:
    return Task(id=f"retention-{id}", group=GROUP, title=title, about=about, roles=roles, **more)


TASKS = (
    _task(
        "list",
        "What is due for destruction",
        "What is queued or destroyed soon, what needs a decision, and every hold.",
        HOLDERS | LIBRARIANS | TAGGERS,
        shows=_coming,
        empty="Nothing is due within 30 days, and nothing is held.",
    ),
    _task(
        "classes",
        "How long documents are kept",
        "Each class of archived documents: how long it is kept, and when the next are destroyed.",
        HOLDERS | LIBRARIANS | TAGGERS,
        shows=_classes,
    ),
    _task(
        "define",
        "Define a retention category",
        "A category says how long recordings are kept. Of several, the longest counts.",
        LIBRARIANS,
        params=Defined,
        do=_define,
        shows=_categories,
    ),
    _task(
        "hold",
        "Place a hold",
        "Nothing that a hold covers is destroyed until you release it. It covers what was made from a dataset, too.",
        HOLDERS,
        params=Held,
        do=_hold,
        hints={"of": _holdable},
        shows=_coming,
    ),
    _task(
        "release",
        "Release a hold",
        "What is past its retention period is destroyed by the next daily job.",
        HOLDERS,
        params=Released,
        do=_release,
        offered={"hold": _held_now},
    ),
    _task(
        "queue",
        "Queue for destruction",
        "It is unusable at once and destroyed after 7 days.",
        HOLDERS,
        params=OneDataset,
        do=_queue,
        offered={"dataset": lambda office, say: _datasets(office, say, queued=False)},
    ),
    _task(
        "recover",
        "Recover from the destruction queue",
        "For 7 days a queued dataset can be taken back. It is then not queued again for 30 days.",
        HOLDERS | {Role.CUSTODIAN},
        params=OneDataset,
        do=_recover,
        offered={"dataset": lambda office, say: _datasets(office, say, queued=True)},
    ),
)
