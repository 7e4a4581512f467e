"""Decryption checks: may a sealed object be opened, judged by log and archive alone, by whoever holds the keys?

An opening belongs to a run that goes on under a permit, to a review of what such a run found, to a delivery that was
accepted, to an intake that looks at what it just sealed, or to an office duty of a named person. Nothing else opens.
The same judgement stands before the keys of an embedded office, in its own process, and in a registrar.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.access.dataset_access import why_not_use
from peelian.kernel.identity.session_binding import DRIFT
from peelian.kernel.log.entry_schema import read_time
from peelian.kernel.model.capability import AuthorizationKind, Capability, Role
from peelian.kernel.model.counts import DUCKDB, SPARK
from peelian.kernel.model.documents import Admission, D, Decision, Evidence, Permit, Request
from peelian.kernel.model.params import params_of
from peelian.kernel.model.people import signature_holds
from peelian.kernel.model.policy_port import SIGNERS
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.technology import technology_of
from peelian.kernel.model.warrants import PAPERS, root_of
from peelian.kernel.policy.signed_entries import actor_of, must_be_permitted, signer_of
from peelian.kernel.retention.parts_expiry import named_as, too_old
from peelian.kernel.state.kernel import CaseHistory, Kernel, use_of
from peelian.kernel.state.signed_documents import archived, office_key, request_behind
from peelian.kernel.vault.vault import Permitted

FRESH = timedelta(minutes=10)  # an opening is used at once, or not at all
ENDS = frozenset({"RAN", "FAILED", "WITHHELD", "REFUSED"})  # of a run
HELD = frozenset({Role.CUSTODIAN})  # who may open records held for others, which are sealed anew after a breach
PAPER_READERS = SIGNERS[AuthorizationKind.WARRANT]


def the_run_goes_on(kernel: Kernel, case: str, before: str) -> None:
    """A run of this case, under this permit, has begun and not ended."""
    history = kernel.state.histories.get(case)
    if history is None or not _runs(history, before):
        raise OutOfOrder("This case has no run in progress. Make a new request.")


def must_be_adopted(kernel: Kernel, engine: str) -> None:
    """The engine that is to get rows is this process' own, or the Spark that two people adopted; OutOfOrder
    otherwise."""
    if engine not in ("", DUCKDB, *([SPARK] if kernel.state.adopted.whole("counts").spark else [])):
        raise OutOfOrder(
            "No Spark is adopted for counts. Propose one with `peelian proposals counts`; another unit approves it."
        )


def the_permit_is_as_declared(permit: Permit, declared: Capability, given: datetime) -> None:
    """Its words are those of its capability: which it is, how often, until when, counted from when it was given.

    Asked before a key is unwrapped under it.
    """
    longest = given + timedelta(days=declared.asks.days) + DRIFT
    if (permit.capability, permit.runs) != (declared.id, declared.asks.runs):
        raise OutOfOrder("The permit differs from what the policy permits.")
    if datetime.fromisoformat(permit.until) > longest:
        raise OutOfOrder("The permit differs from what the policy permits.")


def the_opening_is_permitted(kernel: Kernel, entry: Mapping[str, Any], *, at: int | None = None) -> None:
    """The opening is one of those named at the top of this module; `at`: its index, where it is in the log already.

    OutOfOrder or Refused, with every reason of the policy, otherwise. O(entries of the case).
    """
    must_be_adopted(kernel, str(entry.get("engine", "")))
    object_, dataset, held = str(entry.get("object", "")), str(entry.get("dataset", "")), kernel.state.objects
    if object_ in held.gone:
        raise OutOfOrder("This object was destroyed and cannot be opened.")
    known = held.datasets.get(object_)
    if known is None and dataset in kernel.state.unfinished:
        return _of_an_intake(kernel, entry, kernel.state.unfinished[dataset])
    if (held.parts[object_]["dataset"] if object_ in held.parts else known) != dataset:
        raise OutOfOrder("The log has no such object of this dataset. It was not opened.")
    if "case" in entry:
        _must_open_its_data(kernel, dataset, str(entry["case"]))
        return _of_a_case(kernel, entry, dataset, at)
    if object_ in held.parts:
        raise OutOfOrder("Only a run of the same plan opens kept parts.")
    _must_open_its_data(kernel, dataset)
    return _of_a_duty(kernel, entry, dataset)


def the_intent_holds(kernel: Kernel, intent: int, *, object: str, dataset: str) -> None:
    """Nothing where the log entry at index `intent` opens this object of this dataset, and still may.

    Whoever holds the keys asks this before each unwrapping. Nothing that a caller says counts: the entry is read from
    the log, and everything it leads to. OutOfOrder or Refused says why it may not.
    """
    with kernel.lock:
        entry = _logged(kernel, intent)
        if entry is None or entry["kind"] != "OPENED":
            raise OutOfOrder("The log has no opening at this index. An opening must be logged first.")
        if entry.get("object") != object or entry.get("dataset") != dataset:
            raise OutOfOrder("The log entry at this index opens another object. No key was unwrapped.")
        if abs(kernel.now() - read_time(str(entry["t"]))) > FRESH:
            raise OutOfOrder("This opening is older than ten minutes. Open it again.")
        if kernel.state.first_said(entry) not in (-1, intent):
            raise OutOfOrder("This signed opening was already used. Open it again.")
        the_opening_is_permitted(kernel, entry, at=intent)


def judged_by(kernel: Callable[[], Kernel]) -> Permitted:
    """What stands before a vault's keys: this judgement, by the kernel that the vault belongs to, once it is there."""

    def permitted(intent: int, *, object: str, dataset: str) -> None:
        the_intent_holds(kernel(), intent, object=object, dataset=dataset)

    return permitted


