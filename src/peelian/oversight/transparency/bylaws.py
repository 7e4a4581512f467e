"""Bylaws: what the town's own policies say, whether two people adopted them, and which past requests they forbid."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from peelian.errors import OutOfOrder
from peelian.kernel.identity import dual_control
from peelian.kernel.model.params import params_of
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorizer import Authorizer
from peelian.kernel.policy.engine_port import Bylaw
from peelian.kernel.state.kernel import Kernel, use_of
from peelian.oversight.transparency.register import CaseSummary, page, request_of

MOST_ASKED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Bylaws:
    """The bylaws as the office read them when it was opened."""

    known: tuple[Bylaw, ...]
    adopted: bool  # as they are; also where there are none and none were adopted
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How many past requests were asked about, and those that each bylaw forbids, newest first."""

    asked: int
    forbidden: Mapping[str, tuple[CaseSummary, ...]]  # by the bylaw's id


def bylaws_of(kernel: Kernel) -> Bylaws:
    """What the town's own policies are now; OutOfOrder where the office's policies can have none, InputError where they
    cannot be read."""
    policy = _policy(kernel)
    if fault := getattr(policy.engine, "fault", None):
        raise fault
    return Bylaws(
        known=tuple(policy.engine.bylaws.values()),
        adopted=policy.bylaws_are_adopted(kernel.state.adopted.whole("bylaws").bylaws),
        digest=policy.engine.digest("bylaws"),
    )


def propose_bylaws(kernel: Kernel, by: Operator, *, words: str) -> str:
    """Propose to adopt them as they are; the digest by which somebody of another unit approves it."""
    body = {"digest": bylaws_of(kernel).digest}
    return dual_control.propose(kernel, by, "bylaws", words=words, body=body)


def forbidden(kernel: Kernel, most: int = MOST_ASKED) -> Preview:
    """Which of the newest requests the bylaws forbid, adopted or not. O(most), each judged anew.

    A request is judged at the time when it was made, with the people, data and authorizations of today. One that this
    version no longer takes, or whose document was destroyed, is left out.
    """
    found: dict[str, list[CaseSummary]] = {one.id: [] for one in bylaws_of(kernel).known}
    asked = 0
    for summary in page(kernel, most=most).cases:
        if (policies := _policies_against(kernel, summary)) is not None:
            asked += 1
            for name in found.keys() & policies:
                found[name].append(summary)
    return Preview(asked=asked, forbidden={name: tuple(cases) for name, cases in found.items()})


def _policies_against(kernel: Kernel, summary: CaseSummary) -> set[str] | None:
    request, declared = request_of(kernel, summary), kernel.past_capability(summary.capability)
    if request is None:
        return None
    try:
        params = params_of(declared, request.params)
    except OutOfOrder:
        return None
    person = kernel.state.people.get(request.by)
    use = use_of(kernel, declared, request, params, person, action="ask")
    use = dataclasses.replace(use, now=datetime.fromisoformat(request.at))
    return {reason.policy for reason in kernel.policy.judge(use)}


def _policy(kernel: Kernel) -> Authorizer:
    if not isinstance(kernel.policy, Authorizer):
        raise OutOfOrder("The policies of this office have no bylaws.")
    return kernel.policy
