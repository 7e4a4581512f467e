"""The public notice of an incident, for people who are not known or cannot be written to safely.

It stands on a public page from when the privacy officer publishes it, with a reason that the law knows, until they end
it with a reason, or state that it was a false alarm. Each is an entry of the log.
"""

from __future__ import annotations

from collections.abc import Mapping

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.breach.channels import INDIRECT_FOR as INDIRECT_FOR
from peelian.oversight.breach.incident import Incident, amend, counts, incident_of, register
from peelian.oversight.breach.letters import Contact
from peelian.oversight.transparency.contact import contact_of

ENDS: Mapping[str, str] = {
    "false_alarm": "It was a false alarm",
    "all_told": "Everybody concerned was told otherwise",
    "rewritten": "It is replaced, as more is known",
}


def publish_notice(kernel: Kernel, by: Operator, id: str, *, reason: str) -> Incident:
    """Show the notice to everybody from now on. InputError: no reason that the law knows, or nobody could ask.
    OutOfOrder: a drill, a false alarm, or a notice that stands. Refused: they are no privacy officer."""
    if reason not in INDIRECT_FOR:
        raise InputError("no reason for a public notice", column="reason", accepted=", ".join(sorted(INDIRECT_FOR)))
    incident = incident_of(kernel, id)
    if incident.drill:
        raise OutOfOrder("A drill has no public notice.")
    if incident.false_alarm:
        raise OutOfOrder("A false alarm has no public notice.")
    if incident.notice_at:
        raise OutOfOrder("The notice of this incident is public already.")
    if contact_of(kernel) is None:
        raise InputError("nobody to ask", accepted="the office's public contact, published before")
    return amend(kernel, by, id, step="notice", changes={"reason": reason})


def end_notice(kernel: Kernel, by: Operator, id: str, *, reason: str) -> Incident:
    """Take the notice off its page. InputError: no reason; OutOfOrder: it does not stand; Refused: they may not."""
    if reason not in ENDS:
        raise InputError("no reason given", column="reason", accepted=", ".join(sorted(ENDS)))
    if not incident_of(kernel, id).notice_at:
        raise OutOfOrder("This incident has no public notice.")
    return amend(kernel, by, id, step="notice_ended", changes={"reason": reason})


def public_notices(kernel: Kernel) -> tuple[Incident, ...]:
    """The incidents whose notice is public now, oldest first: none of a drill, of a false alarm, or of an incident that
    another one took in. O(incidents)."""
    return tuple(one for one in counts(register(kernel)) if one.notice_at)


def public_contact(kernel: Kernel, office: str) -> Contact:
    """Whom the public can ask: the office's published contact."""
    found = contact_of(kernel)
    reach = " · ".join(filter(None, (found.postal, found.telephone, found.email))) if found else ""
    return Contact(office=office, officer="", reach=reach)
