"""Authorizations: issue and revoke them; suspend and resume a technology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from peelian.errors import OutOfOrder, Reason, Refused
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role, Scalar
from peelian.kernel.model.criteria import criteria_faults
from peelian.kernel.model.documents import Authorization, digest_of
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.model.technology import Technology, ids_of, technology_of
from peelian.kernel.model.warrants import (
    PROVISIONAL,
    PROVISIONAL_DAYS,
    PROVISIONAL_REST_DAYS,
    faults_of_a_warrant,
    scope_of,
)
from peelian.kernel.policy.authorize import must_be_allowed, must_hold_role, refusal, time_must_go_on
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.state.acts import act
from peelian.kernel.state.demonstration import marked
from peelian.kernel.state.kernel import Kernel, signed
from peelian.kernel.state.signed_documents import archived


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
    """Sign an authorization. Two are not issued: a case earns an accuracy report, answers make an impact assessment.

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
    must_hold_role(kernel, by, ISSUERS[kind], "the_issuer_may_issue")
    if kind is AuthorizationKind.WARRANT and (faults := tuple(faults_of_a_warrant(body or {}))):
        raise Refused(faults)
    technology = technology_of(kernel.technologies, serves)
    if technology is None or serves not in _served(technology):
        known = sorted(name for technology in kernel.technologies for name in _served(technology))
        raise OutOfOrder(f"An authorization is for a capability or a technology. Known: {', '.join(known)}")
    if kind is AuthorizationKind.ACCEPTANCE_CRITERIA:
        _must_state_criteria(technology, serves, body or {})
    if kind is AuthorizationKind.WARRANT and (body or {})["status"] == PROVISIONAL:
        days = min(days, PROVISIONAL_DAYS)
        if reasons := tuple(_why_not_again(kernel, serves, body or {})):
            raise Refused(reasons)
    return sign_authorization(kernel, by, kind, serves=serves, purposes=purposes, days=days, body=body or {}, before="")


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
def suspend(kernel: Kernel, by: Operator, technology: str) -> None:
    """The kill switch: nothing of this technology is permitted or run until it is resumed. The last holder of an
    oversight role can throw it when their training has ended, too (`stands_in`)."""
    roles, rule = frozenset({Role.BOARD}), "the_board_may_suspend"
    must_be_allowed(kernel, by, "suspend", roles=roles, rule=rule, now=kernel.now())
    _known_technology(kernel, technology)
    acted(kernel, by, "SUSPENDED", technology=technology)


@act
def resume(kernel: Kernel, by: Operator, technology: str) -> None:
    """Lift a suspension; Refused while the clock is behind the log."""
    must_hold_role(kernel, by, frozenset({Role.BOARD}), "the_board_may_suspend")
    time_must_go_on(kernel)
    _known_technology(kernel, technology)
    acted(kernel, by, "RESUMED", technology=technology)


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
        kernel, by, kind, serves=serves, purposes=purposes, days=days, body=body, before=before
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
    days: int,
    body: Mapping[str, Scalar],
    before: str,
) -> tuple[str, Authorization, dict[str, str | int]]:
    """An authorization's digest, the authorization, signed, and what the log will say of it: to be recorded, alone
    or with the decision
    that it follows. Refused while the clock is behind the log: it would begin before what was there already."""
    time_must_go_on(kernel)
    now = kernel.now()
    authorization = Authorization(
        kind=kind,
        serves=serves,
        purposes=tuple(str(p) for p in purposes),
        starts=now.isoformat(),
        ends=(now + timedelta(days=days)).isoformat(),
        body=marked(kernel, body),
        by=by.person.token,
        at=now.isoformat(),
        before=before,
    )
    authorization = signed(authorization, by.sign, digest := digest_of(authorization))
    said: dict[str, str | int] = {"authorization": str(kind), "serves": serves, "by": authorization.by}
    return digest, authorization, said | ({"before": before} if before else {})


def _why_not_again(kernel: Kernel, serves: str, body: Mapping[str, Scalar]) -> Iterator[Reason]:
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
