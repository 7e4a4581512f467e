"""The verbs: admit, ask, run, decide, publish.

Each checks the document before it against the log, appends to the log, and only then acts. No append, no act.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import OutOfOrder, PeelianError, Refused, Withheld
from peelian.kernel.access.access_classes import why_not_see
from peelian.kernel.access.dataset_access import why_not_use
from peelian.kernel.disclosure.intake_and_release_checks import (
    Words,
    checked_at_the_door_in,
    faults_at_the_door_out,
    the_declaration_is_complete,
)
from peelian.kernel.disclosure.noisy_release import what_leaves
from peelian.kernel.model.archive_partitions import CASES, REFUSALS, REGISTER
from peelian.kernel.model.capability import (
    AuthorizationKind,
    Capability,
    Context,
    Dataset,
    Findings,
    Grant,
    Need,
    Note,
    Role,
    Scalar,
)
from peelian.kernel.model.documents import (
    Admission,
    Authorization,
    Decision,
    Declaration,
    Evidence,
    Permit,
    Publication,
    Request,
    digest_of,
    fields_of,
)
from peelian.kernel.model.findings import digest_of_bytes, pack
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.params import must_be_a_purpose, params_of, spelled_params
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.model.policy_port import Use
from peelian.kernel.model.ports import Leaf
from peelian.kernel.model.pseudonyms import PARAMS
from peelian.kernel.model.warrants import partition_of, root_of
from peelian.kernel.policy.authorize import must_hold, who
from peelian.kernel.policy.signed_entries import said_by
from peelian.kernel.state.kernel import Kernel, Record, archived, log_word, signed, standing, the_log_knows
from peelian.kernel.state.refusal_log import log_refusal, log_withheld
from peelian.kernel.verbs.authorizations import signed_authorization
from peelian.kernel.verbs.custody import opened_datasets, or_nothing
from peelian.kernel.verbs.decision_checks import looked_at, must_be_filled_in
from peelian.kernel.verbs.derivatives import Workshop
from peelian.measure.canonical import canonical_digest, spelled

PUBLISHERS = frozenset({Role.BOARD, Role.CLERK, Role.PRIVACY_OFFICER})
AFTER_TODAY = "The newest row is dated %(day)s, after the import date. Check the dates."
ADMITTERS = frozenset({Role.ANALYST, Role.CUSTODIAN, Role.AUDITOR, Role.CLERK})


def admit(
    kernel: Kernel, by: Operator, declaration: Declaration, admitted: Admitted, *, format: str, warrant: str = ""
) -> Admission:
    """Seal a converted table: the declaration must be complete and every value be what its kind says.

    Either the whole dataset is sealed and logged, or nothing of it remains. `warrant`: the root of the one under which
    it was collected, said by the same entry, so that a refusal finds it whatever happens next. O(cells).
    """
    must_hold(kernel, by, ADMITTERS, "the_admitter_may_admit")
    if reasons := tuple(the_declaration_is_complete(declaration)):
        raise Refused(reasons)
    checked_at_the_door_in(admitted)
    shapes = {f.id: f.shape for f in kernel.formats}
    if format not in shapes:
        raise OutOfOrder(f"Unknown format. Known: {', '.join(sorted(shapes))}")
    shape, content = shapes[format], admitted.table.digest()
    name = f"{shape}-{content[:8]}-{secrets.token_hex(6)}"
    with or_nothing(kernel, by, name, format=format):  # so that a crash leaves nothing that nobody knows
        with kernel.stores.vault.seal(name) as file:
            admitted.table.to_parquet(file)
        document = Admission(
            dataset=name,
            shape=shape,
            format=format,
            object=file.sealed.object,
            digest=content,
            rows=len(admitted.table),
            declaration=fields_of(declaration),
            facts=dict(admitted.facts),
            dropped=tuple(dataclasses.asdict(d) for d in admitted.dropped),
            notes=tuple(
                {"text": note.text, "values": dict(note.values), "kind": note.kind}
                for note in (*admitted.notes, *_dated_ahead(admitted.facts, kernel.now().date().isoformat()))
            ),
            by=by.person.token,
            at=kernel.now().isoformat(),
        )
        said: dict[str, str | int] = {"dataset": name, "object": document.object, "shape": shape, "digest": content}
        said |= {"rows": document.rows, "by": by.person.token, **({"warrant": warrant} if warrant else {})}
        document = signed(document, by.sign, digest := digest_of(document))
        kernel.record_all([(digest, document, said)])
    return kernel.state.datasets[name]


def _dated_ahead(facts: Mapping[str, Scalar], today: str) -> tuple[Note, ...]:
    """A caveat where the newest row is dated after the day on which it is admitted (ISO days)."""
    newest = str(facts.get("to_day", ""))
    return (Note(text=AFTER_TODAY, values={"day": newest}, kind="caveat"),) if newest > today else ()


def ask(
    kernel: Kernel,
    by: Operator,
    capability: str,
    *,
    purpose: str,
    params: Any,
    datasets: Mapping[str, str] | None = None,
) -> Permit:
    """Ask to use a capability. Returns the permit, or raises Refused with every reason; both are in the log.

    InputError where the form is wrong (no such purpose, an unknown date): of that, nothing is in the log.
    """
    with kernel.lock:
        declared = kernel.capability(capability)
        if not isinstance(params, declared.asks.params):
            raise OutOfOrder(f"{capability} takes {declared.asks.params.__name__}")
        must_be_a_purpose(purpose, declared.asks.purposes)
        declared.asks.check(params)
        enrolled = kernel.state.people.get(by.person.token)
        request = Request(
            case=f"c-{secrets.token_hex(5)}",
            capability=capability,
            purpose=str(purpose),
            params=spelled_params(params),
            datasets=dict(datasets or {}),
            by=by.person.token,
            unit=enrolled.unit if enrolled else "unknown",
            at=kernel.now().isoformat(),
        )
        request = signed(request, by.sign, digest := digest_of(request))
        person = who(kernel, by, (digest, request.signature))
        if enrolled and not person:  # somebody in their name
            request = dataclasses.replace(request, unit="unknown")
            request = signed(request, by.sign, digest := digest_of(request))
        said = {"case": request.case, "capability": capability, "by": request.by, "unit": log_word(request.unit)}
        said["purpose"] = request.purpose
        use = _use(kernel, declared, request, (params, person), "ask")
        try:  # judged before anything is written, so that request and permit wait for the disk together
            reasons = (*kernel.policy.judge(use), *why_not_use(kernel, use.person, use.datasets.values()))
            permit = None if reasons else _permit(kernel, declared, request, use, digest)
        except BaseException:
            kernel.record(request, **said)  # that somebody asked is in the log whatever became of it
            raise
        if permit is None:
            kernel.record_on(REFUSALS, "ASKED", request, **said)
            log_refusal(kernel, request.case, digest, reasons)
            raise Refused(reasons)
        given = {"case": permit.case, "before": permit.before, "until": permit.until, "policy": permit.policy}
        kernel.record_all([(digest, request, said), (digest_of(permit), permit, given)])
        return permit


def run(
    kernel: Kernel, by: Operator, permit: Permit, *, progress: Callable[[str, float], None] = lambda says, share: None
) -> tuple[Evidence, Findings]:
    """Run what a permit allows: open only the declared datasets, compute, inspect by value at the door, and archive.

    What the capability makes is sealed as it is written; nothing of it remains unless all of it passed the door. The
    log's word for the params is keyed: from a plain digest, whoever guesses a recipient's key could tell who asked.
    """
    with ExitStack() as closing:
        with kernel.lock:
            before, request = _in_force(kernel, by, permit)
            declared = kernel.capability(permit.capability)
            params = params_of(declared, request.params)
            use = _use(kernel, declared, request, (params, who(kernel, by)), "run")
            if reasons := (*kernel.policy.judge(use), *why_not_use(kernel, use.person, use.datasets.values())):
                log_refusal(kernel, permit.case, before, reasons)
                raise Refused(reasons)
            authorizations = _relied_on(kernel, use, declared)
            warrant = (
                root_of(authorizations[AuthorizationKind.WARRANT])
                if AuthorizationKind.WARRANT in authorizations
                else ""
            )
            started = {"params": kernel.office.token(canonical_digest(spelled(request.params)), of=PARAMS)}
            started |= {"warrant": warrant} if warrant else {}
            reads = {read.role: read for read in declared.reads}
            parents = {role: admission for role, admission in use.datasets.items() if admission is not None}
            start = said_by(kernel, by, "STARTED", case=permit.case, before=before, **started)
            data = {role: (one, reads[role]) for role, one in parents.items()}
            datasets = opened_datasets(kernel, closing, start, data)
        workshop = Workshop(kernel, permit.case, before, makes=declared.makes, parents=parents)
        closing.callback(workshop.close)  # whatever was not derived by then is destroyed
        context = Context(
            seed=int(
                canonical_digest([request.capability, request.params, {r: d.digest for r, d in datasets.items()}])[:12],
                16,
            ),
            progress=progress,
            authorizations={kind: authorization.body for kind, authorization in authorizations.items()},
            make=workshop.make,
            scratch=lambda: closing.enter_context(kernel.stores.scratch()),
            provenance=kernel.release.provenance() if declared.makes else None,
        )
        found = _found(kernel, declared, (params, datasets, context), workshop, (permit.case, before))
        with kernel.lock:
            workshop.must_still_be_permitted(declared.technology, warrant)
            packed = pack(found)
            evidence = Evidence(
                case=permit.case,
                before=before,
                findings=digest_of_bytes(packed),
                seed=context.seed,
                data={role: dataset.digest for role, dataset in datasets.items()},
                version=kernel.office.version,
                made=workshop.derived(params, found),
                at=kernel.now().isoformat(),
            )
            evidence = kernel.signed(evidence)
            kept = Leaf(
                digest=evidence.findings, document=packed, partition=partition_of(warrant) or kernel.partition(CASES)
            )
            kernel.record(evidence, kept, case=permit.case, before=before, findings=evidence.findings)
            return evidence, found


def _found(
    kernel: Kernel, declared: Capability, given: tuple[Any, Any, Context], workshop: Workshop, case: tuple[str, str]
) -> Findings:
    """What the capability finds, once it passed the door; every other end is logged, and what it made is destroyed."""
    name, before = case
    try:
        found = declared.arithmetic().run(*given)
        workshop.must_be_complete()
    except Exception as error:
        workshop.close()
        kernel.append("FAILED", case=name, before=before, error=type(error).__name__)
        if isinstance(error, PeelianError):
            raise
        says = f"{declared.id} failed ({type(error).__name__}); nothing left the vault: ask again, or report it"
        raise PeelianError(says) from None  # the exception's own message may hold data
    if faults := faults_at_the_door_out(found, declared, words_of(declared, given[1])):
        workshop.close()
        log_withheld(kernel, name, before, faults)
        raise Withheld(faults)
    return found


def decide(
    kernel: Kernel, by: Operator, evidence: Evidence, *, choice: str, reasons: str, other_evidence: str
) -> Decision:
    """A named person who is not the asker decides, with reasons and with the other evidence considered.

    Adopting a proof turns it into its authorization, signed by the decider, where the acceptance criteria were met.
    InputError where the form is not filled in: of that, nothing is in the log.
    """
    with kernel.lock:
        before = the_log_knows(kernel, evidence, kernel.office.public_key)
        history = kernel.state.histories[evidence.case]
        declared = kernel.capability(history.capability)
        must_be_filled_in(declared, choice=choice, reasons=reasons, other_evidence=other_evidence)
        decider = kernel.state.people.get(by.person.token)
        decision = Decision(
            case=evidence.case,
            before=before,
            choice=choice,
            reasons=reasons.strip(),
            other_evidence=other_evidence.strip(),
            by=by.person.token,
            unit=decider.unit if decider else "unknown",
            at=kernel.now().isoformat(),
        )
        digest = digest_of(
            decision
        )  # signed at once by whom this proves; in a session, only where nothing else stops it
        decision = decision if by.session else signed(decision, by.sign, digest)
        must_hold(kernel, by, declared.asks.deciders, "the_decider_may_decide", signed=(digest, decision.signature))
        if history.after("DECIDED", before):
            raise OutOfOrder("these findings already have a decision")
        request, found, why = looked_at(kernel, declared, decision, evidence)
        if why:
            log_refusal(kernel, evidence.case, before, why)
            raise Refused(why)
        decision = signed(decision, by.sign, digest) if by.session else decision
        said = {"case": evidence.case, "before": before, "by": decision.by, "choice": choice}
        records: list[Record] = [(digest, decision, {**said, "unit": log_word(decision.unit)})]
        if declared.grants and found:
            body = declared.grants.body(params_of(declared, request.params), found)
            records.append(_granted(kernel, by, declared.grants, body=body, before=digest))
        kernel.record_all(records)
        return decision


def _granted(kernel: Kernel, by: Operator, grant: Grant, *, body: Mapping[str, Scalar], before: str) -> Record:
    """The authorization that an adopted proof becomes."""
    purposes = tuple(sorted(kernel.purposes_of(grant.serves)))
    return signed_authorization(
        kernel, by, grant.kind, serves=grant.serves, purposes=purposes, days=grant.days, body=body, before=before
    )


def publish(kernel: Kernel, by: Operator, decision: Decision, *, statement: str = "") -> tuple[Publication, Findings]:
    """Put a decided case, adopted or rejected, into the public register, with only what may leave the town."""
    with kernel.lock:
        decider = kernel.state.people.get(decision.by)
        if decider is None:
            raise OutOfOrder("The decider is no longer enrolled. Have the case decided again.")
        before = the_log_knows(kernel, decision, decider.public_key)
        history = kernel.state.histories[decision.case]
        if history.after("PUBLISHED", before):
            raise OutOfOrder("this decision is already published")
        person = must_hold(kernel, by, PUBLISHERS, "the_publisher_may_publish")
        if why := tuple(why_not_see(kernel, person, decision.case)):
            log_refusal(kernel, decision.case, before, why)
            raise Refused(why)
        evidence = archived(kernel, decision.before, Evidence)
        public = what_leaves(kernel, kernel.capability(history.capability), evidence, (decision.case, before))
        packed = pack(public)
        publication = Publication(
            case=decision.case,
            before=before,
            statement=statement.strip(),
            findings=digest_of_bytes(packed),
            by=by.person.token,
            at=kernel.now().isoformat(),
        )
        publication = signed(publication, by.sign)
        kept = Leaf(digest=publication.findings, document=packed, partition=kernel.partition(REGISTER))
        kernel.record(publication, kept, case=decision.case, before=before, by=publication.by)
        return publication, public


def words_of(capability: Capability, datasets: Mapping[str, Dataset]) -> Words:
    """The words that may leave: the capability's own and the areas and groups of the data it read. O(areas)."""
    areas: set[str] = set()
    groups: set[str] = set()
    for dataset in datasets.values():
        areas |= {str(a) for a in set(dataset.table["area"].tolist())} if "area" in dataset.table else set()
        groups |= {g for g in str(dataset.facts.get("groups", "")).split(",") if g}
    return Words(words=capability.arithmetic().vocabulary, areas=areas, groups=groups)


