"""Where a refusal can be mended: the pages of whoever can do what its remedies ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from peelian.errors import Reason, Sentence
from peelian.kernel.model.capability import AuthorizationKind, Capability
from peelian.kernel.model.policy_port import TITLES
from peelian.operations.office import Office
from peelian.pictures.panels import Say

Link = tuple[str, str]
EARNED = (AuthorizationKind.ACCURACY_REPORT, AuthorizationKind.IMPACT_ASSESSMENT, AuthorizationKind.WARRANT)
"""What nobody simply issues: a case earns the first, answers make the second, the third is recorded with its paper."""
PAGES: Mapping[str, Link] = {
    "the_technology_is_not_suspended": ("/suspension", "Suspend a technology"),
    "the_bylaws_are_adopted": ("/bylaws", "Bylaws"),
    "a_breach_drill_is_recent": ("/drills", "Breach drill"),
    "the_step_up_is_fresh": ("/step-up", "Confirm your identity"),
    str(AuthorizationKind.IMPACT_ASSESSMENT): ("/assessment/draft", "Impact assessment"),
    str(AuthorizationKind.WARRANT): ("/tasks/warrant-record", "Record a warrant"),
}
"""By rule, or by the authorization that is missing: address and title of the page."""
TASKS: Mapping[str, Link] = {
    "time_does_not_go_back": ("/tasks/proposals-propose", "Propose an act that takes two people"),
    "training expired": ("/tasks/people-train", "Renew training"),
    "requester's training expired": ("/tasks/people-train", "Renew training"),
    "requester not enrolled in this office": ("/tasks/people-enrol", "Enrol a person"),
}
"""By rule, or by what the reason says."""


def mending(office: Office, capability: Capability, reasons: Sequence[Reason], say: Say) -> list[Link]:
    """The pages that mend these reasons, each once; the form of a new request last. O(reasons × capabilities)."""
    links = [link for reason in reasons for link in _of(office, capability, reason, say)]
    again = (f"/ask/{capability.id}", say("Request again"))
    return list(dict.fromkeys([*links, again])) if reasons else []


def earning(office: Office, capability: Capability, kind: AuthorizationKind, say: Say) -> Iterator[Link]:
    """The forms of the uses that earn an authorization of this kind for a capability. O(capabilities)."""
    serves = {capability.id, *(need.or_of for need in capability.needs if need.kind is kind)}
    for technology in office.kernel.technologies:
        for other in technology.capabilities:
            if other.grants and other.grants.kind is kind and other.grants.serves in serves:
                yield f"/ask/{other.id}", say("Request: %(title)s", title=say(other.title))


def _of(office: Office, capability: Capability, reason: Reason, say: Say) -> Iterator[Link]:
    missing = reason.says.values.get("authorization") if isinstance(reason.says, Sentence) else None
    kind = next((kind for kind, title in TITLES.items() if title == missing), None)
    for name in (reason.rule, str(kind)):
        if name in PAGES:
            address, title = PAGES[name]
            yield address, say(title)
    for name in (reason.rule, str(reason.says)):
        if name in TASKS:
            address, title = TASKS[name]
            yield address, say(title)
    if kind is not None and kind not in EARNED:
        asked = urlencode({"kind": str(kind), "serves": capability.id})
        yield f"/authorizations/new?{asked}", say("Issue: %(title)s", title=say(TITLES[kind]))
    if kind:
        yield from earning(office, capability, kind, say)