def _logged(kernel: Kernel, index: int) -> Entry | None:
    return kernel.stores.log.entry(index) if 0 <= index < kernel.stores.log.size() else None


def _of_a_case(kernel: Kernel, entry: Mapping[str, Any], dataset: str, at: int | None) -> None:
    history, before = _history(kernel, entry), str(entry.get("before", ""))
    if not (history.case in kernel.state.excepted and before in history.digests("DECIDED")):
        _must_not_be_suspended(kernel, history)
    if before in history.digests("PERMITTED"):
        _of_a_run(kernel, history, before, (str(entry["object"]), dataset, at))
    elif before in history.digests("RAN"):
        _of_a_review(kernel, history, entry, dataset)
    elif before in history.digests("DECIDED"):
        _of_a_delivery(kernel, history, entry, dataset)
    else:
        raise OutOfOrder("An opening needs a permit, findings or a decision of its case.")


def _of_a_run(kernel: Kernel, history: CaseHistory, before: str, what: tuple[str, str, int | None]) -> None:
    """The permit is genuine, in force and within its count, the run under it goes on, its request names the dataset,
    and the policy permits the use now."""
    object_, dataset, at = what
    permit = _permit(kernel, history, before)
    _must_hold_on(kernel, history, permit)
    the_run_goes_on(kernel, history.case, before)
    if len(history.after("STARTED", before)) > permit.runs:
        raise OutOfOrder("Permit already used. Make a new request.")
    request = _request(kernel, history, permit, before)
    if _opened_in_this_run(history, object_, at) >= _times(kernel, history, request, object_, dataset):
        raise OutOfOrder("The request names no such dataset, or this run already opened it.")
    declared = kernel.capability(request.capability)
    the_permit_is_as_declared(permit, declared, read_time(str(history.after("PERMITTED", permit.before)[0]["t"])))
    _the_use_is_permitted(kernel, declared, request, _started(history))


def _times(kernel: Kernel, history: CaseHistory, request: Request, object: str, dataset: str) -> int:
    """How often a run may open an object: as often as its request names the dataset; once what was kept of its plan."""
    kept, members = kernel.state.objects.parts.get(object), kernel.state.objects.members
    if kept is not None:
        return int(dataset == named_as(str(_started(history).get("plan", ""))) and not too_old(kernel, kept))
    named = [one for name in request.datasets.values() for one in (name, *members.get(name, ()))]
    return named.count(dataset)


