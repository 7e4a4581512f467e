"""Recordings: keep, tag, review, redact, deliver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

from peelian.acts.act import Acts, Done, asked
from peelian.acts.choices import MOST_CASES, case_name, datasets, person_token
from peelian.errors import sentence
from peelian.kernel.model.doors import Leaves, Suspended
from peelian.pictures.panels import Say

if TYPE_CHECKING:
    from peelian.acts.act import Roles
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import Office

acts = Acts("footage", "Recordings", "Recordings: keep, tag, review, redact, deliver.")


def _taggers() -> Roles:
    from peelian.kernel.retention.retention import TAGGERS

    return TAGGERS


def _privacy_officers() -> Roles:
    from peelian.kernel.model.capability import Role

    return frozenset({Role.PRIVACY_OFFICER})


def _clerks() -> Roles:
    from peelian.kernel.model.capability import Role

    return frozenset({Role.CLERK})


def _packed(folder: TemporaryDirectory[str]) -> Iterator[bytes]:
    """The encrypted package and its receipt in one archive; the folder is removed once it was sent."""

    from peelian.operations.zipped import pieces_of, zipped

    with folder as name:
        yield from zipped((file.name, pieces_of(file)) for file in sorted(Path(name).iterdir()))


def _confidential(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.kernel.access.access_classes import access_of

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

    from peelian.oversight.transparency import register

    for one in register.page(office.kernel, most=MOST_CASES).cases:
        if one.choice == "accept" and office.kernel.past_capability(one.capability).delivers:
            yield one.case, case_name(one, say)


@acts.does(
    "tag",
    "Set the categories of a recording",
    "A category says how long it is kept and who may see it.",
    whom=_taggers,
    suspended=Suspended.STOPS,
    typed=("item",),
    offered={"item": datasets, "categories": _categories},
)
def tag(
    office: Office,
    by: Operator,
    *,
    item: Annotated[str, asked("Dataset or recording")],
    categories: Annotated[tuple[str, ...], asked("Categories. They replace those it had")],
    reason: Annotated[str, asked("Reason, at least three words", lines=3)],
) -> Done:
    """Set the categories of a recording."""
    from peelian.kernel.retention import retention

    retention.tag(office.kernel, by, item, categories, words=reason)
    says, record = sentence("Categories of %(item)s replaced.", item=item), {"item": item, "categories": categories}
    return Done(says=says, href=f"/items/{item}", record=record)


@acts.does(
    "allow",
    "Allow a person to use a confidential recording",
    "Nobody else may use it. The log says who was allowed, and when.",
    whom=_privacy_officers,
    suspended=Suspended.STOPS,
    reads="people",
    typed=("item",),
    offered={"item": _confidential, "person": _people},
)
def allow(
    office: Office,
    by: Operator,
    *,
    item: Annotated[str, asked("Confidential dataset or recording")],
    person: Annotated[str, asked("Person")],
    may: Annotated[str, asked("Permission", names={"yes": "Give permission", "no": "Withdraw the permission"})],
) -> Done:
    """Allow a person to use a confidential recording."""
    from peelian.kernel.access import access_classes

    given = may == "yes"
    access_classes.allow(office.kernel, by, item, person_token(office, person), may=given)
    text = "Permission given for %(item)s." if given else "Permission withdrawn for %(item)s."
    return Done(
        says=sentence(text, item=item), href=f"/items/{item}", record={"item": item, "person": person, "may": given}
    )


@acts.does(
    "deliver",
    "Take a package along for its recipient",
    "A zip archive with the package, which only the recipient can open, and its receipt from the log.",
    whom=_clerks,
    leaves=Leaves.RECORDING,
    suspended=Suspended.COURT,
    offered={"case": _deliverable},
    command="",  # the terminal writes the package where it is told, and its receipt beside it
)
def deliver(
    office: Office,
    by: Operator,
    *,
    case: Annotated[str, asked("Accepted case")],
) -> Done:
    """Take a package along for its recipient."""
    folder = TemporaryDirectory(prefix="peelian-")
    try:
        office.hand_over(by, case, Path(folder.name) / f"{case.replace('/', '-')}.age")
    except BaseException:
        folder.cleanup()
        raise
    return Done(says="Written.", file=(f"{case}.zip", _packed(folder)))
