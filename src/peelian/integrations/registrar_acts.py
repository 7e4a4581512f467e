"""The registrar's questions: acts it does with its own kernel, and what it alone can read, wrap or unwrap.

An act runs as the verb that it names, with the person and the session that the log knows: whoever asks says only which
token and session it is. Each signature the verb needs is asked for from the same connection and checked against the
enrolled key before the verb goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.integrations.registrar_wire import Connection, Gone, hear, plainly, say, taken
from peelian.kernel.identity.session_binding import may_make_token
from peelian.kernel.model.people import Operator, signature_holds
from peelian.kernel.state.acts import ACTS
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.vault.chunk_cipher import KEY_BYTES
from peelian.kernel.vault.vault import object_id
from peelian.kernel.vault.worker_keys import KeyRequest, Opening
from peelian.storage.document_rows import DocumentRows
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.vault_keys import StoredKeys
from peelian.storage.worker_handover import handed_over
from peelian.told_errors import raised, told

PAGE = 2_000  # entries that one answer holds
SIGNS_WITHIN = 10.0  # seconds in which whoever acts must have signed: others wait for their turn meanwhile
PUBLIC = ("tile", "checkpoint", "checkpoint.witnessed", "log.vkey")
Told = tuple[dict[str, Any], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What a registrar holds."""

    kernel: Kernel
    log: PublishedLog
    archive: DocumentRows
    keys: StoredKeys
    folder: Path  # the log's
    identity: Mapping[str, Any]


@dataclass(slots=True)
class Asker:
    """One connection: the objects whose keys it had wrapped and that the log does not know yet."""

    connection: Connection
    worker: bool = False  # a user of workers: it may ask for what a logged set names for its key, and nothing else
    fresh: set[str] = field(default_factory=set)


