"""The registrar's questions: acts it does with its own kernel, and what it alone can read, wrap or unwrap.

An act runs as the verb that it names, with the person and the session that the log knows: whoever asks says only which
token and session it is. Each signature the verb needs is asked for from the same connection and checked against the
enrolled key before the verb goes on.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

from msgspec import Meta

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.integrations.registrar_wire import Connection, Gone, hear, plainly, send_message, taken
from peelian.kernel.identity.session_binding import may_make_token
from peelian.kernel.model.archive_partitions import partitions_at
from peelian.kernel.model.authorization_index import warrant_roots
from peelian.kernel.model.people import Operator, signature_holds
from peelian.kernel.model.ports import Named
from peelian.kernel.model.warrants import partition_of
from peelian.kernel.state.acts import ACTS
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.vault.chunk_cipher import KEY_BYTES
from peelian.kernel.vault.vault import object_id
from peelian.kernel.vault.worker_keys import KeyRequest, Opening
from peelian.storage.document_rows import DocumentRows
from peelian.storage.log_keys import HANDOVER
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.vault_keys import StoredKeys
from peelian.storage.worker_handover import handed_over
from peelian.told_errors import error_as_values, raised

PAGE = 2_000  # entries that one answer holds
SIGNS_WITHIN = 10.0  # seconds in which whoever acts must have signed: others wait for their turn meanwhile
REMEMBERED, LEAST = 60.0, 0.3  # seconds for which it counts that nobody signed, and what is left to sign in then
PUBLIC = ("tile", "checkpoint", "checkpoint.witnessed", "log.vkey")
Told = tuple[dict[str, Any], bytes]
Index = Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an act waits for its signature: half as long each time that nobody signed, for a minute. Else a client
    that never signs would keep a suspension waiting."""

    _missed: deque[float] = field(default_factory=lambda: deque(maxlen=8))

    def seconds(self) -> float:
        """From now on."""
        recent = sum(monotonic() - at < REMEMBERED for at in self._missed)
        return max(min(LEAST, SIGNS_WITHIN), SIGNS_WITHIN / (1 << recent))

    def missed(self) -> None:
        """Nobody signed in time."""
        self._missed.append(monotonic())


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What a registrar holds."""

    kernel: Kernel
    log: PublishedLog
    archive: DocumentRows
    keys: StoredKeys
    folder: Path  # the log's
    identity: Mapping[str, Any]
    patience: Patience = field(default_factory=Patience)


@dataclass(slots=True, kw_only=True)
class Asker:
    """One connection: the objects whose keys it had wrapped and that the log does not know yet."""

    registry: Registry
    connection: Connection
    worker: bool = False  # a user of workers: it may ask for what a logged set names for its key, and nothing else
    fresh: set[str] = field(default_factory=set)


def answered(asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    """The answer to one question; every error becomes one, and only errors of ours say more than their type."""
    try:
        op = head.get("op")
        if asker.worker and ("act" in head or op not in FOR_WORKERS):
            raise InputError("user not allowed to ask this of the registrar", accepted="hello, hand_over")
        if "act" in head:
            return _acted(asker, head)
        question = QUESTIONS.get(op) if isinstance(op, str) else None
        if question is None:
            raise InputError("unknown request to the registrar", accepted=", ".join(sorted(QUESTIONS)))
        words = {name: value for name, value in head.items() if name not in ("op", "bytes", "body")}
        found = question(asker, **taken(question, words | ({"body": body} if body else {}), _nobody))
        return ({"ok": True}, found) if isinstance(found, bytes) else ({"ok": plainly(found)}, b"")
    except Gone:
        raise
    except PeelianError as error:
        return error_as_values(error), b""
    except Exception as error:  # a wish that nobody foresaw: nothing was done, and its text may hold data
        return error_as_values(InputError(f"the registrar cannot read the request ({type(error).__name__})")), b""


def _nobody(person: str, session: str, name: str) -> Operator:
    raise OutOfOrder("A question is nobody's act.")


def _acted(asker: Asker, head: Mapping[str, Any]) -> Told:
    verb = ACTS.get(str(head["act"]))
    if verb is None:
        raise InputError("unknown act", accepted="an act of this version of the program")
    kernel = asker.registry.kernel

    def operator(person: str, session: str, name: str) -> Operator:
        return _operator(asker, person, session, name)

    with kernel.lock:
        done = verb(kernel, **taken(verb, head.get("arguments", {}), operator))
        asker.fresh = {name for name in asker.fresh if name not in kernel.state.objects.datasets}
    return {"ok": plainly(done)}, b""


def _operator(asker: Asker, token: str, session: str, name: str) -> Operator:
    """Whoever acts, as the log knows them; OutOfOrder for somebody else's session or a signature that is not theirs."""
    kernel, connection, patience = asker.registry.kernel, asker.connection, asker.registry.patience
    person = kernel.state.people.get(token)
    if person is None:
        raise OutOfOrder("no person with this short name is enrolled")
    if session and kernel.state.seated.get(session) != token:
        raise OutOfOrder("The session named is not open, or belongs to another person. Log on again.")

    def sign(message: bytes) -> bytes:
        send_message(connection, {"sign": message.hex(), "as": name})
        try:
            head, signature = hear(connection, patience.seconds())
        except TimeoutError:
            patience.missed()
            raise Gone("nobody signed in time") from None
        if "error" in head:
            raise raised(head)
        if not signature_holds(person.public_key, signature.hex(), message):
            raise OutOfOrder("The entry is not signed by the person it names.")
        return signature

    return Operator(person=person, sign=sign, session=session)


