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

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.access.decryption_checks import ENDS, the_opening_is_permitted
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake, declaration_faults
from peelian.kernel.disclosure.label_checks import must_be_known
from peelian.kernel.gate import enter
from peelian.kernel.identity.custody_grounds import Ground, ground_of
from peelian.kernel.model.archive_partitions import DATA
from peelian.kernel.model.authorization_index import warrant_roots
from peelian.kernel.model.capability import Dataset, Findings, Read, Role, Scalar
from peelian.kernel.model.custody_declarations import Moment
from peelian.kernel.model.documents import Admission, Declaration, digest_of, fields_of
from peelian.kernel.model.findings import digest_of_bytes, pack, unpack
from peelian.kernel.model.formats import Admitted, Format
from peelian.kernel.model.people import Operator
from peelian.kernel.model.ports import Sealed
from peelian.kernel.model.pseudonyms import OPTION, one_spelling
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.policy.signed_entries import acted, entry_by
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, signed
from peelian.kernel.verbs.manifest_checks import must_be_listed, must_be_new
from peelian.measure.table import Table

ADMITTERS = frozenset({Role.ANALYST, Role.CUSTODIAN, Role.AUDITOR, Role.CLERK})
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

    What shows people is kept on a ground alone (`custody_grounds`), which is its legal basis, whatever was declared.
    """
    must_hold_role(kernel, by, KEEPERS, "the_keeper_may_keep")
    chosen = stream_format(kernel, format)
    if (ground := _ground(kernel, chosen)) is not None:
        declaration = replace(declaration, legal_basis=ground.legal_basis)
    if reasons := tuple(declaration_faults(declaration, of_people=chosen.of_people)):
        raise Refused(reasons)
    given = _options(kernel, chosen, options or {})
    name = f"{chosen.shape}-{secrets.token_hex(6)}"
    with all_or_nothing(kernel, by, name, format=chosen.id):
        progress = while_it_may(kernel, chosen.id, progress)
        sealed = _sealed(kernel, name, file, progress, size)
        taken = _looked_at(kernel, by, chosen, sealed, given)
        kept = Kept(
            dataset=name,
            format=chosen.id,
            object=sealed.object,
            digest=sealed.digest,
            rows=len(taken.table),
            declaration=declaration,
            facts=dict(taken.facts),
            notes=tuple({"text": n.text, "values": dict(n.values), "kind": n.kind} for n in taken.notes),
            description=described(kernel, taken),
            size=sealed.size,
        )
        kept_as(kernel, by, kept)
    return kernel.state.datasets[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was sealed and is to be admitted: where it lies, what it was declared and found to be."""

    dataset: str
    format: str
    object: str
    digest: str
    rows: int
    declaration: Declaration
    facts: Mapping[str, Scalar]
    dropped: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[Mapping[str, Any], ...] = ()
    description: str = ""  # of an object kept whole: the digest of its packed description
    size: int = 0  # of an object kept whole: its bytes
    warrant: str = ""  # under which it was collected


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a run made and sealed: where it lies, and what its description says."""

    sealed: Sealed
    rows: int
    facts: Mapping[str, Scalar]
    description: str  # the digest of its packed description


@act
def kept_as(kernel: Kernel, by: Operator, kept: Kept) -> None:
    """Sign and log the admission of what was sealed. What the file held is taken as whoever read it tells.

    Refused where the person may not, or the declaration is not whole; OutOfOrder where they did not begin to keep
    this, where it was admitted before, or where it names a warrant that is none.
    """
    with kernel.lock:
        roles, rule = (KEEPERS, "the_keeper_may_keep") if kept.description else (ADMITTERS, "the_admitter_may_admit")
        known, began = format_of(kernel, kept.format), kernel.state.unfinished.get(kept.dataset, {})
        if began.get("by") != by.person.token or "case" in began:
            raise OutOfOrder("This person did not start keeping this object.")
        must_be_new(kernel, kept.object)
        must_come_in(kernel, kept.format, warrant=kept.warrant)
        if reasons := tuple(declaration_faults(kept.declaration, of_people=known.of_people)):
            raise Refused(reasons)
        _must_be_under(kernel, kept)
        ground = _ground(kernel, known)
        if ground is not None and kept.declaration.legal_basis != ground.legal_basis:
            raise OutOfOrder("The ground for keeping recordings changed meanwhile. Store it again.")
        document = Admission(
            dataset=kept.dataset,
            shape=known.shape,
            format=kept.format,
            object=kept.object,
            digest=kept.digest,
            rows=kept.rows,
            declaration=fields_of(kept.declaration),
            facts=dict(kept.facts),
            dropped=kept.dropped,
            notes=kept.notes,
            description=kept.description,
            size=kept.size,
            by=by.person.token,
            at=kernel.now().isoformat(),
        )
        must_be_listed(kernel, document, kept.declaration)
        document = signed(document, by.sign, digest := digest_of(document))
        must_hold_role(kernel, by, roles, rule, signed=(digest, document.signature))
        amount = {"size": kept.size} if kept.description else {"rows": kept.rows}
        said = {"warrant": kept.warrant, "people": kept.declaration.people, "before": _exception(ground)}
        logged(kernel, document, kind="ADMITTED", **amount, **{key: text for key, text in said.items() if text})


def _must_be_under(kernel: Kernel, kept: Kept) -> None:
    """OutOfOrder where what was collected under a warrant does not name one in force: a refusal must find it."""
    basis = kept.declaration.legal_basis
    if not kept.warrant and not basis.startswith("warrant "):
        return
    if kept.warrant not in warrant_roots(kernel.state.authorizations) or basis != f"warrant {kept.warrant[:16]}":
        raise OutOfOrder("Data collected under a warrant must name a valid one.")


def format_of(kernel: Kernel, name: str) -> Format:
    """The format with this id; OutOfOrder names those there are."""
    formats = {one.id: one for one in kernel.formats}
    if name not in formats:
        raise OutOfOrder(f"Unknown format. Known: {', '.join(sorted(formats))}")
    return formats[name]


def stream_format(kernel: Kernel, format: str) -> Format:
    """The format with this id that keeps objects whole; OutOfOrder names the ones there are."""
    known = {f.id: f for f in kernel.formats if f.inspect is not None}
    if format not in known:
        raise OutOfOrder(f"Unknown format for whole objects. Known: {', '.join(sorted(known)) or 'none'}")
    return known[format]


@contextmanager
def all_or_nothing(kernel: Kernel, by: Operator, name: str, *, format: str, warrant: str = "") -> Iterator[None]:
    """Log that something begins to be kept under `name`; where it fails, destroy what was sealed and log that, too."""
    with kernel.stores.lease(name, True):
        begun(kernel, by, name, format=format, warrant=warrant)
        try:
            yield
        except BaseException as error:
            if name in kernel.state.unfinished:
                turned_away(kernel, name, error=type(error).__name__)
            raise


@act
def begun(kernel: Kernel, by: Operator, name: str, *, format: str, warrant: str = "") -> None:
    """Log that something begins to be kept under a name of its own, before a byte of it is sealed. Refused where its
    technology is suspended, but for what is collected under a warrant that two people excepted."""
    with kernel.lock:
        must_be_free(kernel, name)
        _ground(kernel, format_of(kernel, format))
        must_come_in(kernel, format, warrant=warrant)
        acted(kernel, by, "KEEPING", dataset=name, format=format)


def _ground(kernel: Kernel, format: Format) -> Ground | None:
    """What an object of this format is kept on; None for one that shows nobody. Refused where there is nothing."""
    return ground_of(kernel, kernel.owner_of(format.id)) if format.of_people else None


def _exception(ground: Ground | None) -> str:
    return ground.digest if ground is not None and ground.excepted else ""


def must_come_in(kernel: Kernel, format: str, *, warrant: str = "") -> None:
    """Refused where the technology that a format belongs to is suspended: nothing comes in. But what is collected under
    a warrant (its root) that two people excepted."""
    technology = kernel.owner_of(format)
    if not warrant or kernel.state.excepted.get(warrant) != technology:
        enter(kernel, technology)


def while_it_may(
    kernel: Kernel, format: str, progress: Callable[[str, float], None], *, warrant: str = ""
) -> Callable[[str, float], None]:
    """Progress of something that comes in, which ends as `must_come_in` does once its technology is suspended."""

    def told(says: str, share: float) -> None:
        kernel.stores.follow()
        must_come_in(kernel, format, warrant=warrant)
        progress(says, share)

    return told


def must_be_free(kernel: Kernel, name: str) -> None:
    """OutOfOrder for a name that something has or had; of an alarm, too: a hold on it would be one on the dataset."""
    state = kernel.state
    if any(name in there for there in (state.datasets, state.queued, state.destroyed, state.unfinished)):
        raise OutOfOrder("name already taken")
    if state.alarms.knows(name):
        raise OutOfOrder("name already taken")


def turned_away(kernel: Kernel, name: str, *, error: str) -> None:
    """Destroy whatever was sealed under a name that never came to be, and log it."""
    for object in kernel.stores.vault.found(name):
        kernel.stores.vault.destroy(object)
    left_off(kernel, name, error=error)


def error_kind(error: str) -> str:
    """The name of an error's kind, as the log holds it; OutOfOrder for anything else: a message may hold data."""
    if not re.fullmatch(r"[A-Za-z_]{1,60}", error):
        raise OutOfOrder("An error is logged by the name of its kind.")
    return error


