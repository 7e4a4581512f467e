"""Notices: whom a warrant concerned is told once it is over, or a court says until when not.

Every warrant under which something was collected or opened ends in a notice that was sent, or a court's postponement.
`records.owed_notices` keeps the clock. The office records that a notice was sent, on which day and how; it neither
writes nor sends it, and never learns here whom it concerned.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, timedelta

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import keep
from peelian.kernel.records.owed_notices import Notice, law_of, notices
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.measure.contacts import must_hold_no_contact

RECORD = "warrant_notice"
LONGEST = 200


@act
def notify(
    kernel: Kernel, by: Operator, warrant: str, *, sent: str = "", how: str = "", until: str = "", reference: str = ""
) -> None:
    """Record that notice was `sent` (an ISO day) and how; or that a court deferred it `until` a day, under a reference.

    InputError where it says neither or both, a day of the future or before the warrant's end, or a postponement longer
    than the law's longest, counted from the day that notice was due; OutOfOrder for a warrant that owes none, runs
    still, or of which notice was sent.
    """
    with kernel.lock:
        owed = next((one for one in notices(kernel) if one.warrant == warrant), None)
        if owed is None:
            raise OutOfOrder("No notice is owed under this warrant.")
        if owed.state(kernel.now()) in ("running", "sent"):
            raise OutOfOrder("This warrant is still in force, or its notice was sent already.")
        if bool(sent) == bool(until):
            raise InputError("neither sent nor deferred, or both", column="sent", accepted="a day of one of them")
        words, name = (how, "how") if sent else (reference, "reference")
        if not words.strip() or len(words) > LONGEST or not words.isprintable():
            accepted = sentence("1 to %(most)s characters", most=str(LONGEST))
            raise InputError("text missing, too long or not printable", column=name, accepted=accepted)
        must_hold_no_contact(words)
        told = _sent(kernel, owed, sent) if sent else _until(kernel, owed, until)
        keep(kernel, by, RECORD, {**told, name: words.strip()}, of=warrant, **told)


def overdue(kernel: Kernel) -> tuple[Notice, ...]:
    """Those whose last day has passed, without a notice or a later day of a court."""
    return tuple(one for one in notices(kernel) if one.state(kernel.now()) == "overdue")


def open_ones(kernel: Kernel) -> Iterable[Notice]:
    """Those that somebody still has to do something about."""
    return (one for one in notices(kernel) if one.state(kernel.now()) in ("due", "deferred", "overdue"))


def _sent(kernel: Kernel, owed: Notice, sent: str) -> dict[str, str]:
    if not owed.ends.date() <= (day := _day(sent, "sent")) <= _today(kernel):
        raise InputError("not a day since the warrant ended", column="sent", accepted="a day up to today")
    return {"sent": day.isoformat()}


def _until(kernel: Kernel, owed: Notice, until: str) -> dict[str, str]:
    last = owed.due + timedelta(days=law_of(kernel, owed).most_deferred_days)
    if not _today(kernel) < (day := _day(until, "until")) <= last:
        accepted = sentence("a day after today, up to %(day)s", day=last.isoformat())
        raise InputError("not a day until which a court can defer it", column="until", accepted=accepted)
    return {"until": day.isoformat()}


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("not a day", column=name, accepted="YYYY-MM-DD") from None


def _today(kernel: Kernel) -> date:
    return kernel.now().astimezone(UTC).date()
