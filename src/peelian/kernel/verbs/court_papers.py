"""Court papers: the file of a warrant, sealed as an object of its own and opened by the few who may.

Its name in the log is `paper-` and the first digits of its SHA-256. Each opening is logged before a byte is shown: who
confirms a warrant must have opened its paper.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, cast

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.access.decryption_checks import PAPER_READERS
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.model.ports import Sealed
from peelian.kernel.model.vocabulary import AuthorizationKind
from peelian.kernel.model.warrants import name_of_paper
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.missing_documents import destroyed
from peelian.kernel.verbs.custody import looked_into

RECORDERS = ISSUERS[AuthorizationKind.WARRANT]
MOST_BYTES = 6 << 20
KINDS = {
    b"%PDF-": "pdf",
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"II*\x00": "tif",
    b"MM\x00*": "tif",
}
"""What a paper's file begins with, and how its name ends."""
ACCEPTED = "a PDF, PNG, JPEG or TIFF file"


def seal_paper(kernel: Kernel, by: Operator, content: bytes) -> str:
    """Seal a court's paper; its SHA-256. One that was sealed already is not sealed again. InputError: too large, or no
    scan or document. Nothing of it is read."""
    must_hold_role(kernel, by, RECORDERS, "the_issuer_may_issue")
    if len(content) > MOST_BYTES:
        raise InputError("paper too large", accepted=sentence("at most %(n)d KiB", n=MOST_BYTES >> 10))
    kind_of(content)
    digest = sha256(content).hexdigest()
    if object_of(kernel, digest):
        return digest
    with kernel.stores.vault.seal(name_of_paper(digest)) as file:
        file.write(content)
    sealed: Sealed = cast(Any, file).sealed  # the port promises it on the context's value
    paper_sealed(kernel, by, sealed)
    return digest


@act
def paper_sealed(kernel: Kernel, by: Operator, sealed: Sealed) -> None:
    """Log that a court's paper was sealed."""
    with kernel.lock:
        must_hold_role(kernel, by, RECORDERS, "the_issuer_may_issue")
        if sealed.dataset != name_of_paper(sealed.digest):
            raise OutOfOrder("A court's paper is named by its digest.")
        if sealed.object in kernel.state.objects.datasets or object_of(kernel, sealed.digest):
            raise OutOfOrder("This object was already admitted.")
        what: dict[str, str | int] = {"dataset": sealed.dataset, "object": sealed.object, "digest": sealed.digest}
        acted(kernel, by, "SEALED", **what, size=sealed.size)


def read_paper(kernel: Kernel, by: Operator, digest: str) -> bytes:
    """The paper with this SHA-256, after its opening was logged. Refused or OutOfOrder where they may not, or it is not
    there; InputError for something that is no digest."""
    must_hold_role(kernel, by, PAPER_READERS, "the_reader_may_read")
    object = object_of(kernel, digest)
    if not object:
        _must_be_there(kernel, digest)
        raise InputError("no court paper with this digest", accepted="the SHA-256 of a recorded warrant's paper")
    intent = looked_into(kernel, by, object, name_of_paper(digest))
    with kernel.stores.vault.open(object, intent=intent) as file:
        content = file.read()
    return bytes(content)


def _must_be_there(kernel: Kernel, digest: str) -> None:
    """OutOfOrder where the daily job destroyed it; sealed again, it has another object."""
    for _, entry in kernel.stores.log.found("dataset", name_of_paper(digest)):
        if entry["kind"] == "KEY_DESTROYED" and entry.get("why") == "retention":
            raise destroyed(str(entry["t"])[:10])


def was_read(kernel: Kernel, person: str, digest: str, *, after: int) -> bool:
    """Whether this person opened the paper after an index of the log. O(openings of it)."""
    found = kernel.stores.log.found("dataset", name_of_paper(digest))
    return any(one["kind"] == "OPENED" and one.get("by") == person and index > after for index, one in found)


def object_of(kernel: Kernel, digest: str) -> str:
    """The sealed object of a paper; "" where there is none, or it was destroyed. O(entries about it)."""
    gone, objects = kernel.state.objects.gone, []
    for _, entry in kernel.stores.log.found("dataset", name_of_paper(digest)):
        if entry["kind"] == "SEALED" and entry["digest"] == digest and entry["object"] not in gone:
            objects.append(str(entry["object"]))
    return objects[-1] if objects else ""


def kind_of(content: bytes) -> str:
    """How the name of a paper's file ends; InputError where it is neither scan nor document."""
    for begins, kind in KINDS.items():
        if content.startswith(begins):
            return kind
    raise InputError("not the file of a court's paper", accepted=ACCEPTED)
