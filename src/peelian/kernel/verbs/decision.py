"""decide: a named person who did not ask accepts, changes, adopts or declines the findings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.model.capability import Grant, Scalar
from peelian.kernel.model.documents import Decision, Evidence, digest_of
from peelian.kernel.model.findings import unpack
from peelian.kernel.model.other_evidence import stated_evidence
from peelian.kernel.model.params import params_of
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, Record, log_word, signed
from peelian.kernel.state.refusal_log import log_refusal
from peelian.kernel.state.signed_documents import verify_against_log
from peelian.kernel.verbs.authorizations import signed_authorization
from peelian.kernel.verbs.decided_places import Changes, must_be_found, stated_changes
from peelian.kernel.verbs.decision_checks import also_said, check_decision, must_be_filled_in, must_weigh_exposure
from peelian.kernel.verbs.earlier_attempts import attempts_before
from peelian.measure.contacts import must_hold_no_contact


@act
def decide(
    kernel: Kernel,
    by: Operator,
    evidence: Evidence,
    *,
    choice: str,
    reasons: str,
    other_evidence: str,
    changes: Changes = (),
    also: Mapping[str, str] | None = None,
) -> Decision:
    """Record a decision on a case's findings; `changes` are the selected places that it drops or swaps. `also` has
    words by name: `public_reason` is what the public register says of why, `exposure` how exposure was weighed.

    1. The evidence is genuine, and the form is filled in: a choice, reasons, other evidence by kind and reference or
       "none"; the public reason holds no e-mail address and no telephone number. A slip is an InputError, and nothing
       is in the log.
    2. The person holds a role that decides on this capability.
    3. The findings have no decision yet.
    4. The person did not ask, is of another unit and has opened these very findings; nothing is suspended; an adopted
       proof met its acceptance criteria, not lowered since its windows were first scored. Else every reason is logged,
       and Refused is raised.
    5. There are words on exposure where a group is exposed more than others, and every changed place was found, and
       has its reason. A slip is an InputError.
    6. The decision is signed and logged, its changes by their number. An adopted proof becomes its authorization in
       the same step.
    """
    with kernel.lock:
        # 1. The evidence is genuine, and the form is filled in.
        before = verify_against_log(kernel, evidence)
        history = kernel.state.histories[evidence.case]
        declared = kernel.capability(history.capability)
        must_be_filled_in(declared, choice=choice, reasons=reasons)
        texts = {"reasons": reasons, "other_evidence": stated_evidence(other_evidence), **also_said(also or {})}
        must_hold_no_contact(texts["public_reason"])
        changes = stated_changes(declared, choice, changes)

        # 2. The person holds a role that decides. With a key of their own they sign now, and the signature proves them.
        # In a session the office signs for them, so only once nothing else stops the decision.
        decision = _unsigned(kernel, by, (evidence.case, before), choice=choice, texts=texts, changes=changes)
        digest = digest_of(decision)
        decision = decision if by.session else signed(decision, by.sign, digest)
        proof = (digest, decision.signature)
        must_hold_role(kernel, by, declared.asks.deciders, "the_decider_may_decide", signed=proof)

        # 3. The findings have no decision yet.
        if history.after("DECIDED", before):
            raise OutOfOrder("these findings already have a decision")

        # 4. Somebody else than the requester decides, on criteria that were met.
        request, found, faults = check_decision(kernel, declared, decision, evidence)
        if faults:
            log_refusal(kernel, evidence.case, before, faults)
            raise Refused(faults)

        # 5. Exposure is weighed; every changed place was found, and has its reason.
        seen = unpack(kernel.stores.archive.get(evidence.findings))
        must_weigh_exposure(seen, texts["exposure"])
        if declared.selects and changes:
            must_be_found(declared.selects, seen, changes)

        # 6. The decision is signed and logged, with the authorization that an adopted proof becomes.
        decision = signed(decision, by.sign, digest) if by.session else decision
        said = {"case": evidence.case, "before": before, "by": decision.by, "choice": choice}
        number = {"changes": len(changes)} if changes else {}
        records: list[Record] = [(digest, decision, {**said, "unit": log_word(decision.unit), **number})]
        if declared.grants and found:
            body = {
                **declared.grants.body(params_of(declared, request.params), found),
                **attempts_before(kernel, evidence.case),
            }
            records.append(_granted(kernel, by, declared.grants, body=body, before=digest))
        kernel.record_all(records)
        return decision


def _unsigned(
    kernel: Kernel, by: Operator, of: tuple[str, str], *, choice: str, texts: Mapping[str, str], changes: Changes
) -> Decision:
    decider = kernel.state.people.get(by.person.token)
    return Decision(
        case=of[0],
        before=of[1],
        choice=choice,
        **{name: text.strip() for name, text in texts.items()},
        changes=changes,
        by=by.person.token,
        unit=decider.unit if decider else "unknown",
        at=kernel.now().isoformat(),
    )


def _granted(kernel: Kernel, by: Operator, grant: Grant, *, body: Mapping[str, Scalar], before: str) -> Record:
    """The authorization that an adopted proof becomes."""
    purposes = tuple(sorted(kernel.purposes_of(grant.serves)))
    ends = timedelta(days=grant.days)
    return signed_authorization(
        kernel, by, grant.kind, serves=grant.serves, purposes=purposes, ends=ends, body=body, before=before
    )
