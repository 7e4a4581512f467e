"""Authorizations: issue and revoke them; suspend a technology and say why. Two people lift it (`dual_control`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from peelian.errors import InputError, OutOfOrder, Reason, Refused, sentence
from peelian.kernel.identity.custody_grounds import must_name_a_bylaw
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Scalar
from peelian.kernel.model.criteria import criteria_faults
from peelian.kernel.model.documents import Authorization, digest_of
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import HOW, ISSUERS
from peelian.kernel.model.suspension import OVERSEERS, must_be_of, reason_named
from peelian.kernel.model.technology import Technology, ids_of, technology_of
from peelian.kernel.model.warrants import (
    PROVISIONAL,
    PROVISIONAL_REST_DAYS,
    scope_of,
)
from peelian.kernel.policy.authorize import (
    must_be_allowed,
    must_hold_role,
    must_not_be_stopped,
    refusal,
    time_must_go_on,
)
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.records.office_records import keep, still_kept
from peelian.kernel.state.acts import act
from peelian.kernel.state.demonstration import marked
from peelian.kernel.state.kernel import Kernel, signed
from peelian.kernel.state.signed_documents import archived
from peelian.measure.contacts import must_hold_no_contact

MOST_CHARACTERS = 1_000
LENGTH = sentence("1 to %(most)s characters", most=f"{MOST_CHARACTERS:,}")


@act
def issue(
    kernel: Kernel,
    by: Operator,
    kind: AuthorizationKind,
    *,
    serves: str,
    purposes: tuple[Purpose, ...],
    days: int,
    body: Mapping[str, Scalar] | None = None,
) -> Authorization:
    """Sign an authorization. Three are not issued: a case earns an accuracy report, answers make an impact
    assessment, and a warrant is recorded with its paper (`warrant_recording`).

    InputError where acceptance criteria state none of those that the capability declares, or one out of its range.
    """
    if kind is AuthorizationKind.ACCURACY_REPORT:
        raise Refused(
            [
                refusal(
                    "an_accuracy_report_is_earned",
                    "A case earns the accuracy report; nobody issues it.",
                    "Test it, then ask the board to adopt it.",
                )
            ]
        )
    if kind is AuthorizationKind.IMPACT_ASSESSMENT:
        says = "The assessment level is calculated from answers."
        raise Refused([refusal("an_assessment_is_answered", says, "Answer it, then have it signed: `peelian assess`")])
    if kind is AuthorizationKind.WARRANT:
        raise Refused([refusal("a_warrant_rests_on_its_paper", "A warrant is recorded with its paper.", HOW[kind])])
    must_hold_role(kernel, by, ISSUERS[kind], "the_issuer_may_issue")
    technology = technology_served(kernel, serves)
    must_not_be_stopped(kernel, technology.id)
    must_name_a_bylaw(body or {})
    if kind is AuthorizationKind.ACCEPTANCE_CRITERIA:
        _must_state_criteria(technology, serves, body or {})
    return sign_authorization(kernel, by, kind, serves=serves, purposes=purposes, days=days, body=body or {}, before="")


def technology_served(kernel: Kernel, serves: str) -> Technology:
    """The technology that an authorization for this is about; OutOfOrder where it is for nothing there is."""
    technology = technology_of(kernel.technologies, serves)
    if technology is None or serves not in _served(technology):
        known = sorted(name for technology in kernel.technologies for name in _served(technology))
        raise OutOfOrder(f"An authorization is for a capability or a technology. Known: {', '.join(known)}")
    return technology


def _must_state_criteria(technology: Technology, serves: str, body: Mapping[str, Scalar]) -> None:
    declared = next((one.criteria for one in technology.capabilities if one.id == serves), ())
    for fault in criteria_faults(declared, body):
        raise fault


@act
def revoke(kernel: Kernel, by: Operator, authorization: Authorization) -> None:
    """Take an authorization back: from now on it is none."""
    must_hold_role(kernel, by, ISSUERS[authorization.kind], "the_issuer_may_revoke")
    digest = digest_of(authorization)
    if digest not in kernel.state.authorizations:
        raise OutOfOrder("no such valid authorization")
    acted(kernel, by, "REVOKED", before=digest, authorization=str(authorization.kind))


@act
def suspend(kernel: Kernel, by: Operator, technology: str, *, reason: str, words: str = "") -> None:
    """The kill switch: what `kernel/model/suspension` names stops until two people lift it. One person throws it,
    whatever the clock says. The last holder of an oversight role can when their training has ended, too (`stands_in`).
    `words`: what residents read beside the reason (`explain_suspension`).

    InputError for a reason that is none; OutOfOrder where the technology is suspended already.
    """
    with kernel.lock:
        rule = "the_overseer_may_suspend"
        must_be_allowed(kernel, by, "suspend", roles=OVERSEERS, rule=rule, now=kernel.now())
        _known_technology(kernel, technology)
        why = reason_named(reason)
        known = kernel.state.suspended.get(technology)
        if known is not None and known.is_thrown:
            raise OutOfOrder("This technology is suspended already. You can add a text to its reason.")
        _must_be_fit_to_publish(words)
        acted(kernel, by, "SUSPENDED", technology=technology, reason=why)
        if words.strip():
            _explained(kernel, by, technology, words)


@act
def explain_suspension(kernel: Kernel, by: Operator, technology: str, *, words: str) -> str:
    """Say in a text for the public why a technology is suspended; the newest replaces the one before. The record's
    digest. InputError where it is empty, too long, or holds an e-mail address or a telephone number."""
    with kernel.lock:
        must_hold_role(kernel, by, OVERSEERS, "the_overseer_may_suspend")
        must_be_of(kernel.state.suspended, technology)
        if not words.strip():
            raise InputError("no text about the suspension", column="words", accepted=LENGTH)
        _must_be_fit_to_publish(words)
        return _explained(kernel, by, technology, words)


def suspension_text(kernel: Kernel, technology: str) -> str:
    """What the public reads of a suspension that goes on beside its reason; "" where nobody said more. O(1)."""
    made, entry = kernel.state.suspended.get(technology), None
    for about, one in kernel.state.records.of("SUSPENSION_EXPLAINED"):
        entry = one if about == technology else entry
    if made is None or entry is None or entry["suspension"] != made.entry:
        return ""
    found = still_kept(kernel, str(entry["document"]))
    return str(found.body["words"]) if found else ""


def _must_be_fit_to_publish(words: str) -> None:
    if len(words) > MOST_CHARACTERS:
        raise InputError("text about the suspension too long", column="words", accepted=LENGTH)
    must_hold_no_contact(words)


def _explained(kernel: Kernel, by: Operator, technology: str, words: str) -> str:
    of = kernel.state.suspended[technology].entry
    return keep(kernel, by, "suspension", {"words": words.strip()}, technology=technology, suspension=of)


def sign_authorization(
    kernel: Kernel,
    by: Operator,
    kind: AuthorizationKind,
    *,
    serves: str,
    purposes: tuple[str, ...],
    days: int,
    body: Mapping[str, Scalar],
    before: str,
) -> Authorization:
    """Sign an authorization, archive it and log it; the caller has checked that the signer may. Refused as
    `signed_paper` is."""
    digest, authorization, said = signed_authorization(
        kernel, by, kind, serves=serves, purposes=purposes, ends=timedelta(days=days), body=body, before=before
    )
    kernel.record_all([(digest, authorization, said)])
    return authorization


def signed_authorization(
    kernel: Kernel,
    by: Operator,
    kind: AuthorizationKind,
    *,
    serves: str,
    purposes: tuple[str, ...],
    ends: timedelta | datetime,
    body: Mapping[str, Scalar],
    before: str,
) -> tuple[str, Authorization, dict[str, str | int]]:
    """An authorization's digest, the authorization, signed, and what the log will say of it: to be recorded, alone
    or with the decision that it follows. It `ends` at a moment, or after a time from now. Refused while the clock is
    behind the log: it would begin before what was there already."""
    time_must_go_on(kernel)
    now = kernel.now()
    authorization = Authorization(
        kind=kind,
        serves=serves,
        purposes=tuple(str(p) for p in purposes),
        starts=now.isoformat(),
        ends=(ends if isinstance(ends, datetime) else now + ends).isoformat(),
        body=marked(kernel, body),
        by=by.person.token,
        at=now.isoformat(),
        before=before,
    )
    authorization = signed(authorization, by.sign, digest := digest_of(authorization))
    said: dict[str, str | int] = {"authorization": str(kind), "serves": serves, "by": authorization.by}
    return digest, authorization, said | ({"before": before} if before else {})


def why_not_again(kernel: Kernel, serves: str, body: Mapping[str, Scalar]) -> Iterator[Reason]:
    """Who asks after the fact has 48 hours once: the same is not covered again by another provisional warrant.

    "The same": an operation on a sensor or place that a provisional one of the last `PROVISIONAL_REST_DAYS` named and
    no court confirmed. O(entries), for an act that is rare.
    """
    asked, since = scope_of(body), (kernel.now() - timedelta(days=PROVISIONAL_REST_DAYS)).isoformat()
    confirmed = {
        authorization.before
        for authorization in kernel.state.authorizations.values()
        if authorization.kind is AuthorizationKind.WARRANT
    }
    for _, entry in kernel.stores.log.read():
        if (
            entry["kind"] == "ISSUED"
            and entry.get("authorization") == AuthorizationKind.WARRANT
            and entry["document"] not in confirmed
        ):
            made = archived(kernel, str(entry["document"]), Authorization)
            had = scope_of(made.body)
            same = asked.operations & had.operations and (asked.sensors & had.sensors or asked.cells & had.cells)
            if made.serves == serves and made.body["status"] == PROVISIONAL and made.at > since and same:
                says = "Already covered by an unconfirmed provisional warrant."
                yield refusal("a_provisional_warrant_is_not_renewed", says, "Have the court's own warrant recorded.")
                return


def _served(technology: Technology) -> tuple[str, ...]:
    """What an authorization may serve of a technology: one capability, one watch, or all of it."""
    return (f"{technology.id}.*", *(c.id for c in technology.capabilities), *(w.id for w in technology.watches))


def _known_technology(kernel: Kernel, technology: str) -> None:
    known = ids_of(kernel.technologies)
    if technology not in known:
        raise OutOfOrder(f"Unknown technology. Known: {', '.join(sorted(known))}")
