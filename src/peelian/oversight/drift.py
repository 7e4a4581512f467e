"""Whether an adopted model still meets its bar on data that came in since. Where it does not, its report is revoked.

The check is an ordinary case of the capability that earned the report, with the settings the report covers, on new data
and against the acceptance criteria in force; the technology judges its own acceptance criteria (`Grant.may`), not
this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel import verbs
from peelian.kernel.access.access_classes import asked_for
from peelian.kernel.model.capability import AuthorizationKind, Capability, Purpose
from peelian.kernel.model.documents import Authorization, Decision, Evidence, Permit, Request
from peelian.kernel.model.findings import unpack
from peelian.kernel.model.params import params_of, spelled_params
from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import keep, records_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs.redaction_review import latest_evidence
from peelian.oversight.transparency.register import page

EVERY_DAYS = 92
NEWEST = 200  # cases that are looked through


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an accuracy report comes from: the capability that proves, its params, and the data it was proven on."""

    authorization: Authorization
    digest: str
    capability: Capability
    params: Any
    datasets: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One drift check: of which report, in which case, whether the acceptance criteria still hold, and when."""

    report: str
    serves: str
    case: str
    holds: bool
    at: str
    index: int


def reports(kernel: Kernel) -> tuple[Origin, ...]:
    """The accuracy reports in force that a case earned, but those of trials that this version no longer has: nothing
    can prove them again. O(authorizations)."""
    now = kernel.now().isoformat()
    found = (
        _origin(kernel, digest, authorization)
        for digest, authorization in kernel.state.authorizations.items()
        if authorization.kind is AuthorizationKind.ACCURACY_REPORT and authorization.before and authorization.ends > now
    )
    return tuple(origin for origin in found if origin is not None)


def check(
    kernel: Kernel,
    by: Operator,
    digest: str,
    *,
    datasets: Mapping[str, str],
    changes: Mapping[str, Any] | None = None,
    progress: Callable[[str, float], None] = lambda says, share: None,
) -> Checked:
    """Prove a report again on newer data (role → dataset id); revoke it where its acceptance criteria are missed.
    One ordinary case.

    `changes` are params the report does not cover, such as the first day tested. OutOfOrder: no such report, data that
    are not newer than it. InputError: a change of what the report covers. Refused as any case is.
    """
    permit = ask(kernel, by, digest, datasets=datasets, changes=changes)
    verbs.run(kernel, by, permit, progress=progress)
    checked(kernel, by, digest, permit.case)
    return checks(kernel)[-1]


def ask(
    kernel: Kernel,
    by: Operator,
    digest: str,
    *,
    datasets: Mapping[str, str],
    changes: Mapping[str, Any] | None = None,
) -> Permit:
    """The permit of the case that proves a report again, where it is run later; refused as `check` is."""
    origin = _in_force(kernel, digest)
    _is_newer(kernel, origin, datasets)
    params = _changed(kernel, origin, changes or {})
    named = {**origin.datasets, **datasets}
    return verbs.ask(kernel, by, origin.capability.id, purpose=Purpose.PROOF, params=params, datasets=named)


def unrecorded(kernel: Kernel) -> Iterator[tuple[Origin, str]]:
    """Of the newest cases those that proved a report in force again, as `check` does, and that no check has kept."""
    known = {found.case for found in checks(kernel)}
    newest = [one for one in page(kernel, most=NEWEST).cases if one.purpose == Purpose.PROOF and one.case not in known]
    for origin in reports(kernel):
        for one in newest:
            if one.capability == origin.capability.id and _repeats(kernel, origin, one.case):
                yield origin, one.case


def checks(kernel: Kernel) -> tuple[Checked, ...]:
    """Every drift check, oldest first. O(such checks)."""
    return tuple(
        Checked(
            report=str(record.body["report"]),
            serves=str(record.body["serves"]),
            case=str(record.body["case"]),
            holds=bool(record.body["holds"]),
            at=record.at,
            index=index,
        )
        for index, record in records_of(kernel, "drift")
    )


def due(kernel: Kernel) -> tuple[Origin, ...]:
    """The reports in force that were neither earned nor checked within the last quarter."""
    last = {found.report: found.at for found in checks(kernel)}
    since = kernel.now() - timedelta(days=EVERY_DAYS)
    return tuple(o for o in reports(kernel) if datetime.fromisoformat(last.get(o.digest, o.authorization.at)) < since)


@act
def checked(kernel: Kernel, by: Operator, digest: str, case: str) -> None:
    """Keep what a case found about a report; the office revokes it where its acceptance criteria are missed."""
    with kernel.lock:
        origin = _in_force(kernel, digest)
        evidence = latest_evidence(kernel, case)
        if asked_for(kernel, evidence).capability != origin.capability.id:
            raise OutOfOrder("This case proves another capability than the report.")
        grant = origin.capability.grants
        holds = grant is not None and grant.may(unpack(kernel.stores.archive.get(evidence.findings)))
        body = {"report": digest, "serves": origin.authorization.serves, "case": case, "holds": holds}
        record = keep(kernel, by, "drift", body, before=digest, under=case, holds=int(holds))
        if not holds:
            kernel.append(
                "REVOKED",
                before=origin.digest,
                authorization=str(origin.authorization.kind),
                by="office",
                because=record,
            )


def _in_force(kernel: Kernel, digest: str) -> Origin:
    origin = next((found for found in reports(kernel) if found.digest == digest), None)
    if origin is None:
        raise OutOfOrder("No valid accuracy report has this digest.")
    return origin


def _origin(kernel: Kernel, digest: str, authorization: Authorization) -> Origin | None:
    evidence = archived(kernel, archived(kernel, authorization.before, Decision).before, Evidence)
    request = archived(kernel, archived(kernel, evidence.before, Permit).before, Request)
    declared = kernel.past_capability(request.capability)
    if declared.grants is None:
        return None
    return Origin(
        authorization=authorization,
        digest=digest,
        capability=declared,
        params=params_of(declared, request.params),
        datasets=request.datasets,
    )


def _is_newer(kernel: Kernel, origin: Origin, datasets: Mapping[str, str]) -> None:
    for role, name in datasets.items():
        admission = kernel.state.datasets.get(name)
        if admission is None:
            raise OutOfOrder(sentence("No admitted dataset chosen for %(role)s.", role=role))
        if admission.at <= origin.authorization.at:
            raise OutOfOrder(sentence("The data for %(role)s is older than the report. Admit newer data.", role=role))
    if not datasets:
        raise OutOfOrder("Drift is checked on newer data. Choose a dataset admitted since.")


def _repeats(kernel: Kernel, origin: Origin, case: str) -> bool:
    """Whether a case has findings, on newer data, and in all that the report covers with its settings."""
    try:
        asked = asked_for(kernel, latest_evidence(kernel, case))
        _is_newer(kernel, origin, {role: d for role, d in asked.datasets.items() if d != origin.datasets.get(role)})
        own = spelled_params(origin.params)
        _changed(kernel, origin, {name: value for name, value in asked.params.items() if value != own.get(name)})
    except (InputError, OutOfOrder):
        return False
    return True


def _changed(kernel: Kernel, origin: Origin, changes: Mapping[str, Any]) -> Any:
    covered = {
        key for need in kernel.capability(origin.authorization.serves).needs for key in _covered(kernel, origin, need)
    }
    known = {f.name for f in fields(origin.params)}
    for name in changes:
        if name not in known or name in covered:
            may = ", ".join(sorted(known - covered))
            raise InputError("the check must keep the settings of the report", column=name[:40], accepted=may)
    plain = {**spelled_params(origin.params), **changes}
    return params_of(origin.capability, plain)


def _covered(kernel: Kernel, origin: Origin, need: Any) -> set[str]:
    """The keys of a need of the served capability, as its own example has them."""
    example = kernel.capability(origin.authorization.serves).arithmetic().example()
    return set(need.covers(example.params)) if need.kind is AuthorizationKind.ACCURACY_REPORT else set()
