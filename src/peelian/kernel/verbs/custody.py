"""Custody: objects kept whole, streamed in, described and opened, never held in memory.

The shape, for those who write a technology:

1. **Coming in.** A `Format(kinds=("stream",), inspect=…)` says how an object of its shape is looked at. `keep` copies
   the file once, in pieces, through SHA-256 into the vault, has `inspect(file, options)` look at what was *sealed*, and
   admits it: description and facts, never content. Options in `Format.tokens` reach `inspect` as keyed tokens.
2. **Being read.** `Read(role="item", title="recording", shape="footage")` as for any dataset. `run` gets
   `Dataset(table=description, facts=…, stream=a readable, seekable file)`; with `Read(history=True)` also its history.
3. **Being derived from** (`kernel/verbs/derivatives`). A capability declares `makes=(Make(role, shape, of, …),)` and
   writes into `with context.make(role) as file:` from the first byte to the last. `context.scratch()` gives a file that
   can be sought, for programs that must. What was made is in `Evidence.made[role]`; nothing remains of a failed run.
4. **Leaving** (`kernel/verbs/delivery`). A capability with `delivers(params) -> Delivery` may have its derivative
   handed to a named recipient once its case was accepted, until that expires.

In the log: KEEPING (it begins: nothing is sealed that the log does not expect) → OPENED → ADMITTED, or TURNED_AWAY. An
intake or a run that a power cut ended is cleared at the next opening: its objects are destroyed, and the log says so.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import BinaryIO

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake, declaration_faults
from peelian.kernel.disclosure.label_checks import must_be_known
from peelian.kernel.model.archive_partitions import DATA
from peelian.kernel.model.capability import Dataset, Findings, Read, Role
from peelian.kernel.model.custody_declarations import Moment
from peelian.kernel.model.documents import Admission, Declaration, fields_of
from peelian.kernel.model.findings import digest_of_bytes, pack, unpack
from peelian.kernel.model.formats import Admitted, Format
from peelian.kernel.model.people import Operator
from peelian.kernel.model.ports import Entry, Sealed
from peelian.kernel.model.pseudonyms import OPTION
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.state.kernel import Kernel, signed
from peelian.measure.table import Table

KEEPERS = frozenset({Role.CLERK, Role.CUSTODIAN, Role.ANALYST})
PIECE = 1 << 20
KEEPING = "Storing"


def keep(
    kernel: Kernel,
    by: Operator,
    declaration: Declaration,
    file: BinaryIO,
    *,
    format: str,
    options: Mapping[str, str] | None = None,
    progress: Callable[[str, float], None] = lambda says, share: None,
    size: int = 0,
) -> Admission:
    """Keep an object whole, under the format with the id `format`. Its digest is the SHA-256 of its bytes.

    `file` is read once, forwards; `size` (bytes, if known) only serves the progress. Either the whole object is sealed,
    described and logged, or nothing of it remains and the log says that it was turned away. O(bytes), flat memory.
    """
    person = must_hold_role(kernel, by, KEEPERS, "the_keeper_may_keep")
    if reasons := tuple(declaration_faults(declaration)):
        raise Refused(reasons)
    chosen = stream_format(kernel, format)
    given = _options(kernel, chosen, options or {})
    name = f"{chosen.shape}-{secrets.token_hex(6)}"
    with all_or_nothing(kernel, by, name, format=chosen.id):
        sealed = _sealed(kernel, name, file, progress, size)
        taken = _looked_at(kernel, by, chosen, sealed, given)
        document = Admission(
            dataset=name,
            shape=chosen.shape,
            format=chosen.id,
            object=sealed.object,
            digest=sealed.digest,
            rows=len(taken.table),
            declaration=fields_of(declaration),
            facts=dict(taken.facts),
            dropped=(),
            notes=tuple({"text": n.text, "values": dict(n.values), "kind": n.kind} for n in taken.notes),
            description=described(kernel, taken),
            size=sealed.size,
            by=person.token,
            at=kernel.now().isoformat(),
        )
        logged(kernel, signed(document, by.sign), kind="ADMITTED")
    return kernel.state.datasets[name]


def stream_format(kernel: Kernel, format: str) -> Format:
    """The format with this id that keeps objects whole; OutOfOrder names the ones there are."""
    known = {f.id: f for f in kernel.formats if f.inspect is not None}
    if format not in known:
        raise OutOfOrder(f"Unknown format for whole objects. Known: {', '.join(sorted(known)) or 'none'}")
    return known[format]


@contextmanager
def all_or_nothing(kernel: Kernel, by: Operator, name: str, *, format: str) -> Iterator[None]:
    """Log that something begins to be kept under `name`; where it fails, destroy what was sealed and log that, too."""
    with kernel.stores.lease(name, True):
        acted(kernel, by, "KEEPING", dataset=name, format=format)
        try:
            yield
        except BaseException as error:
            if name in kernel.state.unfinished:
                turned_away(kernel, name, error=type(error).__name__)
            raise


def turned_away(kernel: Kernel, name: str, *, error: str) -> None:
    """Destroy whatever was sealed under a name that never came to be, and log it."""
    for object in kernel.stores.vault.found(name):
        kernel.stores.vault.destroy(object)
    began = kernel.state.unfinished.get(name, {})
    of_the_case = {key: began[key] for key in ("case", "before") if key in began}
    kernel.append("TURNED_AWAY", dataset=name, error=error, **of_the_case)


def cleared(kernel: Kernel) -> int:
    """What an interruption left: unfinished objects are destroyed, runs without an end fail. How many; O(open ones).

    Whatever a living process still works on is leased to it, and left alone.
    """
    n = 0
    for name in list(kernel.state.unfinished):
        if "case" not in kernel.state.unfinished.get(name, {}):
            with kernel.stores.lease(name, False) as free, kernel.lock:
                if free and name in kernel.state.unfinished:
                    turned_away(kernel, name, error="Interrupted")
                    n += 1
    for history in list(kernel.state.histories.in_state("STARTED", "OPENED", "KEEPING", "TURNED_AWAY", "DERIVED")):
        if not history.digests("DECIDED"):
            with kernel.stores.lease(history.case, False) as free, kernel.lock:
                n += free and _failed(kernel, history.case)
    return n


def _failed(kernel: Kernel, case: str) -> bool:
    """End the run of a case that nothing runs any more; whether there was one."""
    history = kernel.state.histories[case]
    if history.state in ("RAN", "FAILED", "WITHHELD", "REFUSED"):
        return False  # it came to its end meanwhile
    for name in [one for one, entry in kernel.state.unfinished.items() if entry.get("case") == case]:
        turned_away(kernel, name, error="Interrupted")
    for admission in [a for a in kernel.state.datasets.values() if a.case == case]:
        kernel.append("DESTROYED", dataset=admission.dataset, object=admission.object, why="interrupted")
        kernel.stores.vault.destroy(admission.object)
    start = next(e for _, e in reversed(history.entries) if e["kind"] == "STARTED")
    kernel.append("FAILED", case=case, before=str(start["before"]), error="Interrupted")
    return True


def opening(kernel: Kernel, case: str, before: str, admission: Admission) -> Entry:
    """The entry that says that a dataset is opened in a case, not appended yet."""
    said = {"case": case, "before": before, "object": admission.object, "dataset": admission.dataset}
    return kernel.entry("OPENED", said)


def opened_datasets(
    kernel: Kernel, closing: ExitStack, start: Entry, data: Mapping[str, tuple[Admission, Read]]
) -> dict[str, Dataset]:
    """Log the start of a run, and open its datasets (role → admission and how it is read) until `closing` is closed.

    Where one cannot be opened the run has failed, and the log says so.
    """
    case, before = str(start["case"]), str(start["before"])
    try:
        return {role: closing.enter_context(one) for role, one in _one_by_one(kernel, start, (case, before), data)}
    except Exception as error:
        with suppress(PeelianError):  # where nothing can be logged, that is what went wrong
            kernel.append("FAILED", case=case, before=before, error=type(error).__name__)
        raise


def _one_by_one(
    kernel: Kernel, start: Entry, of: tuple[str, str], data: Mapping[str, tuple[Admission, Read]]
) -> Iterator[tuple[str, AbstractContextManager[Dataset]]]:
    """The first opening is logged together with the start, each further one when the one before it was read: none that
    is not tried is said to be."""
    entries = [start]
    for role, (admission, read) in data.items():
        intent = kernel.take_all([*entries, opening(kernel, *of, admission)])[-1]
        entries = []
        yield role, opened_dataset(kernel, intent, admission, read)
    if entries:
        kernel.take_all(entries)


def opened_dataset(kernel: Kernel, intent: int, admission: Admission, read: Read) -> AbstractContextManager[Dataset]:
    """Open a dataset, of which the log says so at index `intent`: the vault unwraps its key only against that entry.

    A table is read whole; an object kept whole stays open as the dataset's stream until the context ends.
    """
    if admission.description:
        return _opened_object(kernel, intent, admission, read)
    with kernel.stores.vault.open(admission.object, intent=intent) as file:
        table = Table.from_parquet(file)
    return nullcontext(
        Dataset(
            id=admission.dataset, format=admission.format, digest=admission.digest, table=table, facts=admission.facts
        )
    )


def _opened_object(kernel: Kernel, intent: int, admission: Admission, read: Read) -> AbstractContextManager[Dataset]:
    history = tuple(moments(kernel, admission.dataset, until=intent)) if read.history else ()

    @contextmanager
    def _open() -> Iterator[Dataset]:
        with kernel.stores.vault.open(admission.object, intent=intent) as file:
            yield Dataset(
                id=admission.dataset,
                format=admission.format,
                digest=admission.digest,
                table=description_of(kernel, admission).tables[0],
                facts=admission.facts,
                stream=file,
                history=history,
            )

    return _open()


def moments(kernel: Kernel, dataset: str, *, until: int | None = None) -> Iterator[Moment]:
    """The log's entries (before index `until`) about a dataset and about what it was made from, oldest first, each with
    its receipt."""
    indexes: set[int] = set()
    name = dataset
    while name:
        indexes |= set(kernel.state.about(name))
        known = kernel.state.datasets.get(name) or kernel.state.destroyed.get(name)
        name = known.parent if known else ""
    for index in sorted(one for one in indexes if until is None or one < until):
        entry = kernel.stores.log.entry(index)
        yield Moment(index=index, entry=entry, receipt=kernel.stores.log.receipt(index))


def described(kernel: Kernel, taken: Admitted) -> str:
    """Archive an object's description; its digest."""
    packed = pack(Findings(tables=(taken.table,)))
    digest = digest_of_bytes(packed)
    kernel.stores.archive.put(digest, packed, partition=kernel.partition(DATA))
    return digest


