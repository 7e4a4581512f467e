"""The registrar's requests: each is judged, carried out and answered with one frame."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.integrations.registrar_frames import Frame, error_frame
from peelian.kernel.log.entry_schema import encode_entry
from peelian.kernel.model.ports import Leaf, Named
from peelian.kernel.registrar.registrar import Judge, document_of
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.vault.chunk_cipher import KEY_BYTES
from peelian.kernel.vault.vault import object_id
from peelian.storage.document_rows import DocumentRows
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.vault_keys import StoredKeys

MOST_ENTRIES = 10_000
PAGE = 2_000  # entries that one answer holds
PUBLIC = ("tile", "checkpoint", "checkpoint.witnessed", "log.vkey")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What a registrar holds, and the judge of what it is asked."""

    kernel: Kernel
    judge: Judge
    log: PublishedLog
    archive: DocumentRows
    keys: StoredKeys
    folder: Path  # the log's
    identity: Mapping[str, Any]


@dataclass(slots=True)
class Asker:
    """One connection: the objects whose keys it had wrapped and that the log does not know yet."""

    fresh: set[str] = field(default_factory=set)


def answered(registry: Registry, asker: Asker, question: Frame) -> Frame:
    """The answer to one question; every error becomes one, and only errors of ours say more than their type."""
    op = question.head.get("op")
    act = ACTS.get(op) if isinstance(op, str) else None
    try:
        if act is None:
            raise InputError("unknown request to the registrar", accepted=", ".join(sorted(ACTS)))
        return act(registry, asker, question)
    except PeelianError as error:
        return error_frame(error)
    except Exception as error:  # a wish that nobody foresaw: nothing was done, and its text may hold data
        return error_frame(InputError(f"the registrar cannot read the request ({type(error).__name__})"))


def _ok(value: object, body: bytes = b"") -> Frame:
    return Frame(head={"ok": value}, body=body)


def _append(registry: Registry, asker: Asker, question: Frame) -> Frame:
    entries = json.loads(question.body)
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_ENTRIES:
        raise InputError("not a list of entries", accepted=f"1 to {MOST_ENTRIES:,} entries")
    kernel, indexes = registry.kernel, []
    with kernel.lock:
        for entry in entries:
            encode_entry(entry)
            registry.judge.may_append(entry)
            indexes.append(kernel.take(entry))
            asker.fresh.discard(str(entry.get("object", "")))
    return _ok(indexes)


def _read(registry: Registry, asker: Asker, question: Frame) -> Frame:
    start = _number(question, "start")
    found = [dict(entry) for _, entry in islice(registry.log.read(start), PAGE)]
    return _ok(registry.kernel.state.authorization_status.entries, json.dumps(found).encode())


def _find(registry: Registry, asker: Asker, question: Frame) -> Frame:
    found = registry.log.find(_text(question, "key"), _text(question, "value"))
    return _ok(len(found), json.dumps(found).encode())


def _file(registry: Registry, asker: Asker, question: Frame) -> Frame:
    name = _text(question, "name")
    if name not in set(_public(registry.folder)):
        raise InputError("The log has no public file with this name.")
    return _ok("file", (registry.folder / name).read_bytes())


def _public(folder: Path) -> Iterator[str]:
    for name in PUBLIC:
        found = folder / name
        for path in sorted(found.rglob("*")) if found.is_dir() else [found]:
            if path.is_file():
                yield path.relative_to(folder).as_posix()


def _put(registry: Registry, asker: Asker, question: Frame) -> Frame:
    registry.archive.put(_text(question, "document"), question.body, partition=_text(question, "partition"))
    return _ok("kept")


def _put_all(registry: Registry, asker: Asker, question: Frame) -> Frame:
    leaves, at = [], 0
    for one in json.loads(_text(question, "leaves")):
        size = int(one["size"])
        if size < 0:
            raise InputError("document without a size", accepted="0 bytes or more")
        document = question.body[at : at + size]
        leaves.append(Leaf(digest=str(one["document"]), document=document, partition=str(one["partition"])))
        at += size
    registry.archive.put_all(leaves)
    return _ok("kept")


def _keep_name(registry: Registry, asker: Asker, question: Frame) -> Frame:
    named, digest = Named(**json.loads(question.body)), _text(question, "document")
    with registry.kernel.lock:
        known = registry.kernel.stores.directory.known(digest)
        if known not in (None, named):
            raise OutOfOrder("Another name is stored under this digest. Nothing is overwritten.")
        registry.kernel.stores.directory.keep(digest, named)
    return _ok("kept")


