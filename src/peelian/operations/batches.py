"""Batches: one kind of use, asked for and run for many recordings, one after the other.

The log is the queue. What was made before and is still there is not made again; a permit that was not used yet is used;
what was cut short or killed is asked for anew. So a batch that is started again goes on where it stopped, and each run
writes the bytes that it would have written without the stop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from peelian.errors import IntegrityError, OutOfOrder, PeelianError, sentence
from peelian.kernel import verbs
from peelian.kernel.access.dataset_access import why_not_use
from peelian.kernel.model.case_search import CaseSearch
from peelian.kernel.model.documents import Admission, Evidence, Permit
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.params import spelled_params
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import archived
from peelian.operations import run_worker
from peelian.operations.office import Office
from peelian.oversight.transparency.register import found, request_of

MOST = 1_000
SUGGEST = "footage.propose"
RECORDING, PLAN = "footage.footage", "footage.redaction_plan"  # shapes, with their owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a batch: the recording it is about, and the data that it reads, by role."""

    of: str
    datasets: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is asked for, for what purpose, with which parameters, of which data."""

    capability: str
    purpose: str
    params: Any
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one use ended: its case, what it made by role, what it failed with; `earlier`: it was there already."""

    of: str
    case: str = ""
    made: Mapping[str, str] = field(default_factory=dict)
    error: PeelianError | None = None
    earlier: bool = False


def recordings(
    kernel: Kernel, person: Person, *, named: Collection[str] = (), category: str = ""
) -> tuple[Admission, ...]:
    """The recordings of these names, or all that a person may use, of one retention category if given; oldest first.
    O(datasets).

    OutOfOrder: one of the names is no recording, or there are more than `MOST`.
    """
    known = {a.dataset: a for a in kernel.state.datasets.values() if kernel.shape_of(a) == RECORDING}
    if strange := [name for name in named if name not in known]:
        raise OutOfOrder(sentence("%(item)s is not a recording of this office", item=strange[0][:60]))
    chosen = [known[name] for name in dict.fromkeys(named)]
    chosen = chosen or [a for a in known.values() if not any(why_not_use(kernel, person, [a]))]
    if category:
        tags = kernel.state.retention.tags
        chosen = [a for a in chosen if category in tags.get(a.dataset, ())]
    if len(chosen) > MOST:
        raise OutOfOrder(sentence("more than %(most)d recordings at once", most=MOST))
    return tuple(sorted(chosen, key=lambda a: a.at))


def uses_of(kernel: Kernel, capability: str, chosen: Sequence[Admission]) -> tuple[Use, ...]:
    """The uses that suggest redactions of recordings, or that apply the newest reviewed plan of each; a recording
    without such a plan is left out. O(datasets)."""
    if capability == SUGGEST:
        return tuple(Use(of=a.dataset, datasets={"item": a.dataset}) for a in chosen)
    plans = sorted((a for a in kernel.state.datasets.values() if kernel.shape_of(a) == PLAN), key=lambda a: a.at)
    newest = {str(a.facts["item"]): a.dataset for a in plans if not a.facts.get("to_review")}
    return tuple(
        Use(of=a.dataset, datasets={"item": a.dataset, "plan": newest[a.digest]}) for a in chosen if a.digest in newest
    )


def ran(
    office: Office, by: Operator, batch: Batch, *, progress: Progress = lambda says, share: None
) -> Iterator[Outcome]:
    """Ask for and run each use that is not done yet, in order; tells how each ended.

    What fails for one recording (refused, damaged, out of retention) is told, and the next one begins. An
    IntegrityError ends the batch. O(cases of the capability) once, then the runs.
    """
    kernel, before = office.kernel, _before(office.kernel, by, batch)
    for number, use in enumerate(batch.uses):
        progress("Recordings", number / len(batch.uses))
        key = tuple(sorted(use.datasets.items()))
        if isinstance(done := before.get(key), Outcome):
            yield done
            continue

        def told(says: str, share: float, number: int = number) -> None:
            progress(says, (number + share) / len(batch.uses))

        case = ""
        try:
            permit = done or verbs.ask(
                kernel, by, batch.capability, purpose=batch.purpose, params=batch.params, datasets=use.datasets
            )
            case = permit.case
            made, _ = run_worker.run(office, by, permit, progress=told)
        except IntegrityError:
            raise
        except PeelianError as error:
            yield Outcome(of=use.of, case=case, error=error)
            continue
        yield Outcome(of=use.of, case=case, made=made.made)
    progress("Recordings", 1.0)


def _before(kernel: Kernel, by: Operator, batch: Batch) -> dict[tuple[tuple[str, str], ...], Outcome | Permit]:
    """By the data of a use: how it ended before, if what it made is still there, or its person's unused permit."""
    params, known = spelled_params(batch.params), kernel.state.datasets
    named = {tuple(sorted(use.datasets.items())): use.of for use in batch.uses}
    told: dict[tuple[tuple[str, str], ...], Outcome | Permit] = {}
    for case in reversed(found(kernel, CaseSearch(capabilities=(batch.capability,)), published=False)):
        request = request_of(kernel, case)
        if request is None or (request.purpose, dict(request.params)) != (batch.purpose, dict(params)):
            continue
        key, history = tuple(sorted(request.datasets.items())), kernel.state.histories[case.case]
        if key not in named:
            continue
        if digests := history.digests("RAN"):
            made = archived(kernel, digests[-1], Evidence).made
            if made and all(name in known for name in made.values()):
                told[key] = Outcome(of=named[key], case=case.case, made=made, earlier=True)
        elif history.state == "PERMITTED" and request.by == by.person.token and not isinstance(told.get(key), Outcome):
            permit = archived(kernel, history.digests("PERMITTED")[-1], Permit)
            if permit.until > kernel.now().isoformat():
                told[key] = permit
    return told
