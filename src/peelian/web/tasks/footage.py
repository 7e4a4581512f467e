"""Recordings: their categories, who may use a confidential one, and the package for its recipient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from peelian.errors import sentence
from peelian.kernel.access.access_classes import access_of, allow
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.retention import retention
from peelian.kernel.retention.retention import TAGGERS
from peelian.operations.office import Office
from peelian.oversight import register
from peelian.pictures.panels import Say
from peelian.web.tasks.accesses import MOST_CASES, case_name, datasets
from peelian.web.tasks.task import Done, Task, asked
from peelian.web.zipped import pieces_of, zipped

GROUP = "Recordings"
REASON = "Reason, at least three words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    item: str = asked("Dataset or recording")
    categories: tuple[str, ...] = asked("Categories. They replace those it had")
    reason: str = asked(REASON, lines=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    item: str = asked("Confidential dataset or recording")
    person: str = asked("Person")
    may: str = asked("Permission", names={"yes": "Give permission", "no": "Withdraw the permission"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    case: str = asked("Accepted case")


def _tag(office: Office, by: Operator, given: Tagged) -> Done:
    retention.tag(office.kernel, by, given.item, given.categories, words=given.reason)
    return Done(says=sentence("Categories of %(item)s replaced.", item=given.item), href=f"/items/{given.item}")


def _allow(office: Office, by: Operator, given: Allowed) -> Done:
    may = given.may == "yes"
    allow(office.kernel, by, given.item, given.person, may=may)
    text = "Permission given for %(item)s." if may else "Permission withdrawn for %(item)s."
    return Done(says=sentence(text, item=given.item), href=f"/items/{given.item}")


def _deliver(office: Office, by: Operator, given: Delivered) -> Done:
    folder = TemporaryDirectory(prefix="peelian-")
    try:
        office.hand_over(by, given.case, Path(folder.name) / f"{given.case.replace('/', '-')}.age")
    except BaseException:
        folder.cleanup()
        raise
    return Done(says="Written.", file=(f"{given.case}.zip", _packed(folder)))


def _packed(folder: TemporaryDirectory[str]) -> Iterator[bytes]:
    """The encrypted package and its receipt in one archive; the folder is removed once it was sent."""
    with folder as name:
        yield from zipped((file.name, pieces_of(file)) for file in sorted(Path(name).iterdir()))


def _confidential(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    close = {
        one.dataset for one in office.kernel.state.datasets.values() if access_of(office.kernel, one) == "confidential"
    }
    yield from (choice for choice in datasets(office, say) if choice[0] in close)


def _people(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    people = sorted(office.kernel.state.people.values(), key=lambda one: one.name.casefold())
    yield from ((one.token, say("%(name)s: %(value)s", name=one.name, value=one.unit)) for one in people)


def _categories(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    known = office.kernel.state.retention.categories.values()
    yield from ((name, name) for name in sorted(one.id for one in known))


def _deliverable(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Accepted cases that make something to deliver, newest first."""
    for one in register.page(office.kernel, most=MOST_CASES).cases:
        if one.choice == "accept" and office.kernel.past_capability(one.capability).delivers:
            yield one.case, case_name(one, say)


TASKS = (
    Task(
        id="footage-tag",
        group=GROUP,
        title="Set the categories of a recording",
        about="A category says how long it is kept and who may see it.",
        roles=TAGGERS,
        params=Tagged,
        do=_tag,
        offered={"item": datasets, "categories": _categories},
    ),
    Task(
        id="footage-allow",
        group=GROUP,
        title="Allow a person to use a confidential recording",
        about="Nobody else may use it. The log says who was allowed, and when.",
        roles=frozenset({Role.PRIVACY_OFFICER}),
        params=Allowed,
        do=_allow,
        offered={"item": _confidential, "person": _people},
    ),
    Task(
        id="footage-deliver",
        group=GROUP,
        title="Take a package along for its recipient",
        about="A zip archive with the package, which only the recipient can open, and its receipt from the log.",
        roles=frozenset({Role.CLERK}),
        params=Delivered,
        do=_deliver,
        offered={"case": _deliverable},
    ),
)
