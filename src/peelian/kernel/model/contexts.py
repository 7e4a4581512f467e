"""Contexts of the kernel: who the office is, where it keeps things, and what a release asks for."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from peelian.kernel.model.counts import Counter, no_counter
from peelian.kernel.model.custody_declarations import Provenance
from peelian.kernel.model.formats import Admitted, Format, looked_at
from peelian.kernel.model.ports import Archive, Directory, Log, Rows, Tickets, Vault
from peelian.kernel.model.pseudonyms import Token


class Authenticator(Protocol):
    """Checks what an authenticator signed; the adapter of the door answers it."""

    def __call__(self, place: str, challenge: bytes, parts: Mapping[str, str], *, public_key: str, counter: int) -> int:
        """Its new counter; Refused where its answer to the challenge does not hold."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeIdentity:
    """Who the office is: its name, its signature, its keyed tokens for identifiers, and what checks its passkeys."""

    name: str
    version: str  # of the program
    public_key: str  # its first one (Ed25519, hexadecimal), by which it is known to what people sign
    sign: Callable[[bytes], bytes]  # the office's signature, by its present key
    token: Token  # a keyed token for an identifier: the log never holds the identifier
    generations: Callable[[], tuple[int, ...]] = lambda: (0,)  # numbers of its working keys, the present one first
    authenticator: Authenticator | None = None  # checks what passkeys sign; None: none is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Programs that read what is sealed: what a format says of an object kept whole (InputError where it cannot be
    read, or takes too much), and what counts the rows of partitions."""

    looked_at: Callable[[Format, BinaryIO, Mapping[str, str]], Admitted] = looked_at
    counter: Counter = no_counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where the office keeps things: its log, sealed objects, signed documents, and the names of its people."""

    log: Log
    rows: Rows  # what the log says, by key
    vault: Vault
    archive: Archive
    directory: Directory
    tickets: Tickets
    scratch: Callable[[], BinaryIO] = io.BytesIO  # a file to write, seek and read, of which nothing remains once closed
    lease: Callable[..., AbstractContextManager[bool]] = lambda what, wait, shared=False: nullcontext(True)
    """Hold something against every other process, waiting for it or not; whether it is held. `shared`: against those
    alone who do not share it."""
    readers: Readers = Readers()
    follow: Callable[[], None] = lambda: None  # take in what others appended, where the log is held elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePorts:
    """What a release asks for besides the findings: noisy answers, the certificate for provenance manifests, and where
    a sensor's released counts are laid out for other programs to read."""

    noise: Any = None  # `noisy_release.NoisePorts`; None: no noisy answers are kept
    provenance: Callable[[], Provenance | None] = lambda: None
    published: Callable[[str, Sequence[Mapping[str, Any]]], None] = lambda sensor, rows: None
