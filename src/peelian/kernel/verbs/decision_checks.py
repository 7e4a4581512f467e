"""Decision checks: independent decider, reasons given, acceptance criteria met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from peelian.errors import InputError, Reason, enumerated, sentence
from peelian.kernel.access.access_classes import asked_for, held_too_close, of_a_case
from peelian.kernel.model.capability import Capability, Findings
from peelian.kernel.model.documents import Decision, Evidence, Request
from peelian.kernel.model.findings import unpack
from peelian.kernel.model.other_evidence import ACCEPTED
from peelian.kernel.policy.authorize import refusal, why_not_second, why_stopped
from peelian.kernel.state.kernel import CaseHistory, Kernel
from peelian.kernel.verbs.earlier_attempts import why_not_again
from peelian.kernel.verbs.redaction_review import not_viewed

FEWEST_WORDS = 3
DECLINING = frozenset({"decline", "reject"})
NO_REASONS, NO_OTHER_EVIDENCE = sentence("no reasons given"), sentence("State the other evidence you considered.")
EXPOSURE, LOW = "exposure", "against_others_low"  # the table and column that a capability gives exposure in


def must_be_filled_in(capability: Capability, *, choice: str, reasons: str) -> None:
    """InputError where the form of a decision is not filled in: a slip, told before anything is signed or logged.

    `why_not_decide` asks for the same of a decision that comes signed, past any form.
    """
    if choice not in capability.asks.choices:
        raise InputError("no such choice", accepted=", ".join(capability.asks.choices))
    if different_words(reasons) < FEWEST_WORDS:
        raise InputError("reasons missing or too short", accepted=sentence("%(n)d different words", n=FEWEST_WORDS))


ALSO = ("public_reason", "exposure")


def also_said(words: Mapping[str, str]) -> dict[str, str]:
    """The words of a decision that some cases need, by name, "" where it has none. InputError for another name."""
    if not set(words) <= set(ALSO):
        raise InputError("no such part of a decision", accepted=", ".join(ALSO))
    return {name: words.get(name, "") for name in ALSO}


def different_words(text: str) -> int:
    """How many different words a text has: one that is said again does not count.

    >>> different_words("ok, ok. OK!"), different_words("the letter fits")
    (1, 3)
    """
    words = ("".join(sign for sign in word if sign.isalnum()).casefold() for word in text.split())
    return len({*words} - {""})


def is_exposing(found: Findings) -> bool:
    """Whether the findings expose a group more than others for certain: an interval whose low end exceeds 1."""
    tables = (table for table in found.tables if table.name == EXPOSURE and LOW in table)
    return any(float(low) > 1 for table in tables for low in table[LOW])


def must_weigh_exposure(found: Findings, words: str) -> None:
    """InputError where a group is exposed more than others and the decider writes nothing on it."""
    if is_exposing(found) and different_words(words) < FEWEST_WORDS:
        raise InputError(
            "A group is exposed more than others. Words on exposure missing or too short",
            accepted=sentence("%(n)d different words", n=FEWEST_WORDS),
        )


def why_unopened(kernel: Kernel, capability: Capability, decision: Decision) -> Iterator[Reason]:
    """Why the decider has not opened these findings, logged; nobody is asked for it whom a suspension keeps from it."""
    history = kernel.state.histories[decision.case]
    barred = any(why_not_second((decision.by, decision.unit), (history.by, history.unit)))
    if not (barred or capability.technology in kernel.state.suspended or opened_by(history, decision)):
        says = sentence("The decider has not opened these findings.")
        yield refusal("the_decider_opened_the_findings", says, OPEN_FIRST)


OPEN_FIRST = sentence("Open the case page or its report and read the findings. Then decide.")


def opened_by(history: CaseHistory, decision: Decision) -> bool:
    """Whether the log says that this person opened the very findings that they decide on. O(entries of the case)."""
    return any(one.get("by") == decision.by for one in history.after("LOOKED", decision.before))


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
    held = tuple(held_too_close(kernel, decider, of_a_case(kernel, request, evidence)))
    unseen = () if decision.choice in DECLINING else not_viewed(kernel, decision.by, evidence)
    says, remedy = sentence("The copy was not looked through by the decider."), "Open its review page from the case."
    blind = [refusal("the_decider_looked_through", says, remedy) for _ in unseen]
    stopped = () if decision.choice in DECLINING else why_stopped(kernel, capability.technology)
    again = why_not_again(kernel, capability, decision.case) if found else ()
    unopened = () if held else why_unopened(kernel, capability, decision)
    own = (*why_not_decide(capability, history, decision, found), *unopened)
    return request, found, (*stopped, *own, *again, *held, *blind)


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
            sentence("Choose one of: %(list)s", list=enumerated(capability.asks.choices)),
        )
    if different_words(decision.reasons) < FEWEST_WORDS:
        remedy = sentence("Write at least %(fewest_words)s different words.", fewest_words=FEWEST_WORDS)
        yield refusal("a_decision_gives_its_reasons", NO_REASONS, remedy)
    if not decision.other_evidence.strip():
        yield refusal("a_decision_gives_its_reasons", NO_OTHER_EVIDENCE, ACCEPTED)
    if capability.grants and decision.choice == "adopt" and not (found and capability.grants.may(found)):
        remedy = "Decline it, then improve the model or the data."
        yield refusal("the_acceptance_criteria_were_met", "Acceptance criteria not met.", remedy)
