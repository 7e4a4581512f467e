"""ask: a request is signed, judged, and answered by a permit or by every reason against it."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.disclosure.label_checks import must_be_adopted
from peelian.kernel.model.archive_partitions import REFUSALS
from peelian.kernel.model.capability import Capability
from peelian.kernel.model.documents import Permit, Request, digest_of
from peelian.kernel.model.params import must_be_a_purpose, params_of, spelled_params
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.model.policy_port import Use
from peelian.kernel.policy.authorize import proven_person
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, log_word, signed, use_of
from peelian.kernel.state.refusal_log import log_refusal
from peelian.kernel.verbs.use_checks import refusals_of


def ask(
    kernel: Kernel,
    by: Operator,
    capability: str,
    *,
    purpose: str,
    params: Any,
    datasets: Mapping[str, str] | None = None,
) -> Permit:
    """Request a use of a capability; returns the permit.

    1. The form is right: a known capability, its own parameters, one of its purposes. Else InputError or OutOfOrder,
       and nothing is in the log. Data that nobody named are used where the capability prefers them (`with_preferred`).
    2. The request is signed by the person, whose key or session is proven by it.
    3. Policy, data and authorizations are judged, before anything is written.
    4. Refused: the request and every reason are logged. Refused is raised with the reasons and their remedies.
    5. Permitted: request and permit are logged together.

    Should judging itself fail, the request is logged all the same: that somebody asked is never lost.
    """
    declared = kernel.capability(capability)
    if not isinstance(params, declared.asks.params):
        raise OutOfOrder(f"{capability} takes {declared.asks.params.__name__}")
    declared.asks.check(params)
    data = with_preferred(kernel, declared, str(purpose), datasets or {})
    return asked(kernel, by, capability, purpose=str(purpose), params=spelled_params(params), datasets=data)


def with_preferred(
    kernel: Kernel, declared: Capability, purpose: str, datasets: Mapping[str, str]
) -> Mapping[str, str]:
    """The named data, and those that a capability prefers though it can do without: areas with residents, so that
    nobody skips exposure by naming none. Of several that serve the purpose the newest. O(datasets)."""
    found = dict(datasets)
    for read in (read for read in declared.reads if read.preferred and read.role not in found):
        shape = read.of(declared.technology)
        fit = [
            one.dataset
            for one in kernel.state.datasets.values()
            if kernel.shape_of(one) == shape and one.facts.get("groups") and purpose in one.declaration["purposes"]
        ]
        found |= {read.role: fit[-1]} if fit else {}
    return found


@act
def asked(
    kernel: Kernel,
    by: Operator,
    capability: str,
    *,
    purpose: str,
    params: Mapping[str, Any],
    datasets: Mapping[str, str],
) -> Permit:
    """The same, its parameters spelled as a document spells them: the steps that `ask` names."""
    with kernel.lock:
        # 1. The form is right.
        declared = kernel.capability(capability)
        given = params_of(declared, params)
        must_be_a_purpose(purpose, declared.asks.purposes)
        declared.asks.check(given)
        must_be_adopted(kernel, given)

        # 2. The request is signed by the person.
        request, digest, person = _signed_request(kernel, by, declared, params, purpose=purpose, datasets=datasets)
        said = {"case": request.case, "capability": capability, "by": request.by}
        said |= {"unit": log_word(request.unit), "purpose": request.purpose}

        # 3. Policy, data and authorizations are judged.
        use = use_of(kernel, declared, request, given, person, action="ask")
        try:
            reasons = refusals_of(kernel, use)
            permit = None if reasons else _permit(kernel, use, request, before=digest)
        except BaseException:
            kernel.record(request, **said)
            raise

        # 4. Refused.
        if permit is None:
            kernel.record(request, "ASKED", REFUSALS, **said)
            log_refusal(kernel, request.case, digest, reasons)
            raise Refused(reasons)

        # 5. Permitted.
        granted = {"case": permit.case, "before": permit.before, "until": permit.until, "policy": permit.policy}
        kernel.record_all([(digest, request, said), (digest_of(permit), permit, granted)])
        return permit


def _signed_request(
    kernel: Kernel,
    by: Operator,
    declared: Capability,
    params: Mapping[str, Any],
    *,
    purpose: str,
    datasets: Mapping[str, str],
) -> tuple[Request, str, Person | None]:
    """The signed request, its digest, and the person it proves; None for somebody else in an enrolled person's name,
    of whose unit the request then says nothing."""
    enrolled = kernel.state.people.get(by.person.token)
    request = Request(
        case=f"c-{secrets.token_hex(5)}",
        capability=declared.id,
        purpose=purpose,
        params=dict(params),
        datasets=dict(datasets),
        by=by.person.token,
        unit=enrolled.unit if enrolled else "unknown",
        at=kernel.now().isoformat(),
    )
    request = signed(request, by.sign, digest := digest_of(request))
    person = proven_person(kernel, by, (digest, request.signature))
    if enrolled and not person:
        request = dataclasses.replace(request, unit="unknown")
        request = signed(request, by.sign, digest := digest_of(request))
    return request, digest, person


def _permit(kernel: Kernel, use: Use, request: Request, *, before: str) -> Permit:
    """The permit, signed by the office: which authorizations it rests on, how long and how often it serves."""
    capability = use.capability
    permit = Permit(
        case=request.case,
        before=before,
        capability=capability.id,
        until=(kernel.now() + timedelta(days=capability.asks.days)).isoformat(),
        runs=capability.asks.runs,
        authorizations=tuple(digest_of(next(kernel.policy.authorizations(need, use))) for need in use.needs),
        policy=kernel.policy.digest(),
        at=kernel.now().isoformat(),
    )
    return kernel.signed(permit)
