"""Data: several datasets in partitions become one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from peelian.acts.act import Acts, Done, asked
from peelian.errors import sentence
from peelian.kernel.model.doors import Suspended
from peelian.pictures.panels import Grid, Say

if TYPE_CHECKING:
    from peelian.acts.act import Roles
    from peelian.kernel.model.documents import Admission
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import Office

acts = Acts("data", "Data", "Data: formats, areas, labels, combinations.")


def _admitters() -> Roles:
    from peelian.kernel.verbs.custody import ADMITTERS

    return ADMITTERS


def in_partitions(office: Office) -> list[Admission]:
    """The datasets in partitions that can be combined, the newest first. O(datasets)."""
    from peelian.kernel.model.partitions import lists_partitions

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


@acts.does(
    "combine",
    "Combine datasets",
    "Several datasets in partitions become one. Nothing is copied. It serves only purposes that all of them serve, "
    "until the first of them is past its time. They need the same time zone and town centre.",
    whom=_admitters,
    suspended=Suspended.STOPS,
    typed=("datasets",),
    offered={"datasets": _offered},
    shows=_centres,
)
def combine(
    office: Office,
    by: Operator,
    *,
    datasets: Annotated[tuple[str, ...], asked("Datasets in partitions, two or more")],
    title: Annotated[str, asked("Name of the combined dataset")],
) -> Done:
    """Make one dataset of several in partitions."""
    from peelian.kernel.state.object_state import partitions_of
    from peelian.kernel.verbs.combination import combine as combined

    made = combined(office.kernel, by, datasets, title=title)
    of = {name: office.kernel.state.datasets[name].digest for name in datasets}
    record = {"dataset": made.dataset, "rows": made.rows, "digest": made.digest, "combined": of}
    record |= {"partitions": len(partitions_of(office.kernel, made))}
    says = sentence("Combined: %(n)d rows as %(dataset)s.", n=made.rows, dataset=made.dataset)
    digests = (sentence("Digest: %(digest)s", digest=made.digest),)
    return Done(says=says, href=f"/data/sets/{made.dataset}", next=digests, record=record)