@act
def left_off(kernel: Kernel, name: str, *, error: str) -> None:
    """Log that what began to be kept under a name never came to be."""
    with kernel.lock:
        began = kernel.state.unfinished.get(name)
        if not began:
            raise OutOfOrder("No custody of this object was started.")
        of_the_case = {key: began[key] for key in ("case", "before") if key in began}
        kernel.append("TURNED_AWAY", dataset=name, error=error_kind(error), **of_the_case)


@act
def looked_into(kernel: Kernel, by: Operator, object: str, dataset: str) -> int:
    """Log that a person opens an object outside a case: what they are just taking into custody, or by a duty of
    theirs; the entry's index. OutOfOrder or Refused where they may not (`kernel/access/decryption_checks`)."""
    with kernel.lock:
        entry = entry_by(kernel, by, "OPENED", object=object, dataset=dataset)
        the_opening_is_permitted(kernel, entry)
        return kernel.take(entry)


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
    if history.state in ENDS:
        return False  # it came to its end meanwhile
    for name in [one for one, entry in kernel.state.unfinished.items() if entry.get("case") == case]:
        turned_away(kernel, name, error="Interrupted")
    for admission in [a for a in kernel.state.datasets.values() if a.case == case]:
        kernel.append("DESTROYED", dataset=admission.dataset, object=admission.object, why="interrupted")
        kernel.stores.vault.destroy(admission.object)
    start = next(e for _, e in reversed(history.entries) if e["kind"] == "STARTED")
    kernel.append("FAILED", case=case, before=str(start["before"]), error="Interrupted")
    return True


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
    names, name = set(), dataset
    while name:
        names.add(name)
        known = kernel.state.datasets.get(name) or kernel.state.destroyed.get(name)
        name = known.parent if known else ""
    found = kernel.stores.log.found_of("dataset", names)
    for index, entry in (one for one in found if until is None or one[0] < until):
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
    """Archive and log an admission, or what a run made."""
    kernel.record(
        document,
        kind,
        dataset=document.dataset,
        object=document.object,
        shape=document.shape,
        digest=document.digest,
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
    intent = looked_into(kernel, by, sealed.object, sealed.dataset)
    with kernel.stores.vault.open(sealed.object, intent=intent) as stream:
        taken = kernel.stores.readers.looked_at(chosen, stream, options)
    check_at_intake(taken)
    must_be_known(kernel, taken, chosen.words)
    return taken


def _options(kernel: Kernel, chosen: Format, options: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(set(options) - set(chosen.options))
    if unknown:
        raise InputError(
            f"format {chosen.id} has no option {unknown[0][:40]}", accepted=", ".join(sorted(chosen.options))
        )
    kept = {key for key, text in options.items() if key in chosen.tokens and text}
    return {
        key: kernel.office.token(one_spelling(text), of=OPTION) if key in kept else text
        for key, text in options.items()
    }
