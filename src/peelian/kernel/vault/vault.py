"""The vault's rules: how a sealed object is named and bound, and what an opening must show."""

from __future__ import annotations

import re
from typing import Protocol

from peelian.errors import InputError, IntegrityError
from peelian.kernel.vault.key_wrapping import OBJECT_BYTES
from peelian.measure.canonical import canonical


class Permitted(Protocol):
    """What stands before the keys. In an office it is `openings.the_intent_holds`."""

    def __call__(self, intent: int, *, object: str, dataset: str) -> None:
        """Nothing where the log entry at index `intent` opens this object and may; OutOfOrder or Refused otherwise."""
        ...


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
        raise InputError("not a dataset name", accepted="1 to 255 bytes of printable text")
    return _MAGIC + len(name).to_bytes(1) + name


def dataset_in(start: bytes) -> tuple[str, int]:
    """The dataset an object's first bytes (at least `LONGEST_HEADER`, or all) name, and where the ciphertext begins."""
    head = len(_MAGIC) + 1
    if len(start) < head or not start.startswith(_MAGIC):
        raise IntegrityError("Not a sealed object, or its header is damaged.")
    end = head + start[head - 1]
    try:
        name = start[head:end].decode()
    except UnicodeDecodeError:
        name = ""
    if not name or len(start) < end:
        raise IntegrityError("The header of a sealed object is damaged.")
    return name, end


def object_id(object: str) -> bytes:
    """The 16 bytes an object's name spells; InputError where it is no such name (so no name can be a path)."""
    if not _NAME.fullmatch(object):
        raise InputError("not a sealed object name", accepted=f"{2 * OBJECT_BYTES} hexadecimal digits")
    return bytes.fromhex(object)
