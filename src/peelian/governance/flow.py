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
from peelian.governance.access_classes import why_not_see
from peelian.governance.acts import must_hold, signed_paper, who
from peelian.governance.capability import (
    Admitted,
    Capability,
    Context,
    Dataset,
    Findings,
    Grant,
    Need,
    Note,
    Paper,
    Role,
    Scalar,
)
from peelian.governance.custody import opened_datasets, or_nothing
from peelian.governance.deciding import looked_at, must_be_filled_in
from peelian.governance.documents import (
    Admission,
    Authority,
    Decision,
    Declaration,
    Evidence,
    Permit,
    Publication,
    Request,
    fields_of,
    mark_of,
)
from peelian.governance.doors import (
    Words,
    checked_at_the_door_in,
    faults_at_the_door_out,
    the_declaration_is_complete,
)
from peelian.governance.findings import digest_of, pack
from peelian.governance.house import House, Record, archived, log_word, signed, standing, the_log_knows
from peelian.governance.making import Workshop
from peelian.governance.noising import what_leaves
from peelian.governance.params import must_be_a_purpose, params_of, spelled_params
from peelian.governance.people import Operator, Person
from peelian.governance.policy import Use
from peelian.governance.ports import Leaf
from peelian.governance.refusing import log_refusal, log_withheld
from peelian.governance.shelving import CASES, REFUSALS, REGISTER
from peelian.governance.signed_entries import said_by
from peelian.governance.tokens import PARAMS
from peelian.governance.usable import why_not_use
from peelian.governance.warrants import root_of, shelf_of
from peelian.measure.canonical import digest, spelled

PUBLISHERS = frozenset({Role.BOARD, Role.CLERK, Role.PRIVACY_OFFICER})
AFTER_TODAY = "The newest row is dated %(day)s, after the import date. Check the dates."
ADMITTERS = frozenset({Role.ANALYST, Role.CUSTODIAN, Role.AUDITOR, Role.CLERK})


def admit(
    house: House, by: Operator, declaration: Declaration, admitted: Admitted, *, format: str, warrant: str = ""
) -> Admission:
    """Seal a converted table: the declaration must be complete and every value be what its kind says.

    Either the whole dataset is sealed and logged, or nothing of it remains. `warrant`: the root of the one under which
    it was collected, said by the same entry, so that a refusal finds it whatever happens next. O(cells).
    """
    must_hold(house, by, ADMITTERS, "the_admitter_may_admit")
    if reasons := tuple(the_declaration_is_complete(declaration)):
        raise Refused(reasons)
    checked_at_the_door_in(admitted)
    shapes = {f.id: f.shape for f in house.formats}
    if format not in shapes:
        raise OutOfOrder(f"Unknown format. Known: {', '.join(sorted(shapes))}")
    shape, content = shapes[format], admitted.table.digest()
    name = f"{shape}-{content[:8]}-{secrets.token_hex(6)}"
    with or_nothing(house, by, name, format=format):  # so that a crash leaves nothing that nobody knows
        with house.vault.seal(name) as file:
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
                for note in (*admitted.notes, *_dated_ahead(admitted.facts, house.now().date().isoformat()))
            ),
            by=by.person.token,
            at=house.now().isoformat(),
        )
        said: dict[str, str | int] = {"dataset": name, "object": document.object, "shape": shape, "digest": content}
        said |= {"rows": document.rows, "by": by.person.token, **({"warrant": warrant} if warrant else {})}
        document = signed(document, by.sign, mark := mark_of(document))
        house.record_all([(mark, document, said)])
    return house.book.datasets[name]


def _dated_ahead(facts: Mapping[str, Scalar], today: str) -> tuple[Note, ...]:
    """A caveat where the newest row is dated after the day on which it is admitted (ISO days)."""
    newest = str(facts.get("to_day", ""))
    return (Note(text=AFTER_TODAY, values={"day": newest}, kind="caveat"),) if newest > today else ()