# ---- questions: each takes what its declared types let in, and answers with a plain value or with bytes


def _hello(asker: Asker) -> Mapping[str, Any]:
    return asker.registry.identity


def _read(asker: Asker, start: Index) -> bytes:
    """A page of entries from `start` on, and how many there are in all."""
    found = [dict(entry) for _, entry in islice(asker.registry.log.read(start), PAGE)]
    size = asker.registry.kernel.stores.log.size()
    return json.dumps({"size": size, "entries": found}).encode()


def _receipt(asker: Asker, index: Index) -> bytes:
    return asker.registry.log.receipt(index)


def _checkpoint(asker: Asker) -> bytes:
    return asker.registry.log.checkpoint()


def _files(asker: Asker) -> bytes:
    return json.dumps(list(_public(asker.registry.folder))).encode()


def _file(asker: Asker, name: str) -> bytes:
    if name not in set(_public(asker.registry.folder)):
        raise InputError("The log has no public file with this name.")
    return (asker.registry.folder / name).read_bytes()


def _public(folder: Path) -> Iterator[str]:
    handovers = sorted(path.name for path in folder.glob(f"{HANDOVER}.*"))
    for name in (*PUBLIC, *handovers):
        found = folder / name
        for path in sorted(found.rglob("*")) if found.is_dir() else [found]:
            if path.is_file():
                yield path.relative_to(folder).as_posix()


def _put(asker: Asker, document: str, partition: str, body: bytes = b"") -> None:
    """Keep what an act will name by its digest: until one does it says nothing. InputError for a partition that would
    not end when it should: one that is neither of now nor of a warrant in force."""
    kernel = asker.registry.kernel
    warrants = {partition_of(root) for root in warrant_roots(kernel.state.authorizations)}
    if partition not in partitions_at(kernel.now()) | warrants:
        accepted = "a class of documents with the present quarter, or a warrant in force"
        raise InputError("not an archive partition of today", column="partition", accepted=accepted)
    asker.registry.archive.put(document, body, partition=partition)


def _get(asker: Asker, document: str, partition: str) -> bytes:
    return asker.registry.archive.get(document, partition=partition)


def _name(asker: Asker, document: str) -> Named | None:
    return asker.registry.kernel.stores.directory.known(document)


def _partitions(asker: Asker, partition: str) -> bytes:
    """The names of all partitions; where one is named, its digests."""
    found = asker.registry.archive.partitions()
    return json.dumps(sorted(found.get(partition, ()) if partition else found)).encode()


def _token(asker: Asker, of: str, body: bytes = b"") -> str:
    text = body.decode()
    may_make_token(asker.registry.kernel, text, of)
    return asker.registry.kernel.office.token(text, of=of)


def _add(asker: Asker, object: str, body: bytes = b"") -> None:
    if len(body) != KEY_BYTES:
        raise InputError("not a data key", accepted=f"{KEY_BYTES} bytes")
    object_id(object)
    asker.registry.keys.add(object, body)
    if object not in asker.registry.kernel.state.objects.parts:
        asker.fresh.add(object)


def _unwrap(asker: Asker, object: str, dataset: str, intent: Index) -> bytes:
    with asker.registry.kernel.lock:  # judged before the keys, as in an embedded office
        return asker.registry.keys.unwrapped(object, dataset=dataset, intent=intent)


def _hand_over(
    asker: Asker, *, intent: Index, position: Index, leaf: Opening, proof: tuple[str, ...], to: str, signature: str
) -> bytes:
    """One data key for a worker, encrypted to it."""
    asks = KeyRequest(intent=intent, position=position, leaf=leaf, proof=proof, to=to, signature=signature)
    return handed_over(asker.registry.kernel, asker.registry.keys, asks)


def _known(asker: Asker, object: str) -> None:
    asker.registry.keys.known(object)


def _destroy(asker: Asker, object: str) -> bool:
    """Destroy the key of an object that the log says goes, or has never heard of."""
    objects = asker.registry.kernel.state.objects
    with asker.registry.kernel.lock:
        if objects.datasets.get(object) and object not in objects.gone:
            raise OutOfOrder("The destruction of this object is not logged. Log it first.")
        asker.fresh.discard(object)
        return asker.registry.keys.destroy(object)


def _states(asker: Asker) -> bytes:
    return json.dumps(asker.registry.keys.states()).encode()


def _openings(asker: Asker) -> bytes:
    return json.dumps(asker.registry.keys.openings()).encode()


FOR_WORKERS = frozenset({"hello", "hand_over"})
_OF_THE_OFFICE = (_hello, _read, _receipt, _checkpoint, _files, _file, _put, _get, _name, _partitions, _token)
_OF_KEYS = (_add, _unwrap, _hand_over, _known, _destroy, _states, _openings)
QUESTIONS: Mapping[str, Callable[..., Any]] = {
    one.__name__.removeprefix("_"): one for one in (*_OF_THE_OFFICE, *_OF_KEYS)
}
