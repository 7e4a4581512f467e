"""Earlier attempts: runs that scored the same windows before, and whether criteria were lowered since.

Who tests again on outcomes that a run has scored knows them. Such a test is told as a second attempt, beside the first,
and it is not adopted by criteria issued after the first and weaker in any figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from peelian.errors import Reason, sentence
from peelian.kernel.model.capability import Attempt, AuthorizationKind, Capability, Scalar
from peelian.kernel.model.documents import Authorization, Evidence, Permit, Request
from peelian.kernel.model.findings import unpack
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.state.kernel import CaseHistory, Kernel
from peelian.kernel.state.signed_documents import archived, still_archived

NEAR_DEGREES = 0.5  # grounds whose data lie nearer than this are one: areas can be drawn anew, a town cannot
ATTEMPT = "attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A run that scored some of the same windows before: its case and day, what it came to, whether that is decided."""

    case: str
    at: str
    decided: bool
    attempt: Attempt


def earlier_attempts(kernel: Kernel, case: str) -> tuple[Earlier, ...]:
    """The runs before a case's own that scored some of the same windows, oldest first. Findings that are erased or past
    their retention tell of none. O(cases + findings of that kind)."""
    history = kernel.state.histories[case]
    own = list(_tried(kernel, history))
    if not own:
        return ()
    last, mine = own[-1][0], own[-1][2]
    serves = _serves(kernel.past_capability(history.capability))
    kinds = {c.id for t in kernel.technologies for c in t.capabilities if _serves(c) == serves}
    cases = [name for name, row in kernel.stores.rows.all("cases", order="first") if row["capability"] in kinds]
    found = [
        (index, Earlier(case=one.case, at=evidence.at, decided=_is_decided(one), attempt=attempt))
        for one in kernel.state.histories.several(cases).values()
        for index, evidence, attempt in _tried(kernel, one)
        if index < last and one.case != case and same_windows(attempt, mine)
    ]
    return tuple(one for _, one in sorted(found, key=lambda one: one[0]))


def same_windows(one: Attempt, other: Attempt) -> bool:
    """Whether two tests scored a day of the same subject on the same ground; of unknown places it is taken to be so."""
    apart = any(abs(a - b) > NEAR_DEGREES for a, b in zip(one.near, other.near, strict=True))
    return one.of == other.of and one.first <= other.last and other.first <= one.last and not apart


def weaker(now: Attempt, before: Attempt) -> tuple[str, ...]:
    """The criteria that are lower, or gone."""
    gone = [word for word in before.criteria if word not in now.criteria]
    both = [(word, now.criteria[word], needed) for word, needed in before.criteria.items() if word in now.criteria]
    return (*gone, *(word for word, new, old in both if (new < old if word.startswith("min_") else new > old)))


def why_not_again(kernel: Kernel, capability: Capability, case: str) -> Iterator[Reason]:
    """Why a test is not adopted that scored windows which an earlier one scored: that one waits for its decision, or
    the criteria were lowered since, or the stricter ones were taken back."""
    grant, earlier = capability.grants, earlier_attempts(kernel, case)
    if grant is None or not earlier:
        return
    history = kernel.state.histories[case]
    mine, issued = list(_tried(kernel, history))[-1][2], _criteria_of(kernel, history)
    for one in earlier:
        if not one.decided:
            says = sentence("An earlier test of the same weeks (case %(case)s) has no decision yet.", case=one.case)
            yield refusal("tests_are_decided_in_turn", says, "Decide that case first. Both results are then told.")
        low = [sentence(grant.titles.get(word, word)) for word in weaker(mine, one.attempt)]
        theirs = _criteria_of(kernel, kernel.state.histories[one.case])
        later = issued is not None and (issued.at > one.at or (theirs is not None and not _in_force(kernel, theirs)))
        if low and later:
            says = sentence(
                "Criteria were lowered after case %(case)s scored the same weeks: %(list)s",
                case=one.case,
                list="; ".join(low),
            )
            yield refusal("criteria_are_not_lowered_after_a_test", says, "Test weeks that no run has scored.")


def attempts_before(kernel: Kernel, case: str) -> dict[str, Scalar]:
    """What an accuracy report says of the attempts before it: which it is, and the first one's case and results."""
    earlier = earlier_attempts(kernel, case)
    if not earlier:
        return {}
    first = earlier[0]
    results = {f"first_{name}": value for name, value in first.attempt.results.items()}
    return {ATTEMPT: len(earlier) + 1, "first_case": first.case, **results}


def _serves(capability: Capability) -> str:
    return capability.grants.serves if capability.grants and capability.grants.attempt else ""


def _is_decided(history: CaseHistory) -> bool:
    return bool(history.after("DECIDED", history.digests("RAN")[-1]))


def _tried(kernel: Kernel, history: CaseHistory) -> Iterator[tuple[int, Evidence, Attempt]]:
    """Each run of a case that scored something, with its entry's index."""
    capability = kernel.past_capability(history.capability)
    runs = [(index, str(entry["document"])) for index, entry in history.entries if entry["kind"] == "RAN"]
    attempt = capability.grants.attempt if capability.grants else None
    request = still_archived(kernel, history.digests("ASKED")[0], Request) if runs and attempt else None
    if attempt is None or request is None:
        return
    admitted = {**kernel.state.destroyed, **kernel.state.queued, **kernel.state.datasets}
    facts = {role: admitted[name].facts for role, name in request.datasets.items() if name in admitted}
    for index, digest in runs:
        evidence = archived(kernel, digest, Evidence)
        packed = kernel.stores.archive.several([evidence.findings]).get(evidence.findings)
        if packed is not None:
            yield index, evidence, attempt(unpack(packed), facts)


def _criteria_of(kernel: Kernel, history: CaseHistory) -> Authorization | None:
    """The acceptance criteria that a case's permit rests on; None where it needs none, as they were sealed before."""
    permit = archived(kernel, history.digests("PERMITTED")[-1], Permit)
    found = (still_archived(kernel, digest, Authorization) for digest in permit.authorizations)
    return next((one for one in found if one and one.kind is AuthorizationKind.ACCEPTANCE_CRITERIA), None)


def _in_force(kernel: Kernel, criteria: Authorization) -> bool:
    return any(one == criteria for one in kernel.state.authorizations.values())
