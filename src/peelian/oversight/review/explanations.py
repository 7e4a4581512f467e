"""What explains an access: a case, plan or warrant of the actor's unit that covers the data, the place and the time.

Explanation-based auditing (Fabbri and LeFevre, Explanation-based auditing, PVLDB 5(1), 2011): nobody looks for the
odd access among many; every access has to be explained, and the few that nothing explains are looked at by a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from peelian.kernel.log.entry_schema import read_time
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Authorization, Permit, Request
from peelian.kernel.records.office_records import records_of
from peelian.kernel.state.kernel import Kernel, log_word
from peelian.kernel.state.signed_documents import still_archived
from peelian.oversight.review.accesses import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Something that explains accesses: a case, plan or warrant; for which unit, data and places, from when to when."""

    kind: str  # case, plan, warrant
    name: str  # the case's id, or the first digits of the authorization's digest
    unit: str  # a word of the log; "" where it is for every unit
    starts: datetime
    ends: datetime
    datasets: frozenset[str] = frozenset()  # empty: any
    cells: frozenset[str] = frozenset()  # empty: any


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """All grounds of an office, by the case they belong to."""

    by_case: Mapping[str, tuple[Ground, ...]]
    warrants: tuple[Ground, ...] = ()
    digests: Mapping[str, frozenset[str]] = field(default_factory=dict)  # the documents of each case
    decided: frozenset[str] = frozenset()  # the cases somebody decided
    admitted: Mapping[str, str] = field(default_factory=dict)  # dataset → who admitted it


def explained_by(access: Access, grounds: Grounds) -> Ground | None:
    """The ground that explains this access, or None. O(grounds of its case + warrants).

    An access is tried only against the case it names: an open case of somebody else explains nothing. What a verb of
    the kernel opened or handed over under a document of the case was checked before it happened: that explains it.
    So does the room of a page that was read: the policy let this person in for their role.
    """
    if access.kind == "STAFF_READ":
        return Ground(kind="duty", name=access.dataset, unit=access.unit, starts=access.at, ends=access.at)
    if access.kind != "ACCESSED" and (found := _checked_by_the_kernel(access, grounds)):
        return found
    tried = (*grounds.by_case.get(access.case, ()), *grounds.warrants) if access.case else grounds.warrants
    return next((ground for ground in tried if _explains(ground, access)), None)


def unexplained(accesses: Iterable[Access], grounds: Grounds) -> tuple[Access, ...]:
    """The accesses that nothing explains, in order."""
    return tuple(access for access in accesses if explained_by(access, grounds) is None)


def grounds_of(kernel: Kernel) -> Grounds:
    """Everything of this office that can explain an access. O(cases + authorizations + assignments)."""
    by_case: dict[str, list[Ground]] = {}
    for case, history in kernel.state.histories.items():
        for digest in history.digests("PERMITTED"):
            if ground := _of_permit(kernel, digest):
                by_case.setdefault(case, []).append(ground)
    for _, record in records_of(kernel, "assignment"):
        starts = datetime.fromisoformat(record.at)
        ground = Ground(
            kind="plan",
            name=str(record.body["case"]),
            unit=str(record.body["unit"]),
            starts=starts,
            ends=starts + timedelta(days=int(record.body["days"])),
            cells=frozenset(map(str, record.body["cells"])),
        )
        by_case.setdefault(ground.name, []).append(ground)
    found = [_of_warrant(digest, authorization, ends) for digest, authorization, ends in _warrants(kernel)]
    warrants = tuple(ground for ground in found if ground.unit and (ground.cells or ground.datasets))
    histories = kernel.state.histories
    return Grounds(
        by_case={case: tuple(found) for case, found in by_case.items()},
        warrants=warrants,
        digests={
            case: frozenset(str(entry["document"]) for _, entry in history.entries if "document" in entry)
            for case, history in histories.items()
        },
        decided=frozenset(case for case, history in histories.items() if history.digests("DECIDED")),
        admitted={admission.dataset: admission.by for admission in kernel.state.datasets.values()},
    )


def _checked_by_the_kernel(access: Access, grounds: Grounds) -> Ground | None:
    """Opened, handed over or exported under a document of its case; or looked at by its admitter on the way in."""
    case = access.case
    under = bool(access.before) and access.before in grounds.digests.get(case, ())
    exported = access.kind == "EXPORTED" and case in grounds.decided
    on_the_way_in = access.kind == "OPENED" and not case and grounds.admitted.get(access.dataset) == access.by != ""
    if not (under or exported or on_the_way_in):
        return None
    kind = "intake" if on_the_way_in else "case"
    return Ground(kind=kind, name=case or access.dataset, unit=access.unit, starts=access.at, ends=access.at)


def _explains(ground: Ground, access: Access) -> bool:
    return (
        ground.starts <= access.at <= ground.ends
        and ground.unit in ("", access.unit)
        and (not ground.datasets or access.dataset in ground.datasets)
        and (not ground.cells or access.cell in ground.cells)
    )


def _of_permit(kernel: Kernel, digest: str) -> Ground | None:
    """A permitted case explains its asker's unit opening the data it named, from the permit to the end of it; nothing,
    once its documents were destroyed as their retention asks."""
    permit = still_archived(kernel, digest, Permit)
    request = still_archived(kernel, permit.before, Request) if permit else None
    if permit is None or request is None:
        return None
    return Ground(
        kind="case",
        name=permit.case,
        unit=log_word(request.unit),
        # the log cuts times to 1/100 s: a ground begins with the hundredth its document was made in
        starts=datetime.fromisoformat(permit.at) - timedelta(milliseconds=10),
        ends=datetime.fromisoformat(permit.until),
        datasets=frozenset(request.datasets.values()),
    )


def _warrants(kernel: Kernel) -> Iterable[tuple[str, Authorization, datetime | None]]:
    """Every warrant ever issued, with the moment it was taken back, if it was: it explains accesses until then."""
    revoked: dict[str, datetime] = {}
    issued: list[str] = []
    for _, entry in kernel.stores.log.read():
        if entry["kind"] == "REVOKED":
            revoked[str(entry["before"])] = read_time(str(entry["t"]))
        elif entry["kind"] == "ISSUED" and entry.get("authorization") == AuthorizationKind.WARRANT:
            issued.append(str(entry["document"]))
    authorizations = ((digest, still_archived(kernel, digest, Authorization)) for digest in issued)
    return [(digest, authorization, revoked.get(digest)) for digest, authorization in authorizations if authorization]


def _of_warrant(digest: str, authorization: Authorization, revoked: datetime | None) -> Ground:
    """A warrant's body names unit, cells and dataset, each as text (several with commas between them).

    One without a unit, or with neither cells nor dataset, has no scope and explains nothing.
    """
    ends = datetime.fromisoformat(authorization.ends)
    return Ground(
        kind="warrant",
        name=digest[:12],
        unit=log_word(str(authorization.body["unit"])) if authorization.body.get("unit") else "",
        starts=datetime.fromisoformat(authorization.starts) - timedelta(milliseconds=10),
        ends=min(ends, revoked) if revoked else ends,
        datasets=_listed(authorization.body.get("dataset", "")),
        cells=_listed(authorization.body.get("cells", "")),
    )


def _listed(text: object) -> frozenset[str]:
    return frozenset(part.strip() for part in str(text).split(",") if part.strip())
