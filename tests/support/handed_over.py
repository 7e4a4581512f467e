"""A log whose key lies in a folder beside it and is replaced, as an office does it."""

from __future__ import annotations

from pathlib import Path

from log_parts import ORIGIN, OpenLog, beside, entry

from peelian.kernel.log.signed_note import NoteKey
from peelian.storage.database import open_database
from peelian.storage.log_heads import HeadFile, Heads
from peelian.storage.log_keys import LogKeys
from peelian.storage.operator_keys import new_key
from peelian.storage.schema import METADATA


def keys_of(folder: Path) -> Path:
    return folder.with_name("keys")


def in_key_folder(folder: Path) -> OpenLog:
    """The log in `folder` with its key in a file beside it, as an office opens it."""
    if not keys_of(folder).exists():
        keys_of(folder).mkdir(mode=0o700, parents=True)
        new_key(keys_of(folder) / "log.pem")
    keys = LogKeys(keys_of(folder), ORIGIN)
    heads = Heads({"log.signed": HeadFile(beside(folder) / "log.signed")}, keys.read)
    database = open_database(beside(folder) / "state.db", METADATA)
    log = OpenLog(database, bytes(32), keys=keys, folder=folder, heads=heads)
    log.must_not_be_behind()
    log.show_key()
    return log


def replaced(log: OpenLog) -> None:
    """What `operations.log_key` does: the entry names the key, whoever signs next hands over."""
    assert isinstance(log.keys, LogKeys)
    own, following = log.key, log.keys.make_next()
    public = following.public_key().public_bytes_raw().hex()
    if not any(one["new"] == public for _, one in log.read(kinds=["LOG_KEY_REPLACED"])):
        log.append({**entry(log.size()), "kind": "LOG_KEY_REPLACED", "old": own.public.hex(), "new": public})
    log.finish_handover()


def grown(folder: Path, n: int = 300) -> NoteKey:
    """A log of n entries, signed; its key."""
    with in_key_folder(folder) as log:
        log.append_all([entry(number) for number in range(n)])
        log.checkpoint()
        return log.key
