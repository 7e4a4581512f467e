"""Redaction review: what a case read and made, opened for a person who checks it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.access.dataset_access import why_not_use
from peelian.kernel.gate import EVERY, WatchedFile
from peelian.kernel.model.custody_declarations import ReviewerDesk
from peelian.kernel.model.documents import Admission, Declaration, Evidence
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_be_allowed, must_not_be_stopped, why_stopped
from peelian.kernel.policy.signed_entries import shown
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import archived, request_behind, verify_against_log
from peelian.kernel.verbs.custody import keep


@contextmanager
def looked_through(kernel: Kernel, by: Operator, evidence: Evidence) -> Iterator[Mapping[str, BinaryIO]]:
    """The objects that a case read and made, by role, as readable, seekable files, while the context lasts.

    Who asks for or decides such cases may look, right after they proved that it is they (`step_up.prove`), unless the
    technology is suspended or an object is held too close for them. Every object is OPENED in the log, with the case
    and the person, before its key is unwrapped. Reading is Refused from the moment that the technology is suspended.
    OutOfOrder: the evidence was altered, or one of its objects is no longer there. O(objects).
    """
    technology = technology_of_case(kernel, evidence.case)
    with ExitStack() as closing:
        files = {}
        with kernel.lock:
            for role, admission in _objects(kernel, evidence).items():
                intent = opened_for_review(kernel, by, evidence, role)
                opened = closing.enter_context(kernel.stores.vault.open(admission.object, intent=intent))
                files[role] = io.BufferedReader(WatchedFile(kernel, technology, opened), EVERY)
        yield files


def technology_of_case(kernel: Kernel, case: str) -> str:
    """The technology that a case uses; OutOfOrder where there is no such case."""
    history = kernel.state.histories.get(case)
    if history is None:
        raise OutOfOrder("no case with this name")
    return str(history.capability.partition(".")[0])


def is_stopped(kernel: Kernel, case: str) -> bool:
    """Whether a case's technology is suspended, by whichever process. O(1)."""
    kernel.stores.follow()
    return technology_of_case(kernel, case) in kernel.state.suspended


def must_go_on(kernel: Kernel, case: str) -> None:
    """Asked at each look into an open review: Refused once its technology is suspended. O(1)."""
    kernel.stores.follow()
    must_not_be_stopped(kernel, technology_of_case(kernel, case))


@act
def opened_for_review(kernel: Kernel, by: Operator, evidence: Evidence, role: str) -> int:
    """Log that a reviewer opens one of the objects that a case read or made, where they may look at all of them; the
    entry's index."""
    with kernel.lock:
        before = verify_against_log(kernel, evidence)
        declared = kernel.capability(kernel.state.histories[evidence.case].capability)
        roles = declared.asks.askers | declared.asks.deciders
        person = must_be_allowed(kernel, by, "open_record", roles=roles, rule="the_reviewer_may_review")
        objects = _objects(kernel, evidence)
        if reasons := (*why_stopped(kernel, declared.technology), *why_not_use(kernel, person, objects.values())):
            raise Refused(reasons)
        what = {"case": evidence.case, "before": before, "object": objects[role].object}
        return shown(kernel, by, "OPENED", **what, dataset=objects[role].dataset)


@act
def viewed(kernel: Kernel, by: Operator, evidence: Evidence, role: str) -> None:
    """Log that a reviewer looked through all of an object that they opened in this case; OutOfOrder: they did not."""
    with kernel.lock:
        before = verify_against_log(kernel, evidence)
        dataset = _objects(kernel, evidence)[role].dataset
        opened = kernel.state.histories[evidence.case].after("OPENED", before)
        if not any(one.get("by") == by.person.token and one["dataset"] == dataset for one in opened):
            raise OutOfOrder("This object was not opened for review.")
        shown(kernel, by, "VIEWED", case=evidence.case, before=before, dataset=dataset)


def not_viewed(kernel: Kernel, person: str, evidence: Evidence) -> tuple[Admission, ...]:
    """What this person must still look through before they accept this evidence. O(entries of the objects)."""
    declared = kernel.capability(kernel.state.histories[evidence.case].capability)
    objects = _objects(kernel, evidence) if declared.seen else {}
    return tuple(
        objects[role]
        for role in declared.seen
        if not any(
            one["kind"] == "VIEWED" and one.get("by") == person
            for _, one in kernel.stores.log.found("dataset", objects[role].dataset)
        )
    )


def opened_review(kernel: Kernel, by: Operator, case: str) -> Any:
    """A proposal opened on its capability's bench, for a person who confirms or corrects it; close it afterwards.

    OutOfOrder: the case has no evidence, or nothing that a person could look through.
    """
    evidence = latest_evidence(kernel, case)
    bench = kernel.capability(kernel.state.histories[case].capability).arithmetic().shows.bench
    if bench is None:
        raise OutOfOrder("this case has nothing to review")
    of = _objects(kernel, evidence)[bench.of]
    declaration = Declaration(**{**of.declaration, "purposes": tuple(of.declaration["purposes"])})
    with ExitStack() as closing:
        files = closing.enter_context(looked_through(kernel, by, evidence))
        desk = ReviewerDesk(
            by=by.person.token,
            now=lambda: f"{kernel.now():%Y-%m-%dT%H:%M:%SZ}",
            viewed=lambda role: viewed(kernel, by, evidence, role),
            keep=lambda content: keep(kernel, by, declaration, io.BytesIO(content), format=bench.keeps),
            done=closing.pop_all().close,
        )
    try:
        return bench.open(files, desk)
    except BaseException:
        desk.done()
        raise


def latest_evidence(kernel: Kernel, case: str) -> Evidence:
    """The newest evidence of a case; OutOfOrder where there is no such case, or it found nothing yet."""
    history = kernel.state.histories.get(case)
    digests = history.digests("RAN") if history else []
    if not digests:
        raise OutOfOrder("This case is unknown or has no findings yet. Run it first.")
    return archived(kernel, digests[-1], Evidence)


def _objects(kernel: Kernel, evidence: Evidence) -> dict[str, Admission]:
    """Every object kept whole that the case read or made, by role."""
    request = request_behind(kernel, evidence)
    found = {}
    for role, name in {**request.datasets, **evidence.made}.items():
        admission = kernel.state.datasets.get(name)
        if admission is None:
            raise OutOfOrder("Data this case read or made was destroyed. Propose it again.")
        if admission.description:
            found[role] = admission
    return found
