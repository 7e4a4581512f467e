"""The doctor's checks of the archive: logged documents that are missing or altered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError, sentence
from peelian.kernel.model.documents import Admission, Publication, from_bytes
from peelian.kernel.model.partitions import lists_partitions
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.refusal_log import may_be_without_reasons
from peelian.kernel.state.signed_documents import destroyed_on, was_lost

INDIRECT: Mapping[str, type[Admission] | type[Publication]] = {
    "ADMITTED": Admission,
    "DERIVED": Admission,
    "PUBLISHED": Publication,
}
"""Kinds of entries whose document names another one, which no entry does."""
NAMED = 3  # cases that are named, of those that lack something


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A document that is missing or cannot be read, and an entry that names it."""

    digest: str
    entry: Entry
    says: str  # what is wrong with it; "": it is missing
    restored: bool = False  # missing, and a restored log says that it came without it


@dataclass(slots=True)
class _Lost:
    documents: int = 0
    cases: dict[str, None] = field(default_factory=dict)
    says: str = ""

    def count(self, entry: Entry, says: str = "") -> None:
        self.documents += 1
        self.says = self.says or says
        if "case" in entry:
            self.cases[str(entry["case"])] = None

    @property
    def many(self) -> str:
        return f"{self.documents:,}"

    @property
    def whose(self) -> str:
        if not self.cases:
            return ""
        more = f", +{len(self.cases) - NAMED}" if len(self.cases) > NAMED else ""
        return f" ({', '.join(list(self.cases)[:NAMED])}{more})"


def of_the_documents(kernel: Kernel) -> Iterator[tuple[bool, str, str]]:
    """What is to be said of the archive's documents: whether it is a fault, what it is, and what to do. Every one that
    the log names is read and checked, findings too. One that was destroyed as its retention or its warrant asks is not
    missed; one that a restored log says it came without is told, and is no fault. O(bytes of the archive)."""
    gone, altered, left = _looked_at(kernel)
    if gone.documents:
        says = sentence("Logged documents missing from the archive: %(n)s%(whose)s.", n=gone.many, whose=gone.whose)
        yield True, says, "Restore the database from its backup. Documents added after the backup are lost."
    if altered.documents:
        says = sentence(
            "Logged documents that cannot be read: %(n)s%(whose)s. The first: %(first)s",
            n=altered.many,
            whose=altered.whose,
            first=altered.says,
        )
        yield True, says, "Keep the database unchanged and start the breach protocol."
    if left.documents:
        says = sentence("Documents lost when the log was restored: %(n)s%(whose)s.", n=left.many, whose=left.whose)
        yield False, says, "Enrol people, import data and request uses of that time again, where still needed."


def not_in_the_log(kernel: Kernel) -> int:
    """How many of the archive's documents no entry names. A crash, or an act that failed at its end, leaves one at a
    time; many mean that entries were taken away. O(entries + documents)."""
    left = set[str]().union(*kernel.stores.archive.partitions().values())
    for _, entry in kernel.stores.log.read():
        left.difference_update(value for value in entry.values() if isinstance(value, str))
    for _, entry in kernel.stores.log.read() if left else ():
        if entry["kind"] in INDIRECT and "document" in entry:
            with suppress(PeelianError):  # it is missed elsewhere
                left.discard(_named_by(kernel, entry))
    return len(left)


def _named_by(kernel: Kernel, entry: Entry) -> str:
    """The document that an entry's own document names: what was published, or an object's description; "" if none."""
    document = from_bytes(kernel.stores.archive.get(str(entry["document"])), INDIRECT[str(entry["kind"])])
    return document.findings if isinstance(document, Publication) else document.description


def _looked_at(kernel: Kernel) -> tuple[_Lost, _Lost, _Lost]:
    gone, altered, left = _Lost(), _Lost(), _Lost()
    for one in lost_documents(kernel):
        (altered if one.says else left if one.restored else gone).count(one.entry, one.says)
    return gone, altered, left


def lost_documents(kernel: Kernel) -> Iterator[Missed]:
    """Each document that the log names and that is missing or cannot be read. O(bytes of the archive)."""
    seen = set[str]()
    erased = {str(entry["case"]) for _, entry in kernel.stores.log.read() if entry["kind"] == "ERASED"}
    for _, entry in kernel.stores.log.read():
        for digest in digests_of(kernel, entry, erased) if "document" in entry else ():
            if digest in seen:
                continue
            seen.add(digest)
            says = _why_none(kernel, digest)
            if says or (says == "" and not destroyed_on(kernel, str(entry["document"]))):
                restored = not says and was_lost(kernel, str(entry["document"]))
                yield Missed(digest=digest, entry=entry, says=says, restored=restored)
    yield from _lost_reasons(kernel)


def _lost_reasons(kernel: Kernel) -> Iterator[Missed]:
    """The same of the reasons of refusals, which several refusals may share: they are missed while one of these has to
    have them."""
    having: dict[str, list[tuple[int, Entry]]] = {}
    for index, entry in kernel.stores.log.read(kinds=["REFUSED"]):
        if "reasons" in entry:
            having.setdefault(str(entry["reasons"]), []).append((index, entry))
    for digest, refusals in having.items():
        says = _why_none(kernel, digest)
        due = [entry for index, entry in refusals if not may_be_without_reasons(kernel, index, entry)]
        if says is not None and (says or due):
            yield Missed(digest=digest, entry=(due or [refusals[0][1]])[0], says=says)


def _why_none(kernel: Kernel, digest: str) -> str | None:
    """Why a document cannot be read, "" where it is missing; None where it is there."""
    try:
        kernel.stores.archive.get(digest)
    except (InputError, OutOfOrder):
        return ""
    except IntegrityError as error:
        return str(error)
    return None


def digests_of(kernel: Kernel, entry: Entry, erased: Set[str]) -> Iterator[str]:
    """An entry's document, the findings it stands on, what its document names, and the list of a dataset's
    partitions."""
    yield str(entry["document"])
    if lists_partitions(str(entry.get("object", ""))):
        yield str(entry["object"])
    if "findings" in entry and str(entry.get("case")) not in erased:
        yield str(entry["findings"])
    if entry["kind"] in INDIRECT:
        with suppress(PeelianError):  # it was looked at before
            if named := _named_by(kernel, entry):
                yield named
