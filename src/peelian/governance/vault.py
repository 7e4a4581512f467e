"""The vault's rules, without a disk: what a sealed object is called and bound to, and what an opening must show."""

from __future__ import annotations

import re
from collections.abc import Callable

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.governance.keys import OBJECT_BYTES
from peelian.governance.ports import Entry
from peelian.measure.canonical import canonical

Granted = Callable[[int], Entry | None]
"""Reads the log entry at an index; None where the log has none there."""

VERSION = 1
_MAGIC = b"PEELIAN VAULT 1\n"
_NAME = re.compile(r"[0-9a-f]{32}")
LONGEST_HEADER = len(_MAGIC) + 1 + 255


def context_of(*, dataset: str, object: str) -> bytes:
    """The associated data bound to every chunk: dataset, object and the format's version."""
    return canonical({"dataset": dataset, "object": object, "version": VERSION})


def header_of(dataset: str) -> bytes:
    """What stands before the ciphertext: format and dataset's name, bound to the key so that nobody can change it."""
    name = dataset.encode()
    if not 1 <= len(name) <= 255 or not dataset.isprintable():
        raise InputError("this is no name of a dataset", accepted="1 to 255 bytes of printable text")
    return _MAGIC + len(name).to_bytes(1) + name


def dataset_in(start: bytes) -> tuple[str, int]:
    """The dataset an object's first bytes (at least `LONGEST_HEADER`, or all) name, and where the ciphertext begins."""
    head = len(_MAGIC) + 1
    if len(start) < head or not start.startswith(_MAGIC):
        raise IntegrityError("this is no object of a vault, or its beginning is damaged")
    end = head + start[head - 1]
    try:
        name = start[head:end].decode()
    except UnicodeDecodeError:
        name = ""
    if not name or len(start) < end:
        raise IntegrityError("a sealed object's beginning is damaged")
    return name, end


def object_id(object: str) -> bytes:
    """The 16 bytes an object's name spells; InputError where it is no such name (so no name can be a path)."""
    if not _NAME.fullmatch(object):
        raise InputError("this is no name of a sealed object", accepted=f"{2 * OBJECT_BYTES} hexadecimal digits")
    return bytes.fromhex(object)


def must_be_granted(granted: Granted, intent: int, *, object: str, dataset: str) -> None:
    """OutOfOrder unless the log entry at `intent` is an opening of exactly this object."""
    entry = granted(intent) if intent >= 0 else None
    if entry is None:
        raise OutOfOrder("the log has no entry at this index: nothing is opened that was not logged before")
    if entry.get("kind") != "OPENED":
        raise OutOfOrder("the log entry at this index is no opening: nothing is unwrapped against it")
    if entry.get("object") != object or entry.get("dataset", dataset) != dataset:
        raise OutOfOrder("the log entry at this index opens another object: nothing is unwrapped against it")
