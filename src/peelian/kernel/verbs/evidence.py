"""run: what a permit allows is opened and computed; its findings are checked and kept as evidence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from peelian.errors import OutOfOrder, PeelianError, Reason, Refused, Unreachable, Unsure, Withheld
from peelian.kernel.access.decryption_checks import must_be_adopted, the_run_goes_on
from peelian.kernel.disclosure.intake_and_release_checks import Words, release_faults
from peelian.kernel.disclosure.label_checks import must_have_outlines
from peelian.kernel.model.archive_partitions import CASES
from peelian.kernel.model.authorization_index import warrant_roots
from peelian.kernel.model.capability import AuthorizationKind, Capability, Context, Dataset, Findings
from peelian.kernel.model.documents import Admission, Evidence, Permit, Request, digest_of
from peelian.kernel.model.fan_out import Each, InProcess, Keeping
from peelian.kernel.model.findings import digest_of_bytes, pack
from peelian.kernel.model.params import params_of
from peelian.kernel.model.partitions import lists_partitions
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import PARAMS
from peelian.kernel.model.warrants import partition_of, root_of
from peelian.kernel.policy.authorize import proven_person, refusal, why_stopped
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.state.acts import act
from peelian.kernel.state.demonstration import unmarked
from peelian.kernel.state.kernel import Kernel, use_of
from peelian.kernel.state.refusal_log import log_refusal, log_withheld
from peelian.kernel.state.signed_documents import archived, verify_against_log
from peelian.kernel.verbs.custody import Made, error_kind, logged, opened_dataset
from peelian.kernel.verbs.derivatives import Derivatives
from peelian.kernel.verbs.kept_parts import KeptParts, parts_over, plan_of
from peelian.kernel.verbs.partition_opening import partitioned_dataset
from peelian.kernel.verbs.use_checks import authorizations_for, refusals_of
from peelian.kernel.verbs.worker_sets import Ticket, Wanted, opens_set, tickets
from peelian.measure.canonical import canonical_digest, spelled

CUT_SHORT = (
    "The run was cut short: its process was killed, crashed, or lost the registrar or the database. Nothing was "
    "released. Request the same use again within 7 days: parts that were kept are not done again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A run that the policy let begin: its permit's digest, and the authorizations (digests) it rests on, by kind."""

    before: str
    authorizations: Mapping[AuthorizationKind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a run found: the digest of its packed findings, the seed, and what it made, by role."""

    findings: str
    seed: int
    made: Mapping[str, Made]


def run(
    kernel: Kernel, by: Operator, permit: Permit, *, progress: Callable[[str, float], None] = lambda says, share: None
) -> tuple[Evidence, Findings]:
    """Run what a permit allows; returns the signed evidence and the findings.

    1. The permit is genuine, current, unused, and its requester runs it.
    2. The use is judged again as it is now: policy, data, authorizations.
    3. The start is logged; then only the declared datasets are opened, each logged first.
    4. The arithmetic runs. It gets tables, a seed, a scratch file: no clock, key, log or network.
    5. The findings are checked by value against what the capability declares. Else Withheld, and logged.
    6. Nothing was suspended or revoked meanwhile.
    7. The evidence is signed and logged with its findings.

    What the capability makes is sealed as it is written; it stays only where all seven steps passed. Any failure is
    logged by the name of its kind, never by its message, which may hold data.
    """
    with ExitStack() as closing:
        closing.enter_context(kernel.stores.lease(permit.case, True))
        with kernel.lock:  # 1. to 3.
            began = began_by(kernel, by, permit)
            job = _opened(kernel, permit, began, closing, progress)
        try:
            return _done(kernel, job, closing, progress)
        except Unreachable:  # that it began is recorded
            raise Unsure(CUT_SHORT) from None


def go_on(
    kernel: Kernel,
    permit: Permit,
    began: Began,
    *,
    progress: Callable[[str, float], None] = lambda says, share: None,
    each: Each | None = None,
) -> tuple[Evidence, Findings]:
    """Steps 3 to 7 of `run` in a process of its own: of a run that its person began elsewhere, where it is leased.
    `each` does its independent parts, by default in this process."""
    with ExitStack() as closing:
        return _done(kernel, _opened(kernel, permit, began, closing, progress), closing, progress, each)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A run that began: what it does, with what, and where it puts what it makes."""

    began: Began
    request: Request
    declared: Capability
    params: Any
    datasets: Mapping[str, Dataset]
    made: Derivatives
    kept: KeptParts


def _done(
    kernel: Kernel,
    job: _Job,
    closing: ExitStack,
    progress: Callable[[str, float], None],
    each: Each | None = None,
) -> tuple[Evidence, Findings]:
    keeping = Keeping(each=each or InProcess(), kept=job.kept.step)
    context = replace(_context(kernel, job, closing, progress), each=keeping)

    # 4. and 5. The arithmetic runs, and its findings are checked by value.
    found = _found(kernel, job, context)

    # 6. and 7. Nothing was suspended or revoked meanwhile; the evidence is signed and logged.
    packed, of = pack(found), job.made.of
    told = Found(findings=digest_of_bytes(packed), seed=context.seed, made=job.made.described(job.params, found))
    with kernel.lock:
        still_permitted(kernel, *of)  # else nothing of it is put away
        kernel.stores.archive.put(told.findings, packed, partition=_partition(kernel, *of))
        return ran(kernel, *of, found=told), found


@act
def began_by(kernel: Kernel, by: Operator, permit: Permit) -> Began:
    """Steps 1 to 3 of `run`: judge the permit and the use again, and log that its requester begins."""
    with kernel.lock:
        # 1. The permit is genuine, current, unused, and its requester runs it.
        before, request = _usable_permit(kernel, by, permit)
        declared = kernel.capability(permit.capability)

        # 2. The use is judged again as it is now.
        params = params_of(declared, request.params)
        use = use_of(kernel, declared, request, params, proven_person(kernel, by), action="run")
        if reasons := refusals_of(kernel, use):
            log_refusal(kernel, permit.case, before, reasons)
            raise Refused(reasons)
        authorizations = authorizations_for(kernel, use)
        warrant = authorizations.get(AuthorizationKind.WARRANT)

        # 3. The start is logged. The log holds a keyed token of the parameters: from a plain digest, somebody who
        # guesses a recipient's key could tell who asked.
        said = {"params": kernel.office.token(canonical_digest(spelled(request.params)), of=PARAMS)}
        said |= {"warrant": root_of(warrant)} if warrant else {}
        said |= plan_of(kernel, request, authorizations)
        acted(kernel, by, "STARTED", case=permit.case, before=before, **said)
        return Began(before=before, authorizations={kind: digest_of(one) for kind, one in authorizations.items()})


@act
def opens(kernel: Kernel, case: str, before: str, dataset: str, *, partition: str = "", engine: str = "") -> int:
    """Log that a run that goes on opens a dataset of its request, or one partition (object) of it, and for which
    engine of counts; the entry's index. OutOfOrder or Refused where it may not (`kernel/access/decryption_checks`,
    which judges again before the key is unwrapped)."""
    with kernel.lock:
        the_run_goes_on(kernel, case, before)
        admission = kernel.state.datasets.get(dataset)
        if admission is None:
            raise OutOfOrder("The dataset is unknown, queued for destruction or destroyed.")
        holder = kernel.state.objects.holder(partition, dataset) if partition else dataset
        if not holder or bool(partition) != lists_partitions(admission.object):
            raise OutOfOrder("The log has no such object of this dataset. It was not opened.")
        must_be_adopted(kernel, engine)
        said = {"engine": engine} if engine else {}
        object = partition or admission.object
        return kernel.append("OPENED", case=case, before=before, object=object, dataset=holder, **said)


@act
def failed(kernel: Kernel, case: str, before: str, *, error: str) -> None:
    """Log that a run that goes on failed, by the name of the error's kind."""
    with kernel.lock:
        the_run_goes_on(kernel, case, before)
        kernel.append("FAILED", case=case, before=before, error=error_kind(error))
        if kernel.past_capability(kernel.state.histories[case].capability).technology in kernel.state.suspended:
            parts_over(kernel, case)  # no run can go on from them


@act
def withheld(kernel: Kernel, case: str, before: str, *, faults: tuple[Reason, ...]) -> None:
    """Log that what a run found may not leave, and by which rules."""
    with kernel.lock:
        the_run_goes_on(kernel, case, before)
        log_withheld(kernel, case, before, faults)
        parts_over(kernel, case)


@act
def ran(kernel: Kernel, case: str, before: str, *, found: Found) -> Evidence:
    """Steps 6 and 7 of `run`. What the run found is taken as whoever ran it tells, of a run that goes on."""
    with kernel.lock:
        # 6. Nothing was suspended or revoked meanwhile.
        the_run_goes_on(kernel, case, before)
        permit = archived(kernel, before, Permit)
        request, declared = archived(kernel, permit.before, Request), kernel.capability(permit.capability)
        still_permitted(kernel, case, before)

        # 7. The evidence is signed and logged with its findings.
        must_be_whole(declared, found.made)
        admissions = {role: kernel.state.datasets.get(name) for role, name in request.datasets.items()}
        evidence = Evidence(
            case=case,
            before=before,
            findings=found.findings,
            seed=found.seed,
            data={role: one.digest for role, one in admissions.items() if one is not None},
            version=kernel.office.version,
            made={
                role: _derived(kernel, (case, before), declared, admissions, (role, made))
                for role, made in found.made.items()
            },
            at=kernel.now().isoformat(),
        )
        evidence = kernel.signed(evidence)
        kernel.record(evidence, case=case, before=before, findings=evidence.findings)
        parts_over(kernel, case)
        return evidence


def must_be_whole(declared: Capability, made: Collection[str]) -> None:
    """OutOfOrder where a run did not make what its capability declares, or made something else."""
    if stray := set(made) - {make.role for make in declared.makes}:
        raise OutOfOrder(f"This capability makes no {sorted(stray)[0][:40]}.")
    if missing := sorted(make.role for make in declared.makes if not make.optional and make.role not in made):
        raise OutOfOrder(f"The run ended without making: {', '.join(missing)}")


def _derived(
    kernel: Kernel,
    of: tuple[str, str],
    declared: Capability,
    parents: Mapping[str, Admission | None],
    what: tuple[str, Made],
) -> str:
    """Admit what a run made, as a derivative of what it was made from; its dataset."""
    (case, before), (role, made) = of, what
    make = next(one for one in declared.makes if one.role == role)
    parent, name = parents.get(make.of), made.sealed.dataset
    began = kernel.state.unfinished.get(name, {})
    if parent is None or (began.get("case"), began.get("before")) != of:
        raise OutOfOrder("No run has started to make this.")
    if made.sealed.object in kernel.state.objects.datasets:
        raise OutOfOrder("This object was already admitted.")
    document = Admission(
        dataset=name,
        shape=make.shape,
        format=declared.id,
        object=made.sealed.object,
        digest=made.sealed.digest,
        rows=made.rows,
        declaration=dict(parent.declaration),
        facts=dict(made.facts),
        dropped=(),
        description=made.description,
        size=made.sealed.size,
        parent=parent.dataset,
        case=case,
        by="office",
        at=kernel.now().isoformat(),
    )
    said: dict[str, str | int] = {"case": case, "before": before, "parent": parent.dataset, "size": made.sealed.size}
    logged(kernel, kernel.signed(document), kind="DERIVED", **said)
    return name


@act
def still_permitted(kernel: Kernel, case: str, before: str) -> None:
    """Refused, and logged, where the kill switch was thrown, or the warrant taken away, while the run went on. Its mere
    end stops no run that began before it."""
    with kernel.lock:
        the_run_goes_on(kernel, case, before)
        technology = kernel.capability(archived(kernel, before, Permit).capability).technology
        if reasons := tuple(_why_not_keep(kernel, technology, _warrant_of(kernel, case, before))):
            rules = ",".join(reason.rule for reason in reasons)
            digest = kernel.policy.digest()
            kernel.append("REFUSED", case=case, before=before, rules=rules, policies=rules, policy=digest)
            parts_over(kernel, case)
            raise Refused(reasons)


def _why_not_keep(kernel: Kernel, technology: str, warrant: str) -> Iterator[Reason]:
    yield from why_stopped(kernel, technology, running=True)
    if warrant and warrant not in warrant_roots(kernel.state.authorizations):
        says = "the warrant was revoked during the run"
        yield refusal("the_authorizations_are_in_order", says, "Have one issued, then make a new request.")


def _warrant_of(kernel: Kernel, case: str, before: str) -> str:
    """The root of the warrant that the run under a permit relies on; "" where it needs none."""
    started = kernel.state.histories[case].after("STARTED", before)
    return str(started[-1].get("warrant", "")) if started else ""


def _partition(kernel: Kernel, case: str, before: str) -> str:
    return partition_of(_warrant_of(kernel, case, before)) or kernel.partition(CASES)


def _opened(
    kernel: Kernel, permit: Permit, began: Began, closing: ExitStack, progress: Callable[[str, float], None]
) -> _Job:
    """The datasets of a run, until `closing` is closed; each is logged when the one before it was read: none that is
    not tried is said to be. Where one cannot be opened the run has failed, and the log says so."""
    declared, request = kernel.capability(permit.capability), archived(kernel, permit.before, Request)
    of, reads = (permit.case, began.before), {read.role: read for read in declared.reads}
    datasets, kept = {}, KeptParts(kernel=kernel, of=of)
    closing.callback(kept.close)
    try:
        for role, name in request.datasets.items():
            admission = kernel.state.datasets[name]
            if lists_partitions(admission.object):
                how = partial(_opens_partition, kernel, of, name), partial(_commits, kernel, of)
                datasets[role] = partitioned_dataset(kernel, admission, *how, kept=kept.step, progress=progress)
                continue
            opened = opened_dataset(kernel, opens(kernel, *of, name), admission, reads[role])
            datasets[role] = closing.enter_context(opened)
    except Exception as error:
        with suppress(PeelianError):  # where nothing can be logged, that is what went wrong
            failed(kernel, *of, error=type(error).__name__)
        raise
    made = Derivatives(kernel, of, makes=declared.makes)
    closing.callback(made.close)  # what was not kept by then is destroyed
    params = params_of(declared, request.params)
    return _Job(began=began, request=request, declared=declared, params=params, datasets=datasets, made=made, kept=kept)


def _opens_partition(kernel: Kernel, of: tuple[str, str], dataset: str, object: str, engine: str) -> int:
    return opens(kernel, *of, dataset, partition=object, engine=engine)


def _commits(kernel: Kernel, of: tuple[str, str], dataset: str, wanted: tuple[Wanted, ...]) -> tuple[Ticket, ...]:
    return tickets(kernel, opens_set(kernel, *of, dataset, wanted=wanted))


def _usable_permit(kernel: Kernel, by: Operator, permit: Permit) -> tuple[str, Request]:
    """The permit's digest and its request, once it is found genuine, current, unused and its requester's."""
    before = verify_against_log(kernel, permit)
    history = kernel.state.histories[permit.case]
    request = archived(kernel, permit.before, Request)
    if datetime.fromisoformat(permit.until) <= kernel.now():
        raise OutOfOrder("Permit expired. Make a new request.")
    if len(history.after("STARTED", before)) >= permit.runs:
        raise OutOfOrder("Permit already used. Make a new request.")
    if by.person.token != request.by:
        raise OutOfOrder("Only the requester can run this permit.")
    return before, request


def _context(kernel: Kernel, job: _Job, closing: ExitStack, progress: Callable[[str, float], None]) -> Context:
    """What the arithmetic may lean on. The seed follows from what was asked of which data, so a run can be repeated;
    a title changes no figure."""
    params = {name: value for name, value in job.request.params.items() if name != "title"}
    data = {role: dataset.digest for role, dataset in job.datasets.items()}
    held = {kind: kernel.state.authorizations[digest] for kind, digest in job.began.authorizations.items()}
    return Context(
        seed=int(canonical_digest([job.request.capability, params, data])[:12], 16),
        progress=progress,
        authorizations={kind: unmarked(one.body) for kind, one in held.items()},
        issued={kind: one.at[:10] for kind, one in held.items()},
        make=job.made.make,
        scratch=lambda: closing.enter_context(kernel.stores.scratch()),
        provenance=kernel.release.provenance() if job.declared.makes else None,
    )


def _found(kernel: Kernel, job: _Job, context: Context) -> Findings:
    """Steps 4 and 5 of `run`. Every other end is logged, and what was made is destroyed."""
    declared, made = job.declared, job.made
    try:
        must_have_outlines(kernel, (dataset.table for dataset in job.datasets.values()))
        found = declared.arithmetic().run(job.params, job.datasets, context)
        must_be_whole(declared, made.sealed)
    except Exception as error:
        made.close()
        job.kept.save()
        failed(kernel, *made.of, error=type(error).__name__)
        if isinstance(error, PeelianError):
            raise
        says = f"{declared.id} failed ({type(error).__name__}). No results were released. Try again, or report it."
        raise PeelianError(says) from None
    if faults := tuple(release_faults(found, declared, words_of(declared, job.datasets))):
        made.close()
        withheld(kernel, *made.of, faults=faults)
        raise Withheld(faults)
    return found


def words_of(capability: Capability, datasets: Mapping[str, Dataset]) -> Words:
    """The words that may leave: the capability's own and the areas and groups of the data it read. O(areas)."""
    areas: set[str] = set()
    groups: set[str] = set()
    for dataset in datasets.values():
        areas |= {str(a) for a in set(dataset.table["area"].tolist())} if "area" in dataset.table else set()
        groups |= {g for g in str(dataset.facts.get("groups", "")).split(",") if g}
    return Words(words=capability.arithmetic().vocabulary, areas=areas, groups=groups)
