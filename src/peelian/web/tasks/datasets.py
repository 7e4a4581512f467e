"""Datasets in partitions: several become one, and what there is of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from peelian.errors import sentence
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.partitions import lists_partitions
from peelian.kernel.model.people import Operator
from peelian.kernel.verbs.combination import combine
from peelian.kernel.verbs.custody import ADMITTERS
from peelian.operations.office import Office
from peelian.pictures.panels import Grid, Say
from peelian.web.tasks.task import Done, Task, asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    datasets: tuple[str, ...] = asked("Datasets in partitions, two or more")
    title: str = asked("Name of the combined dataset")


def _combine(office: Office, by: Operator, given: Combined) -> Done:
    made = combine(office.kernel, by, given.datasets, title=given.title)
    says = sentence("Combined: %(n)d rows as %(dataset)s.", n=made.rows, dataset=made.dataset)
    return Done(says=says, href=f"/data/sets/{made.dataset}")


def in_partitions(office: Office) -> list[Admission]:
    """The datasets in partitions that can be combined, the newest first. O(datasets)."""
    members = office.kernel.state.objects.members
    known = list(office.kernel.state.datasets.values())[::-1]
    return [one for one in known if lists_partitions(one.object) and one.dataset not in members]


def _offered(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for one in in_partitions(office):
        days = {"from": str(one.facts.get("from_day", "")), "to": str(one.facts.get("to_day", ""))}
        about = {"title": str(one.declaration["title"]), "dataset": one.dataset, "n": one.rows, **days}
        text = "%(title)s (%(from)s to %(to)s, %(n)d rows, %(dataset)s)" if all(days.values()) else ""
        yield one.dataset, say(text or "%(title)s (%(n)d rows, %(dataset)s)", **about)


def _centres(office: Office, say: Say, language: str) -> Grid | None:
    """What must agree in datasets that are combined: shape, time zone and centre."""
    rows = tuple(
        (
            str(one.declaration["title"]),
            str(one.facts.get("zone", "")),
            f"{one.facts.get('centre_lon', '')}, {one.facts.get('centre_lat', '')}",
        )
        for one in in_partitions(office)
    )
    titles = (say("Dataset"), say("Time zone"), say("Town centre: longitude, latitude"))
    return Grid(caption=say("What must agree"), titles=titles, rows=rows) if rows else None


TASKS = (
    Task(
        id="combine",
        group="Data",
        title="Combine datasets",
        about="Several datasets in partitions become one. Nothing is copied. It serves only purposes that all of them "
        "serve, until the first of them is past its time. They need the same time zone and town centre.",
        roles=ADMITTERS,
        params=Combined,
        do=_combine,
        offered={"datasets": _offered},
        shows=_centres,
    ),
)