def _name(registry: Registry, asker: Asker, question: Frame) -> Frame:
    found = registry.kernel.stores.directory.known(_text(question, "document"))
    body = {"person": found.person, "name": found.name, "salt": found.salt} if found else None
    return _ok("name", json.dumps(body).encode())


def _partitions(registry: Registry, asker: Asker, question: Frame) -> Frame:
    """The names of all partitions; where one is named, its digests."""
    found, partition = registry.archive.partitions(), _text(question, "partition")
    return _ok("partitions", json.dumps(sorted(found.get(partition, ()) if partition else found)).encode())


def _destroy_partition(registry: Registry, asker: Asker, question: Frame) -> Frame:
    partition = _text(question, "partition")
    with registry.kernel.lock:
        registry.judge.may_destroy_partition(partition)
        return _ok(registry.archive.destroy_partition(partition))


def _sign(registry: Registry, asker: Asker, question: Frame) -> Frame:
    first = _number(question, "first")
    document = document_of(question.body[:first])
    given = document_of(question.body[first:]) if question.body[first:] else None
    with registry.kernel.lock:
        registry.judge.may_sign(document, given)
        return _ok("signature", registry.kernel.office.sign(document, given))


def _token(registry: Registry, asker: Asker, question: Frame) -> Frame:
    text, of = question.body.decode(), _text(question, "of")
    registry.judge.may_make_token(text, of)
    return _ok(registry.kernel.office.token(text, of=of))


def _add(registry: Registry, asker: Asker, question: Frame) -> Frame:
    name = _text(question, "object")
    if len(question.body) != KEY_BYTES:
        raise InputError("not a data key", accepted=f"{KEY_BYTES} bytes")
    object_id(name)
    registry.keys.add(name, question.body)
    asker.fresh.add(name)
    return _ok("kept")


def _unwrap(registry: Registry, asker: Asker, question: Frame) -> Frame:
    name, dataset, intent = _text(question, "object"), _text(question, "dataset"), _number(question, "intent")
    with registry.kernel.lock:  # judged before the keys, as in an embedded office
        return _ok("key", registry.keys.unwrapped(name, dataset=dataset, intent=intent))


def _known(registry: Registry, asker: Asker, question: Frame) -> Frame:
    registry.keys.known(_text(question, "object"))
    return _ok("known")


def _destroy(registry: Registry, asker: Asker, question: Frame) -> Frame:
    name = _text(question, "object")
    with registry.kernel.lock:
        registry.judge.may_destroy(name)
        asker.fresh.discard(name)
        return _ok(registry.keys.destroy(name))


def _states(registry: Registry, asker: Asker, question: Frame) -> Frame:
    states = registry.keys.states()
    return _ok(len(states), json.dumps(states).encode())


def _rotate(registry: Registry, rotate: Callable[[], int]) -> Frame:
    with registry.kernel.lock:
        registry.judge.may_rotate()
        return _ok(rotate())


def _get(registry: Registry, _: Asker, question: Frame) -> Frame:
    partition = _text(question, "partition")
    return _ok("document", registry.archive.get(_text(question, "document"), partition=partition))


ACTS: Mapping[str, Callable[[Registry, Asker, Frame], Frame]] = {
    "hello": lambda registry, *_: _ok(dict(registry.identity)),
    "append": _append,
    "read": _read,
    "find": _find,
    "receipt": lambda registry, _, question: _ok("receipt", registry.log.receipt(_number(question, "index"))),
    "checkpoint": lambda registry, *_: _ok("checkpoint", registry.log.checkpoint()),
    "files": lambda registry, *_: _ok("files", json.dumps(list(_public(registry.folder))).encode()),
    "file": _file,
    "put": _put,
    "put_all": _put_all,
    "get": _get,
    "keep_name": _keep_name,
    "name": _name,
    "partitions": _partitions,
    "destroy_partition": _destroy_partition,
    "sign": _sign,
    "token": _token,
    "add": _add,
    "unwrap": _unwrap,
    "known": _known,
    "destroy": _destroy,
    "states": _states,
    "openings_used": lambda registry, *_: _ok(registry.keys.openings_used()),
    "rotate_vault": lambda registry, *_: _rotate(registry, registry.keys.rotate),
    "rotate_archive": lambda registry, *_: _rotate(registry, registry.archive.rotate_keys),
}


def _text(question: Frame, key: str) -> str:
    value = question.head.get(key)
    if not isinstance(value, str):
        raise InputError("question without text", column=key, accepted="text")
    return value


def _number(question: Frame, key: str) -> int:
    value = question.head.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError("question without a number", column=key, accepted="a whole number from 0 on")
    return value