def _use(
    kernel: Kernel, capability: Capability, request: Request, given: tuple[Any, Person | None], action: str
) -> Use:
    return Use(
        capability=capability,
        purpose=request.purpose,
        params=given[0],
        datasets={role: kernel.state.datasets.get(name) for role, name in request.datasets.items()},
        person=given[1],
        now=kernel.now(),
        action=action,
        **standing(kernel),
    )


def _permit(kernel: Kernel, capability: Capability, request: Request, use: Use, before: str) -> Permit:
    permit = Permit(
        case=request.case,
        before=before,
        capability=capability.id,
        until=(kernel.now() + timedelta(days=capability.asks.days)).isoformat(),
        runs=capability.asks.runs,
        authorizations=tuple(digest_of(next(kernel.policy.authorizations(need, use))) for need in capability.needs),
        policy=kernel.policy.digest(),
        at=kernel.now().isoformat(),
    )
    return kernel.signed(permit, given=request)


def _in_force(kernel: Kernel, by: Operator, permit: Permit) -> tuple[str, Request]:
    """The permit's digest and its request, after checking that it is genuine, current, unused and the asker's."""
    before = the_log_knows(kernel, permit, kernel.office.public_key)
    history = kernel.state.histories[permit.case]
    request = archived(kernel, permit.before, Request)
    if datetime.fromisoformat(permit.until) <= kernel.now():
        raise OutOfOrder("Permit expired. Make a new request.")
    if len(history.after("STARTED", before)) >= permit.runs:
        raise OutOfOrder("Permit already used. Make a new request.")
    if by.person.token != request.by:
        raise OutOfOrder("Only the requester can run this permit.")
    return before, request


def _relied_on(kernel: Kernel, use: Use, capability: Capability) -> dict[AuthorizationKind, Authorization]:
    """The authorizations in force: those it needs, and the decision that admits discovered offences if there is one."""
    leave = next(kernel.policy.authorizations(Need(kind=AuthorizationKind.DISCOVERED_OFFENCES), use), None)
    authorizations = {need.kind: next(kernel.policy.authorizations(need, use)) for need in capability.needs}
    return authorizations | ({AuthorizationKind.DISCOVERED_OFFENCES: leave} if leave else {})
