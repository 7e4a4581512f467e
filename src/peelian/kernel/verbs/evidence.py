"""run: what a permit allows is opened and computed; its findings are checked and kept as evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peelian.errors import OutOfOrder, PeelianError, Refused, Withheld
from peelian.kernel.disclosure.intake_and_release_checks import Words, release_faults
from peelian.kernel.model.archive_partitions import CASES
from peelian.kernel.model.capability import AuthorizationKind, Capability, Context, Dataset, Findings
from peelian.kernel.model.documents import Admission, Authorization, Evidence, Permit, Request
from peelian.kernel.model.findings import digest_of_bytes, pack
from peelian.kernel.model.params import params_of
from peelian.kernel.model.people import Operator
from peelian.kernel.model.ports import Leaf
from peelian.kernel.model.pseudonyms import PARAMS
from peelian.kernel.model.warrants import partition_of, root_of
from peelian.kernel.policy.authorize import proven_person
from peelian.kernel.policy.signed_entries import entry_by
from peelian.kernel.state.demonstration import unmarked
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.refusal_log import log_refusal, log_withheld
from peelian.kernel.state.signed_documents import archived, verify_against_log
from peelian.kernel.verbs.custody import opened_datasets
from peelian.kernel.verbs.derivatives import Derivatives
from peelian.kernel.verbs.use_checks import authorizations_for, refusals_of, use_of
from peelian.measure.canonical import canonical_digest, spelled


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run that the policy let begin: its permit's digest, what it does, with what, and on which authority."""

    before: str
    request: Request
    capability: Capability
    params: Any
    admissions: Mapping[str, Admission]
    datasets: Mapping[str, Dataset]
    authorizations: Mapping[AuthorizationKind, Authorization]

    @property
    def warrant(self) -> str:
        """The root of the warrant it runs under; "" where it needs none."""
        warrant = self.authorizations.get(AuthorizationKind.WARRANT)
        return root_of(warrant) if warrant else ""


def run(
    kernel: Kernel, by: Operator, permit: Permit, *, progress: Callable[[str, float], None] = lambda says, share: None
) -> tuple[Evidence, Findings]:
    """Run what a permit allows; returns the signed evidence and the findings.

    1. The permit is genuine, current, unused, and its requester runs it.
    2. The use is judged again as it is now: policy, data, authorizations.
    3. The start is logged; then only the declared datasets are opened.
    4. The arithmetic runs. It gets tables, a seed, a scratch file: no clock, key, log or network.
    5. The findings are checked by value against what the capability declares. Else Withheld, and logged.
    6. Nothing was suspended or revoked meanwhile.
    7. The evidence is signed and logged with its findings.

    What the capability makes is sealed as it is written; it stays only where all seven steps passed. Any failure is
    logged by the name of its kind, never by its message, which may hold data.
    """
    with ExitStack() as closing:
        closing.enter_context(kernel.stores.lease(permit.case, True))
        with kernel.lock:
            begun = _begun(kernel, by, permit, closing)  # steps 1 to 3
        made = Derivatives(kernel, permit.case, begun.before, makes=begun.capability.makes, parents=begun.admissions)
        closing.callback(made.close)  # what was not kept by then is destroyed
        context = _context(kernel, begun, made, closing, progress)

        # 4. and 5. The arithmetic runs, and its findings are checked by value.
        found = _found(kernel, begun, context, made, permit.case)

        with kernel.lock:
            # 6. Nothing was suspended or revoked meanwhile.
            made.must_still_be_permitted(begun.capability.technology, begun.warrant)

            # 7. The evidence is signed and logged with its findings.
            packed = pack(found)
            evidence = Evidence(
                case=permit.case,
                before=begun.before,
                findings=digest_of_bytes(packed),
                seed=context.seed,
                data={role: dataset.digest for role, dataset in begun.datasets.items()},
                version=kernel.office.version,
                made=made.derived(begun.params, found),
                at=kernel.now().isoformat(),
            )
            evidence = kernel.signed(evidence)
            partition = partition_of(begun.warrant) or kernel.partition(CASES)
            kept = Leaf(digest=evidence.findings, document=packed, partition=partition)
            kernel.record(evidence, kept, case=permit.case, before=begun.before, findings=evidence.findings)
            return evidence, found