def ask(
    house: House,
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
    with house.lock:
        declared = house.capability(capability)
        if not isinstance(params, declared.params):
            raise OutOfOrder(f"{capability} takes {declared.params.__name__}")
        must_be_a_purpose(purpose, declared.purposes)
        declared.check(params)
        enrolled = house.book.people.get(by.person.token)
        request = Request(
            case=f"c-{secrets.token_hex(5)}",
            capability=capability,
            purpose=str(purpose),
            params=spelled_params(params),
            datasets=dict(datasets or {}),
            by=by.person.token,
            unit=enrolled.unit if enrolled else "unknown",
            at=house.now().isoformat(),
        )
        request = signed(request, by.sign, mark := mark_of(request))
        person = who(house, by, (mark, request.signature))
        if enrolled and not person:  # somebody in their name
            request = dataclasses.replace(request, unit="unknown")
            request = signed(request, by.sign, mark := mark_of(request))
        said = {"case": request.case, "capability": capability, "by": request.by, "unit": log_word(request.unit)}
        said["purpose"] = request.purpose
        use = _use(house, declared, request, (params, person), "ask")
        try:  # judged before anything is written, so that request and permit wait for the disk together
            reasons = (*house.policy.judge(use), *why_not_use(house, use.person, use.datasets.values()))
            permit = None if reasons else _permit(house, declared, request, use, mark)
        except BaseException:
            house.record(request, **said)  # that somebody asked is in the log whatever became of it
            raise
        if permit is None:
            house.record_on(REFUSALS, "ASKED", request, **said)
            log_refusal(house, request.case, mark, reasons)
            raise Refused(reasons)
        given = {"case": permit.case, "before": permit.before, "until": permit.until, "policy": permit.policy}
        house.record_all([(mark, request, said), (mark_of(permit), permit, given)])
        return permit


def run(
    house: House, by: Operator, permit: Permit, *, progress: Callable[[str, float], None] = lambda says, share: None
) -> tuple[Evidence, Findings]:
    """Run what a permit allows: open only the declared datasets, compute, inspect by value at the door, and archive.

    What the capability makes is sealed as it is written; nothing of it remains unless all of it passed the door. The
    log's word for the params is keyed: from a plain digest, whoever guesses a recipient's key could tell who asked.
    """
    with ExitStack() as closing:
        with house.lock:
            before, request = _in_force(house, by, permit)
            declared = house.capability(permit.capability)
            params = params_of(declared, request.params)
            use = _use(house, declared, request, (params, who(house, by)), "run")
            if reasons := (*house.policy.judge(use), *why_not_use(house, use.person, use.datasets.values())):
                log_refusal(house, permit.case, before, reasons)
                raise Refused(reasons)
            papers = _relied_on(house, use, declared)
            warrant = root_of(papers[Paper.WARRANT]) if Paper.WARRANT in papers else ""
            started = {"params": house.token(digest(spelled(request.params)), of=PARAMS)}
            started |= {"warrant": warrant} if warrant else {}
            reads = {read.role: read for read in declared.reads}
            parents = {role: admission for role, admission in use.datasets.items() if admission is not None}
            start = said_by(house, by, "STARTED", case=permit.case, before=before, **started)
            data = {role: (one, reads[role]) for role, one in parents.items()}
            datasets = opened_datasets(house, closing, start, data)
        workshop = Workshop(house, permit.case, before, makes=declared.makes, parents=parents)
        closing.callback(workshop.close)  # whatever was not derived by then is destroyed
        context = Context(
            seed=int(digest([request.capability, request.params, {r: d.digest for r, d in datasets.items()}])[:12], 16),
            progress=progress,
            papers={kind: paper.body for kind, paper in papers.items()},
            make=workshop.make,
            scratch=lambda: closing.enter_context(house.scratch()),
            provenance=house.provenance() if declared.makes else None,
        )
        found = _found(house, declared, (params, datasets, context), workshop, (permit.case, before))
        with house.lock:
            workshop.must_still_be_permitted(declared.technology, warrant)
            packed = pack(found)
            evidence = Evidence(
                case=permit.case,
                before=before,
                findings=digest_of(packed),
                seed=context.seed,
                data={role: dataset.digest for role, dataset in datasets.items()},
                version=house.version,
                made=workshop.derived(params, found),
                at=house.now().isoformat(),
            )
            evidence = house.signed(evidence)
            kept = Leaf(mark=evidence.findings, document=packed, shelf=shelf_of(warrant) or house.shelf(CASES))
            house.record(evidence, kept, case=permit.case, before=before, findings=evidence.findings)
            return evidence, found


def _found(
    house: House, declared: Capability, given: tuple[Any, Any, Context], workshop: Workshop, case: tuple[str, str]
) -> Findings:
    """What the capability finds, once it passed the door; every other end is logged, and what it made is destroyed."""
    name, before = case
    try:
        found = declared.run(*given)
        workshop.must_be_complete()
    except Exception as error:
        workshop.close()
        house.append("FAILED", case=name, before=before, error=type(error).__name__)
        if isinstance(error, PeelianError):
            raise
        says = f"{declared.id} failed ({type(error).__name__}); nothing left the vault: ask again, or report it"
        raise PeelianError(says) from None  # the exception's own message may hold data
    if faults := faults_at_the_door_out(found, declared, words_of(declared, given[1])):
        workshop.close()
        log_withheld(house, name, before, faults)
        raise Withheld(faults)
    return found


def decide(
    house: House, by: Operator, evidence: Evidence, *, choice: str, reasons: str, other_evidence: str
) -> Decision:
    """A named person who is not the asker decides, with reasons and with the other evidence considered.

    Adopting a proof turns it into its paper, signed by the decider, where the bars fixed beforehand were met.
    InputError where the form is not filled in: of that, nothing is in the log.
    """
    with house.lock:
        before = the_log_knows(house, evidence, house.public_key)
        track = house.book.tracks[evidence.case]
        declared = house.capability(track.capability)
        must_be_filled_in(declared, choice=choice, reasons=reasons, other_evidence=other_evidence)
        decider = house.book.people.get(by.person.token)
        decision = Decision(
            case=evidence.case,
            before=before,
            choice=choice,
            reasons=reasons.strip(),
            other_evidence=other_evidence.strip(),
            by=by.person.token,
            unit=decider.unit if decider else "unknown",
            at=house.now().isoformat(),
        )
        mark = mark_of(decision)  # signed at once by whom this proves; in a session, only where nothing else stops it
        decision = decision if by.session else signed(decision, by.sign, mark)
        must_hold(house, by, declared.deciders, "the_decider_may_decide", signed=(mark, decision.signature))
        if track.after("DECIDED", before):
            raise OutOfOrder("these findings already have a decision")
        request, found, why = looked_at(house, declared, decision, evidence)
        if why:
            log_refusal(house, evidence.case, before, why)
            raise Refused(why)
        decision = signed(decision, by.sign, mark) if by.session else decision
        said = {"case": evidence.case, "before": before, "by": decision.by, "choice": choice}
        records: list[Record] = [(mark, decision, {**said, "unit": log_word(decision.unit)})]
        if declared.grants and found:
            body = declared.grants.body(params_of(declared, request.params), found)
            records.append(_granted(house, by, declared.grants, body=body, before=mark))
        house.record_all(records)
        return decision


def _granted(house: House, by: Operator, grant: Grant, *, body: Mapping[str, Scalar], before: str) -> Record:
    """The paper that an adopted proof becomes."""
    purposes = tuple(sorted(house.purposes_of(grant.serves)))
    return signed_paper(
        house, by, grant.paper, serves=grant.serves, purposes=purposes, days=grant.days, body=body, before=before
    )


def publish(house: House, by: Operator, decision: Decision, *, statement: str = "") -> tuple[Publication, Findings]:
    """Put a decided case, adopted or rejected, into the public register, with only what may leave the town."""
    with house.lock:
        decider = house.book.people.get(decision.by)
        if decider is None:
            raise OutOfOrder("The decider is no longer enrolled. Have the case decided again.")
        before = the_log_knows(house, decision, decider.public_key)
        track = house.book.tracks[decision.case]
        if track.after("PUBLISHED", before):
            raise OutOfOrder("this decision is already published")
        person = must_hold(house, by, PUBLISHERS, "the_publisher_may_publish")
        if why := tuple(why_not_see(house, person, decision.case)):
            log_refusal(house, decision.case, before, why)
            raise Refused(why)
        evidence = archived(house, decision.before, Evidence)
        public = what_leaves(house, house.capability(track.capability), evidence, (decision.case, before))
        packed = pack(public)
        publication = Publication(
            case=decision.case,
            before=before,
            statement=statement.strip(),
            findings=digest_of(packed),
            by=by.person.token,
            at=house.now().isoformat(),
        )
        publication = signed(publication, by.sign)
        kept = Leaf(mark=publication.findings, document=packed, shelf=house.shelf(REGISTER))
        house.record(publication, kept, case=decision.case, before=before, by=publication.by)
        return publication, public


def words_of(capability: Capability, datasets: Mapping[str, Dataset]) -> Words:
    """The words that may leave: the capability's own and the areas and groups of the data it read. O(areas)."""
    areas: set[str] = set()
    groups: set[str] = set()
    for dataset in datasets.values():
        areas |= {str(a) for a in set(dataset.table["area"].tolist())} if "area" in dataset.table else set()
        groups |= {g for g in str(dataset.facts.get("groups", "")).split(",") if g}
    return Words(words=capability.vocabulary, areas=areas, groups=groups)


def _use(house: House, capability: Capability, request: Request, given: tuple[Any, Person | None], action: str) -> Use:
    return Use(
        capability=capability,
        purpose=request.purpose,
        params=given[0],
        datasets={role: house.book.datasets.get(name) for role, name in request.datasets.items()},
        person=given[1],
        now=house.now(),
        action=action,
        **standing(house),
    )


def _permit(house: House, capability: Capability, request: Request, use: Use, before: str) -> Permit:
    permit = Permit(
        case=request.case,
        before=before,
        capability=capability.id,
        until=(house.now() + timedelta(days=capability.permit_days)).isoformat(),
        runs=capability.runs_per_permit,
        papers=tuple(mark_of(next(house.policy.papers(need, use))) for need in capability.needs),
        policy=house.policy.digest(),
        at=house.now().isoformat(),
    )
    return house.signed(permit, given=request)


def _in_force(house: House, by: Operator, permit: Permit) -> tuple[str, Request]:
    """The permit's mark and its request, after checking that it is genuine, current, unused and the asker's."""
    before = the_log_knows(house, permit, house.public_key)
    track = house.book.tracks[permit.case]
    request = archived(house, permit.before, Request)
    if datetime.fromisoformat(permit.until) <= house.now():
        raise OutOfOrder("Permit expired. Make a new request.")
    if len(track.after("STARTED", before)) >= permit.runs:
        raise OutOfOrder("Permit already used. Make a new request.")
    if by.person.token != request.by:
        raise OutOfOrder("Only the requester can run this permit.")
    return before, request


def _relied_on(house: House, use: Use, capability: Capability) -> dict[Paper, Authority]:
    """The papers in force: those it needs, and the decision that admits discovered offences if there is one."""
    leave = next(house.policy.papers(Need(paper=Paper.DISCOVERED_OFFENCES), use), None)
    papers = {need.paper: next(house.policy.papers(need, use)) for need in capability.needs}
    return papers | ({Paper.DISCOVERED_OFFENCES: leave} if leave else {})