def answered(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    """The answer to one question; every error becomes one, and only errors of ours say more than their type."""
    try:
        op = head.get("op")
        if asker.worker and ("act" in head or op not in FOR_WORKERS):
            raise InputError("user not allowed to ask this of the registrar", accepted="hello, hand_over")
        if "act" in head:
            return _acted(registry, asker, head)
        question = QUESTIONS.get(op) if isinstance(op, str) else None
        if question is None:
            raise InputError("unknown request to the registrar", accepted=", ".join(sorted(QUESTIONS)))
        return question(registry, asker, head, body)
    except Gone:
        raise
    except PeelianError as error:
        return told(error), b""
    except Exception as error:  # a wish that nobody foresaw: nothing was done, and its text may hold data
        return told(InputError(f"the registrar cannot read the request ({type(error).__name__})")), b""


def _acted(registry: Registry, asker: Asker, head: Mapping[str, Any]) -> Told:
    verb = ACTS.get(str(head["act"]))
    if verb is None:
        raise InputError("unknown act", accepted="an act of this version of the program")
    kernel = registry.kernel

    def operator(person: str, session: str, name: str) -> Operator:
        return _operator(kernel, asker.connection, person, session, name)

    with kernel.lock:
        done = verb(kernel, **taken(verb, head.get("arguments", {}), operator))
        asker.fresh = {name for name in asker.fresh if name not in kernel.state.objects.datasets}
    return {"ok": plainly(done)}, b""


def _operator(kernel: Kernel, connection: Connection, token: str, session: str, name: str) -> Operator:
    """Whoever acts, as the log knows them; OutOfOrder for somebody else's session or a signature that is not theirs."""
    person = kernel.state.people.get(token)
    if person is None:
        raise OutOfOrder("no person with this short name is enrolled")
    if session and kernel.state.seated.get(session) != token:
        raise OutOfOrder("The session named is not open, or belongs to another person. Log on again.")

    def sign(message: bytes) -> bytes:
        say(connection, {"sign": message.hex(), "as": name})
        try:
            head, signature = hear(connection, SIGNS_WITHIN)
        except TimeoutError:
            raise Gone("nobody signed in time") from None
        if "error" in head:
            raise raised(head)
        if not signature_holds(person.public_key, signature.hex(), message):
            raise OutOfOrder("The entry is not signed by the person it names.")
        return signature

    return Operator(person=person, sign=sign, session=session)


def _ok(value: object, body: bytes = b"") -> Told:
    return {"ok": value}, body


def _read(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    found = [dict(entry) for _, entry in islice(registry.log.read(_number(head, "start")), PAGE)]
    return _ok(registry.kernel.stores.log.size(), json.dumps(found).encode())


def _file(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    name = _text(head, "name")
    if name not in set(_public(registry.folder)):
        raise InputError("The log has no public file with this name.")
    return _ok("file", (registry.folder / name).read_bytes())


def _public(folder: Path) -> Iterator[str]:
    for name in PUBLIC:
        found = folder / name
        for path in sorted(found.rglob("*")) if found.is_dir() else [found]:
            if path.is_file():
                yield path.relative_to(folder).as_posix()


def _put(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    """Keep what an act will name by its digest: until one does it says nothing."""
    registry.archive.put(_text(head, "document"), body, partition=_text(head, "partition"))
    return _ok("kept")


def _get(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    return _ok("document", registry.archive.get(_text(head, "document"), partition=_text(head, "partition")))


def _name(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    found = registry.kernel.stores.directory.known(_text(head, "document"))
    return _ok({"person": found.person, "name": found.name, "salt": found.salt} if found else None)


def _partitions(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    """The names of all partitions; where one is named, its digests."""
    found, partition = registry.archive.partitions(), _text(head, "partition")
    return _ok("partitions", json.dumps(sorted(found.get(partition, ()) if partition else found)).encode())


def _token(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    text, of = body.decode(), _text(head, "of")
    may_make_token(registry.kernel, text, of)
    return _ok(registry.kernel.office.token(text, of=of))


def _add(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    name = _text(head, "object")
    if len(body) != KEY_BYTES:
        raise InputError("not a data key", accepted=f"{KEY_BYTES} bytes")
    object_id(name)
    registry.keys.add(name, body)
    if name not in registry.kernel.state.objects.parts:
        asker.fresh.add(name)
    return _ok("kept")


def _unwrap(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    name, dataset, intent = _text(head, "object"), _text(head, "dataset"), _number(head, "intent")
    with registry.kernel.lock:  # judged before the keys, as in an embedded office
        return _ok("key", registry.keys.unwrapped(name, dataset=dataset, intent=intent))


def _hand_over(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    """One data key for a worker, encrypted to it."""
    leaf = Opening(**{name: _text(head, name) for name in ("object", "worker", "run", "until")})
    asks = KeyRequest(
        intent=_number(head, "intent"),
        position=_number(head, "position"),
        leaf=leaf,
        proof=tuple(filter(None, _text(head, "proof").split("."))),
        to=_text(head, "to"),
        signature=_text(head, "signature"),
    )
    return _ok("key", handed_over(registry.kernel, registry.keys, asks))


def _known(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    registry.keys.known(_text(head, "object"))
    return _ok("known")


def _destroy(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    """Destroy the key of an object that the log says goes, or has never heard of."""
    name, objects = _text(head, "object"), registry.kernel.state.objects
    with registry.kernel.lock:
        if objects.datasets.get(name) and name not in objects.gone:
            raise OutOfOrder("The destruction of this object is not logged. Log it first.")
        asker.fresh.discard(name)
        return _ok(registry.keys.destroy(name))


def _states(registry: Registry, asker: Asker, head: Mapping[str, Any], body: bytes) -> Told:
    return _ok("states", json.dumps(registry.keys.states()).encode())


FOR_WORKERS = frozenset({"hello", "hand_over"})
QUESTIONS: Mapping[str, Callable[[Registry, Asker, Mapping[str, Any], bytes], Told]] = {
    "hello": lambda registry, *_: _ok(dict(registry.identity)),
    "read": _read,
    "receipt": lambda registry, _, head, body: _ok("receipt", registry.log.receipt(_number(head, "index"))),
    "checkpoint": lambda registry, *_: _ok("checkpoint", registry.log.checkpoint()),
    "files": lambda registry, *_: _ok("files", json.dumps(list(_public(registry.folder))).encode()),
    "file": _file,
    "put": _put,
    "get": _get,
    "name": _name,
    "partitions": _partitions,
    "token": _token,
    "add": _add,
    "unwrap": _unwrap,
    "hand_over": _hand_over,
    "known": _known,
    "destroy": _destroy,
    "states": _states,
    "openings": lambda registry, *_: _ok("openings", json.dumps(registry.keys.openings()).encode()),
}


def _text(head: Mapping[str, Any], key: str) -> str:
    value = head.get(key)
    if not isinstance(value, str):
        raise InputError("question without text", column=key, accepted="text")
    return value


def _number(head: Mapping[str, Any], key: str) -> int:
    value = head.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError("question without a number", column=key, accepted="a whole number from 0 on")
    return value
