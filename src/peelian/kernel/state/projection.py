"""The projection: what one entry of the log changes in the current state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peelian.errors import IntegrityError, OutOfOrder
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import (
    Admission,
    Authorization,
    Enrolment,
    RetentionAct,
)
from peelian.kernel.model.org_units import log_word as log_word
from peelian.kernel.model.people import Person, committed
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.retention_schedule import fold_retention
from peelian.kernel.model.vocabulary import NOISE_DRAWN, NOISE_SPENT
from peelian.kernel.state.signed_documents import still_archived
from peelian.kernel.state.state import CaseHistory as CaseHistory
from peelian.kernel.state.state import OfficeState as OfficeState

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel

EARLIER = "An earlier version made this office. This one cannot open it. Make a new office and import the data again."


def project(kernel: Kernel, index: int, entry: Entry) -> None:
    """Bring the state in step with one entry; documents it names are read from the archive. O(1)."""
    _must_be_of_this_version(entry)
    state, kind = kernel.state, str(entry["kind"])
    if kind == "ENROLLED":
        _fold_person(kernel, entry)
    elif kind in ("RETIRED", "FORGOTTEN"):
        _fold_leaving(kernel, kind, str(entry["person"]))
    elif kind in ("ADMITTED", "DERIVED"):
        if admission := still_archived(kernel, str(entry["document"]), Admission):
            state.datasets[admission.dataset] = admission
    elif kind in ("ISSUED", "REVOKED", "WARRANT_REFUSED", "WARRANT_LAPSED"):
        _fold_authorization(kernel, kind, entry)
    else:
        _fold_standing(state, kind, entry)
    state.began = state.began or str(entry["t"])
    state.objects.fold(entry)
    fold_retention(state.retention, entry, lambda digest: still_archived(kernel, digest, RetentionAct))
    state.partitions.fold(entry)
    state.replay_guard.fold(index, entry)
    if "dataset" in entry:
        _fold_dataset(state, index, entry)
    if "case" in entry:
        state.fold_case(index, entry)
    state.authorization_status.fold(entry, lambda digest, document: still_archived(kernel, digest, document))
    state.alarms.fold(entry, lambda digest, document: still_archived(kernel, digest, document))
    state.sensors.fold(entry)
    state.records.fold(index, entry)


def _must_be_of_this_version(entry: Entry) -> None:
    """OutOfOrder where the entry has the words of an earlier version: `mark` for a document's digest."""
    if "mark" in entry:
        raise OutOfOrder(EARLIER)


def _fold_person(kernel: Kernel, entry: Entry) -> None:
    digest, state = str(entry["document"]), kernel.state
    if enrolment := still_archived(kernel, digest, Enrolment):
        was = state.people.get(enrolment.person)
        state.enrolled[enrolment.person] = digest
        state.forgotten.discard(enrolment.person)
        state.people[enrolment.person] = Person(
            token=enrolment.person,
            name=_named(kernel, digest, enrolment),
            unit=enrolment.unit,
            roles=frozenset(Role(role) for role in enrolment.roles),
            public_key=enrolment.public_key,
            trained_until=enrolment.trained_until,
        )
        state.founding.joined(entry, was, state.people[enrolment.person])


def _fold_leaving(kernel: Kernel, kind: str, person: str) -> None:
    if kind == "FORGOTTEN":
        kernel.stores.directory.forget(person)  # again at each opening: a crash leaves no name behind
        kernel.state.forgotten.add(person)
        return
    kernel.state.people.pop(person, None)
    kernel.state.enrolled.pop(person, None)
    kernel.state.founding.entrusted.pop(person, None)


def _named(kernel: Kernel, digest: str, enrolment: Enrolment) -> str:
    """The name that an enrolment commits to; their token where it was forgotten, or the directory was lost."""
    found = kernel.stores.directory.known(digest)
    if found is None:
        return enrolment.person
    if committed(found.name, found.salt) != enrolment.name or found.person != enrolment.person:
        raise IntegrityError("The directory holds a name that differs from the enrolled one. Restore the directory.")
    return found.name


def _fold_standing(state: OfficeState, kind: str, entry: Entry) -> None:
    if kind in ("SUSPENDED", "RESUMED"):
        (state.suspended.add if kind == "SUSPENDED" else state.suspended.discard)(str(entry["technology"]))
    elif kind == "SESSION_ENDED":
        state.ended.add(str(entry["session"]))
    elif kind in (NOISE_SPENT, NOISE_DRAWN):
        state.noised.append(entry)
    elif kind == "DRILLED" and entry.get("met") == 1:  # one that missed a bar opens nothing
        state.drilled, state.drill_missed = str(entry["t"]), ""
    elif kind == "DRILLED":
        state.drill_missed = str(entry["t"])
    elif kind == "APPROVED":
        state.founding.approved(entry)


def opened(kernel: Kernel) -> Kernel:
    """The kernel with its state derived from the whole log. O(entries)."""
    kernel.state.authorization_status.left_open = set(caught_up(kernel).state.authorization_status.seated)
    return kernel


def caught_up(kernel: Kernel) -> Kernel:
    """The same kernel, its state brought in step with what others appended to the log meanwhile. O(what is new)."""
    for index, entry in kernel.stores.log.read(kernel.state.authorization_status.entries):
        project(kernel, index, entry)
    return kernel


def _fold_authorization(kernel: Kernel, kind: str, entry: Entry) -> None:
    kernel.state.authorizations.pop(
        str(entry.get("before", "")), None
    )  # a confirmed warrant takes its provisional one's place
    if kind == "ISSUED":
        digest = str(entry["document"])
        if authorization := still_archived(kernel, digest, Authorization):
            kernel.state.authorizations[digest] = authorization


def _fold_dataset(state: OfficeState, index: int, entry: Entry) -> None:
    kind, dataset = str(entry["kind"]), str(entry["dataset"])
    state.about.setdefault(dataset, []).append(index)
    if kind == "KEEPING":
        state.unfinished[dataset] = entry
    elif kind in ("ADMITTED", "DERIVED", "TURNED_AWAY"):
        state.unfinished.pop(dataset, None)
    elif kind == "QUEUED" and dataset in state.datasets:
        state.queued[dataset] = state.datasets.pop(dataset)
    elif kind == "RECOVERED" and dataset in state.queued:
        state.datasets[dataset] = state.queued.pop(dataset)
    elif kind == "DESTROYED" and (dataset in state.datasets or dataset in state.queued):
        kept = state.queued if dataset in state.queued else state.datasets
        state.destroyed[dataset] = kept.pop(dataset)
