"""Decision checks: independent decider, reasons given, acceptance criteria met."""

from __future__ import annotations

from collections.abc import Iterator

from peelian.errors import InputError, Reason, listed, sentence
from peelian.kernel.access.access_classes import asked_for, held_too_close, of_a_case
from peelian.kernel.model.capability import Capability, Findings
from peelian.kernel.model.documents import Decision, Evidence, Request
from peelian.kernel.model.findings import unpack
from peelian.kernel.policy.authorize import refusal, why_not_second, why_stopped
from peelian.kernel.state.kernel import CaseHistory, Kernel
from peelian.kernel.verbs.earlier_attempts import why_not_again
from peelian.kernel.verbs.redaction_review import not_viewed

FEWEST_WORDS = 3
DECLINING = frozenset({"decline", "reject"})
NO_REASONS, NO_OTHER_EVIDENCE = sentence("no reasons given"), sentence("State the other evidence you considered.")


def must_be_filled_in(capability: Capability, *, choice: str, reasons: str, other_evidence: str) -> None:
    """InputError where the form of a decision is not filled in: a slip, told before anything is signed or logged.

    `why_not_decide` asks for the same of a decision that comes signed, past any form.
    """
    if choice not in capability.asks.choices:
        raise InputError("no such choice", accepted=", ".join(capability.asks.choices))
    few = [name for name, text in (("reasons", reasons), ("other", other_evidence)) if len(text.split()) < FEWEST_WORDS]
    if few:
        wrong = TOO_SHORT[few[0] if len(few) == 1 else "both"]
        raise InputError(wrong, accepted=sentence("at least %(n)d words", n=FEWEST_WORDS))


TOO_SHORT = {
    "reasons": sentence("reasons missing or too short"),
    "other": sentence("other evidence considered missing or too short"),
    "both": sentence("reasons and other evidence considered missing or too short"),
}


def check_decision(
    kernel: Kernel, capability: Capability, decision: Decision, evidence: Evidence
) -> tuple[Request, Findings | None, tuple[Reason, ...]]:
    """What was asked for, what this decision makes an authorization of (None where it makes none), and every reason
    why it may not stand.

    What a suspended technology found is declined, and nothing else. An error of the archive where the findings are
    lost, destroyed or altered: nobody decides on those.
    """
    kept = kernel.stores.archive.get(evidence.findings)
    found = unpack(kept) if capability.grants and decision.choice == "adopt" else None
    history, decider = kernel.state.histories[decision.case], kernel.state.people.get(decision.by)
    request = asked_for(kernel, evidence)
    held = held_too_close(kernel, decider, of_a_case(kernel, request, evidence))
    unseen = () if decision.choice in DECLINING else not_viewed(kernel, decision.by, evidence)
    says, remedy = sentence("The copy was not looked through by the decider."), "Open its review page from the case."
    blind = [refusal("the_decider_looked_through", says, remedy) for _ in unseen]
    stopped = () if decision.choice in DECLINING else why_stopped(kernel, capability.technology)
    again = why_not_again(kernel, capability, decision.case) if found else ()
    return request, found, (*stopped, *why_not_decide(capability, history, decision, found), *again, *held, *blind)


def why_not_decide(
    capability: Capability, history: CaseHistory, decision: Decision, found: Findings | None
) -> Iterator[Reason]:
    """Every reason in a decision itself why it may not stand. `found` may be None for a choice that does not rest on
    it."""
    yield from why_not_second((decision.by, decision.unit), (history.by, history.unit))
    if decision.choice not in capability.asks.choices:
        yield refusal(
            "a_decision_is_a_choice",
            "choice not available",
            sentence("Choose one of: %(list)s", list=listed(capability.asks.choices)),
        )
    for text, says in ((decision.reasons, NO_REASONS), (decision.other_evidence, NO_OTHER_EVIDENCE)):
        if len(text.split()) < FEWEST_WORDS:
            remedy = sentence("Write at least %(fewest_words)s words.", fewest_words=FEWEST_WORDS)
            yield refusal("a_decision_gives_its_reasons", says, remedy)
    if capability.grants and decision.choice == "adopt" and not (found and capability.grants.may(found)):
        remedy = "Decline it, then improve the model or the data."
        yield refusal("the_acceptance_criteria_were_met", "Acceptance criteria not met.", remedy)