def _the_use_is_permitted(kernel: Kernel, declared: Capability, request: Request, started: Entry) -> None:
    """The policy permits the use, without counting this run; and the warrant it relies on is the one it uses up."""
    person, warrant = kernel.state.people.get(request.by), str(started.get("warrant", ""))
    used: Any = kernel.state.used
    if warrant:
        used = ChainMap({warrant: used.get(warrant, 1) - 1}, used)
    use = use_of(kernel, declared, request, params_of(declared, request.params), person, action="run", used=used)
    if reasons := (*kernel.policy.judge(use), *why_not_use(kernel, person, use.datasets.values())):
        raise Refused(reasons)
    needed = [
        root_of(next(kernel.policy.authorizations(need, use)))
        for need in use.needs
        if need.kind is AuthorizationKind.WARRANT
    ]
    if needed != ([warrant] if warrant else []):
        raise OutOfOrder("The run does not name the warrant it uses.")


def _of_a_review(kernel: Kernel, history: CaseHistory, entry: Mapping[str, Any], dataset: str) -> None:
    """Whoever asks for or decides such cases looks at what this one read or made, right after they stepped up."""
    person, declared = actor_of(kernel, entry), kernel.capability(history.capability)
    evidence = _genuine(kernel, str(entry["before"]), Evidence, office_key(kernel, str(entry["before"])))
    request = request_behind(kernel, evidence)
    if dataset not in {*request.datasets.values(), *evidence.made.values()}:
        raise OutOfOrder("This case did not read or make this dataset.")
    roles, session = declared.asks.askers | declared.asks.deciders, str(entry.get("session", ""))
    must_be_permitted(kernel, person.token, roles, "the_reviewer_may_review", action="open_record", session=session)
    if reasons := tuple(why_not_use(kernel, person, [kernel.state.datasets.get(dataset)])):
        raise Refused(reasons)


def _of_a_delivery(kernel: Kernel, history: CaseHistory, entry: Mapping[str, Any], dataset: str) -> None:
    """What a case made and somebody accepted is handed over by a person who may, until the delivery's time is over."""
    person, made = signer_of(kernel, entry), kernel.state.datasets.get(dataset)
    declared, session = kernel.capability(history.capability), str(entry.get("session", ""))
    rule = "the_one_who_delivers_may_deliver"
    must_be_permitted(kernel, person.token, declared.asks.askers, rule, action="export", session=session)
    decider = kernel.state.people.get(archived(kernel, str(entry["before"]), Decision).by)
    decision = _genuine(kernel, str(entry["before"]), Decision, decider.public_key if decider else "")
    if decision.choice != "accept" or made is None or made.case != history.case:
        raise OutOfOrder("Only objects made by a case and accepted in a decision can be delivered.")
    if (
        datetime.fromisoformat(decision.at) + timedelta(days=_days_to_deliver(kernel, declared, decision))
        <= kernel.now()
    ):
        raise OutOfOrder("Delivery period ended. Make a new request.")
    if reasons := tuple(why_not_use(kernel, person, [made])):
        raise Refused(reasons)


def _days_to_deliver(kernel: Kernel, declared: Capability, decision: Decision) -> int:
    params = params_of(declared, request_behind(kernel, archived(kernel, decision.before, Evidence)).params)
    return declared.delivers(params).days if declared.delivers else 0


def _of_an_intake(kernel: Kernel, entry: Mapping[str, Any], began: Entry) -> None:
    """Whoever began to keep something looks at what was just sealed, and signs that they do."""
    if "case" in began or "case" in entry or signer_of(kernel, entry).token != began.get("by"):
        raise OutOfOrder("Only the person who takes an object into custody can view it before it is admitted.")
    if kernel.owner_of(str(began.get("format", ""))) in kernel.state.suspended:
        raise OutOfOrder("This technology is suspended. Two people lift it.")