def _begun(kernel: Kernel, by: Operator, permit: Permit, closing: ExitStack) -> _Run:
    """Steps 1 to 3 of `run`, under the kernel's lock; `closing` closes what was opened."""
    # 1. The permit is genuine, current, unused, and its requester runs it.
    before, request = _usable_permit(kernel, by, permit)
    declared = kernel.capability(permit.capability)
    params = params_of(declared, request.params)

    # 2. The use is judged again as it is now.
    use = use_of(kernel, declared, request, params, proven_person(kernel, by), action="run")
    if reasons := refusals_of(kernel, use):
        log_refusal(kernel, permit.case, before, reasons)
        raise Refused(reasons)
    authorizations = authorizations_for(kernel, use)
    warrant = authorizations.get(AuthorizationKind.WARRANT)

    # 3. The start is logged; then only the declared datasets are opened. The log holds a keyed token of the parameters:
    # from a plain digest, somebody who guesses a recipient's key could tell who asked.
    said = {"params": kernel.office.token(canonical_digest(spelled(request.params)), of=PARAMS)}
    said |= {"warrant": root_of(warrant)} if warrant else {}
    start = entry_by(kernel, by, "STARTED", case=permit.case, before=before, **said)
    reads = {read.role: read for read in declared.reads}
    admissions = {role: admission for role, admission in use.datasets.items() if admission is not None}
    data = {role: (admission, reads[role]) for role, admission in admissions.items()}
    return _Run(
        before=before,
        request=request,
        capability=declared,
        params=params,
        admissions=admissions,
        datasets=opened_datasets(kernel, closing, start, data),
        authorizations=authorizations,
    )


def _usable_permit(kernel: Kernel, by: Operator, permit: Permit) -> tuple[str, Request]:
    """The permit's digest and its request, once it is found genuine, current, unused and its requester's."""
    before = verify_against_log(kernel, permit, kernel.office.public_key)
    history = kernel.state.histories[permit.case]
    request = archived(kernel, permit.before, Request)
    if datetime.fromisoformat(permit.until) <= kernel.now():
        raise OutOfOrder("Permit expired. Make a new request.")
    if len(history.after("STARTED", before)) >= permit.runs:
        raise OutOfOrder("Permit already used. Make a new request.")
    if by.person.token != request.by:
        raise OutOfOrder("Only the requester can run this permit.")
    return before, request


def _context(
    kernel: Kernel, begun: _Run, made: Derivatives, closing: ExitStack, progress: Callable[[str, float], None]
) -> Context:
    """What the arithmetic may lean on. The seed follows from what was asked of which data, so a run can be repeated;
    a title changes no figure."""
    params = {name: value for name, value in begun.request.params.items() if name != "title"}
    data = {role: dataset.digest for role, dataset in begun.datasets.items()}
    return Context(
        seed=int(canonical_digest([begun.request.capability, params, data])[:12], 16),
        progress=progress,
        authorizations={kind: unmarked(authorization.body) for kind, authorization in begun.authorizations.items()},
        make=made.make,
        scratch=lambda: closing.enter_context(kernel.stores.scratch()),
        provenance=kernel.release.provenance() if begun.capability.makes else None,
    )


def _found(kernel: Kernel, begun: _Run, context: Context, made: Derivatives, case: str) -> Findings:
    """Steps 4 and 5 of `run`. Every other end is logged, and what was made is destroyed."""
    declared = begun.capability
    try:
        found = declared.arithmetic().run(begun.params, begun.datasets, context)
        made.must_be_complete()
    except Exception as error:
        made.close()
        kernel.append("FAILED", case=case, before=begun.before, error=type(error).__name__)
        if isinstance(error, PeelianError):
            raise
        says = f"{declared.id} failed ({type(error).__name__}). No results were released. Try again, or report it."
        raise PeelianError(says) from None
    if faults := release_faults(found, declared, words_of(declared, begun.datasets)):
        made.close()
        log_withheld(kernel, case, begun.before, faults)
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
