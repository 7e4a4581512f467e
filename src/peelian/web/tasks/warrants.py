"""Provisional warrants: the court confirmed one within its 48 hours, or refused it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from peelian.errors import sentence
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.model.warrants import PROVISIONAL
from peelian.kernel.verbs import warrant_lifecycle
from peelian.operations.office import Office
from peelian.pictures.panels import Say
from peelian.web.pages import stamp
from peelian.web.tasks.task import Done, Task, asked

GROUP = "Warrants"
RECORDERS = ISSUERS[AuthorizationKind.WARRANT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    warrant: str = asked("Provisional warrant")
    reference: str = asked("File number of the court")
    days: int = asked("Days it is valid from now")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    warrant: str = asked("Provisional warrant")
    reason: str = asked("Reason given by the court, at least three words", lines=3)


def _confirm(office: Office, by: Operator, given: Confirmed) -> Done:
    made = warrant_lifecycle.confirm(office.kernel, by, given.warrant, days=given.days, reference=given.reference)
    return Done(says=sentence("Warrant confirmed until %(day)s.", day=made.ends[:10]))


def _refuse(office: Office, by: Operator, given: Refused) -> Done:
    n = warrant_lifecycle.refuse(office.kernel, by, given.warrant, words=given.reason)
    return Done(says=sentence("Warrant ended. Objects and documents destroyed: %(n)d.", n=n))


def _provisional(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Provisional warrants that are neither confirmed nor refused, the newest first."""
    known = office.kernel.state.authorizations
    warrants = {digest: one for digest, one in known.items() if one.kind is AuthorizationKind.WARRANT}
    confirmed = {one.before for one in warrants.values()}
    waiting = [
        (digest, one)
        for digest, one in warrants.items()
        if one.body.get("status") == PROVISIONAL and digest not in confirmed
    ]
    for digest, one in sorted(waiting, key=lambda each: each[1].starts, reverse=True):
        at = f"{stamp(say, one.starts)} UTC"
        yield digest, say("%(title)s, %(area)s (%(id)s)", title=one.serves, area=at, id=digest[:8])


TASKS = (
    Task(
        id="warrant-confirm",
        group=GROUP,
        title="Record that the court confirmed a warrant",
        about="A provisional warrant ends after 48 hours unless the court confirmed it. Its data are then destroyed.",
        roles=RECORDERS,
        params=Confirmed,
        do=_confirm,
        offered={"warrant": _provisional},
    ),
    Task(
        id="warrant-refuse",
        group=GROUP,
        title="Record that the court refused a warrant",
        about="It ends now. All that was collected under it is destroyed and cannot be recovered.",
        roles=RECORDERS,
        params=Refused,
        do=_refuse,
        offered={"warrant": _provisional},
    ),
)