def _of_a_duty(kernel: Kernel, entry: Mapping[str, Any], dataset: str) -> None:
    """A named person's duty, which they signed."""
    admission: Admission | None = kernel.state.datasets.get(dataset)
    held = PAPER_READERS if dataset.startswith(PAPERS) else HELD
    roles = _of_its_owner(kernel, admission) if admission else held
    person = kernel.state.people.get(str(entry.get("by", "")))
    if person is None or not person.roles & roles:
        raise OutOfOrder("You cannot open this dataset outside a case. Request a use of it.")
    must_be_permitted(kernel, signer_of(kernel, entry).token, roles, "the_opener_may_open")


def _of_its_owner(kernel: Kernel, admission: Admission) -> frozenset[Role]:
    """The roles that the technology which the data belong to lets open them outside a case: none where nobody owns
    them."""
    owner = technology_of(kernel.technologies, kernel.owner_of(admission.format))
    return owner.duties.get(admission.shape, frozenset()) if owner else frozenset()


def _opened_in_this_run(history: CaseHistory, object: str, at: int | None) -> int:
    n = 0
    for index, entry in reversed(history.entries):
        if entry["kind"] == "STARTED":
            break
        n += entry["kind"] == "OPENED" and entry.get("object") == object and (at is None or index < at)
    return n


def _history(kernel: Kernel, entry: Mapping[str, Any]) -> CaseHistory:
    history: CaseHistory | None = kernel.state.histories.get(str(entry.get("case", "")))
    if history is None:
        raise OutOfOrder("no such case in the log")
    return history


def _permit(kernel: Kernel, history: CaseHistory, digest: str) -> Permit:
    if digest not in history.digests("PERMITTED"):
        raise OutOfOrder("no such permit of this case in the log")
    return _genuine(kernel, digest, Permit, office_key(kernel, digest))


def _request(kernel: Kernel, history: CaseHistory, permit: Permit, digest: str) -> Request:
    if permit.case != history.case or permit.before not in history.digests("ASKED"):
        raise OutOfOrder("A permit needs a logged request.")
    granted = history.after("PERMITTED", permit.before)
    if [entry["document"] for entry in granted] != [digest]:  # each would have a count of its own
        raise OutOfOrder("This request already has a permit. Make a new request.")
    asker = kernel.state.people.get(history.by)
    request = _genuine(kernel, permit.before, Request, asker.public_key if asker else "")
    if (request.case, request.by) != (history.case, history.by):
        raise OutOfOrder("A permit needs a logged request.")
    return request


def _genuine(kernel: Kernel, digest: str, kind: type[D], key: str) -> D:
    """The archived document with this digest, once it is found to be signed with the key."""
    document = archived(kernel, digest, kind)
    if not signature_holds(key, document.signature, digest.encode()):
        raise OutOfOrder("The document is not signed by its author.")
    return document


def _must_hold_on(kernel: Kernel, history: CaseHistory, permit: Permit) -> None:
    if datetime.fromisoformat(permit.until) <= kernel.now():
        raise OutOfOrder("Permit expired. Make a new request.")
    _must_not_be_suspended(kernel, history)


def _must_not_be_suspended(kernel: Kernel, history: CaseHistory) -> None:
    if kernel.capability(history.capability).technology in kernel.state.suspended:
        raise OutOfOrder("This technology is suspended. Two people lift it.")


def _must_open_its_data(kernel: Kernel, dataset: str, case: str = "") -> None:
    """OutOfOrder where the data are a suspended technology's: they open for no other one either, nor by a duty. But for
    a delivery of the one case that two people excepted; and records that are no dataset, which are sealed anew after a
    breach."""
    admission = kernel.state.datasets.get(dataset)
    owner = kernel.owner_of(admission.format) if admission else ""
    if owner in kernel.state.suspended and not (case and kernel.state.excepted.get(case) == owner):
        raise OutOfOrder("These data are of a suspended technology. Two people lift it.")


def _started(history: CaseHistory) -> Entry:
    return next(entry for _, entry in reversed(history.entries) if entry["kind"] == "STARTED")


def _runs(history: CaseHistory, before: str) -> bool:
    for _, entry in reversed(history.entries):
        if entry["kind"] in ENDS:
            return False
        if entry["kind"] == "STARTED":
            return entry.get("before") == before
    return False
