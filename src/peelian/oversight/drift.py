"""Whether an adopted model still meets its bar on data that came in since. Where it does not, its report is revoked.

The check is an ordinary case of the capability that earned the report, with the settings the report covers, on new data
and against the bars in force; the technology judges its own bars (`Grant.may`), not this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import InputError, OutOfOrder
from peelian.governance import flow
from peelian.governance.capability import Capability, Findings, Paper, Purpose
from peelian.governance.documents import Authority, Decision, Evidence, Permit, Request
from peelian.governance.house import House, archived
from peelian.governance.params import params_of, spelled_params
from peelian.governance.people import Operator
from peelian.governance.records import keep, records_of

EVERY_DAYS = 92


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an accuracy report comes from: the capability that proves, its params, and the data it was proven on."""

    paper: Authority
    mark: str
    capability: Capability
    params: Any
    datasets: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One drift check: of which report, in which case, whether the bars still hold, and when."""

    report: str
    serves: str
    case: str
    holds: bool
    at: str
    index: int


def reports(house: House) -> tuple[Origin, ...]:
    """The accuracy reports in force that a case earned. O(papers)."""
    now = house.now().isoformat()
    return tuple(
        _origin(house, mark, paper)
        for mark, paper in house.book.papers.items()
        if paper.paper is Paper.ACCURACY_REPORT and paper.before and paper.ends > now
    )


def check(
    house: House,
    by: Operator,
    mark: str,
    *,
    datasets: Mapping[str, str],
    changes: Mapping[str, Any] | None = None,
    progress: Callable[[str, float], None] = lambda says, share: None,
) -> Checked:
    """Prove a report again on newer data (role → dataset id); revoke it where its bars are missed. One ordinary case.

    `changes` are params the report does not cover, such as the first day tested. OutOfOrder: no such report, data that
    are not newer than it. InputError: a change of what the report covers. Refused as any case is.
    """
    origin = next((found for found in reports(house) if found.mark == mark), None)
    if origin is None:
        raise OutOfOrder("there is no earned accuracy report in force with this mark")
    _is_newer(house, origin, datasets)
    params = _changed(house, origin, changes or {})
    name = origin.capability.id
    named = {**origin.datasets, **datasets}
    permit = flow.ask(house, by, name, purpose=Purpose.PROOF, params=params, datasets=named)
    _, found = flow.run(house, by, permit, progress=progress)
    return _kept(house, by, origin, permit, found)


def checks(house: House) -> tuple[Checked, ...]:
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
        for index, record in records_of(house, "drift")
    )


def due(house: House) -> tuple[Origin, ...]:
    """The reports in force that were neither earned nor checked within the last quarter."""
    last = {found.report: found.at for found in checks(house)}
    since = house.now() - timedelta(days=EVERY_DAYS)
    return tuple(o for o in reports(house) if datetime.fromisoformat(last.get(o.mark, o.paper.at)) < since)


def _kept(house: House, by: Operator, origin: Origin, permit: Permit, found: Findings) -> Checked:
    grant = origin.capability.grants
    holds = grant is not None and grant.may(found)
    body = {"report": origin.mark, "serves": origin.paper.serves, "case": permit.case, "holds": holds}
    with house.lock:
        record = keep(house, by, "drift", body, before=origin.mark, under=permit.case, holds=int(holds))
        if not holds:
            house.append("REVOKED", before=origin.mark, paper=str(origin.paper.paper), by="office", because=record)
    return checks(house)[-1]


def _origin(house: House, mark: str, paper: Authority) -> Origin:
    evidence = archived(house, archived(house, paper.before, Decision).before, Evidence)
    request = archived(house, archived(house, evidence.before, Permit).before, Request)
    declared = house.capability(request.capability)
    return Origin(
        paper=paper,
        mark=mark,
        capability=declared,
        params=params_of(declared, request.params),
        datasets=request.datasets,
    )


def _is_newer(house: House, origin: Origin, datasets: Mapping[str, str]) -> None:
    for role, name in datasets.items():
        admission = house.book.datasets.get(name)
        if admission is None:
            raise OutOfOrder(f"no dataset named for {role} was admitted")
        if admission.at <= origin.paper.at:
            raise OutOfOrder(f"the data named for {role} came in before the report was earned: admit newer data")
    if not datasets:
        raise OutOfOrder("drift is looked for in newer data: name a dataset that came in since")


def _changed(house: House, origin: Origin, changes: Mapping[str, Any]) -> Any:
    covered = {key for need in house.capability(origin.paper.serves).needs for key in _covered(house, origin, need)}
    known = {f.name for f in fields(origin.params)}
    for name in changes:
        if name not in known or name in covered:
            may = ", ".join(sorted(known - covered))
            raise InputError("a drift check keeps what the report covers", column=name[:40], accepted=may)
    plain = {**spelled_params(origin.params), **changes}
    return params_of(origin.capability, plain)


def _covered(house: House, origin: Origin, need: Any) -> set[str]:
    """The keys of a need of the served capability, as its own example has them."""
    example = house.capability(origin.paper.serves).example()
    return set(need.covers(example.params)) if need.paper is Paper.ACCURACY_REPORT else set()