def description_of(kernel: Kernel, admission: Admission) -> Findings:
    """The archived description of an object kept whole; its one table."""
    return unpack(kernel.stores.archive.get(admission.description))


def logged(kernel: Kernel, document: Admission, *, kind: str, **fields: str | int) -> None:
    """Archive and log the admission of an object kept whole."""
    kernel.record_as(
        kind,
        document,
        dataset=document.dataset,
        object=document.object,
        shape=document.shape,
        digest=document.digest,
        size=document.size,
        by=document.by,
        **fields,
    )


def _sealed(kernel: Kernel, name: str, file: BinaryIO, progress: Callable[[str, float], None], size: int) -> Sealed:
    done = 0
    with kernel.stores.vault.seal(name) as into:
        while piece := file.read(PIECE):
            into.write(piece)
            done += len(piece)
            progress(KEEPING, min(0.99, done / size) if size else 0.5)
        if not done:
            raise InputError("file empty", accepted="a file of this format")
    progress(KEEPING, 1.0)
    return into.sealed


def _looked_at(kernel: Kernel, by: Operator, chosen: Format, sealed: Sealed, options: Mapping[str, str]) -> Admitted:
    """What the format says of the sealed bytes: not of the file that was handed in, which may have changed since."""
    inspect = chosen.inspect or _nothing
    intent = acted(kernel, by, "OPENED", object=sealed.object, dataset=sealed.dataset)
    with kernel.stores.vault.open(sealed.object, intent=intent) as stream:
        try:
            with kernel.stores.bounded():
                taken = inspect(stream, options)
        except PeelianError:
            raise
        except Exception as error:
            wrong = f"the file cannot be read as {chosen.id} ({type(error).__name__})"
            raise InputError(wrong, accepted=chosen.title) from None  # the exception's own message may hold data
    check_at_intake(taken)
    must_be_known(kernel, taken, chosen.words)
    return taken


def _nothing(file: BinaryIO, options: Mapping[str, str]) -> Admitted:
    raise OutOfOrder("this format cannot keep whole objects")


def _options(kernel: Kernel, chosen: Format, options: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(set(options) - set(chosen.options))
    if unknown:
        raise InputError(
            f"format {chosen.id} has no option {unknown[0][:40]}", accepted=", ".join(sorted(chosen.options))
        )
    kept = {key for key, text in options.items() if key in chosen.tokens and text}
    return {key: kernel.office.token(text, of=OPTION) if key in kept else text for key, text in options.items()}
