"""Partition worker: a process that opens only what a logged set of openings names for its own key.

Its key pair lives as long as the process. It asks whoever holds the keys: in a divided office the registrar, in an
embedded one the process of the run. What it asks, and the answer, may pass through others: they cannot read the key.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from peelian.errors import IntegrityError
from peelian.kernel.vault.chunk_cipher import HEAD_BYTES, VAULT, key_to_open
from peelian.kernel.vault.vault import LONGEST_HEADER, context_of, dataset_in, object_id
from peelian.kernel.vault.worker_keys import KeyRequest, key_within
from peelian.kernel.verbs.worker_sets import Ticket
from peelian.storage.sealed_files import OpenedObject


@dataclass(frozen=True, slots=True)
class PartitionWorker:
    """A worker with a key of its own, new in each process."""

    _key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)

    @property
    def public_key(self) -> str:
        """Its key as sets of openings name it: 64 hexadecimal digits."""
        return self._key.public_key().public_bytes_raw().hex()

    def opened(self, ticket: Ticket, objects: Path | str, key: bytes) -> io.BufferedReader:
        """A seekable file of the plaintext of the object, sealed in the folder `objects`, by its data key; close it.

        IntegrityError where the object is missing or damaged.
        """
        object_id(ticket.leaf.object)
        try:
            file = os.open(f"{objects}/{ticket.leaf.object}", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            raise IntegrityError("A sealed object is missing from its folder. Restore it from the backup.") from None
        try:
            dataset, begins = dataset_in(os.pread(file, LONGEST_HEADER, 0))
            context = context_of(dataset=dataset, object=ticket.leaf.object)
            chunk_key = key_to_open(VAULT, key, head=os.pread(file, HEAD_BYTES, begins), context=context)
            return io.BufferedReader(OpenedObject(file, chunk_key, start=begins), VAULT.chunk)
        except BaseException:
            os.close(file)
            raise

    def asking(self, ticket: Ticket) -> tuple[KeyRequest, Callable[[bytes], bytes]]:
        """What to ask for a ticket's data key, and what reads the key in the answer."""
        fresh = X25519PrivateKey.generate()
        to = fresh.public_key().public_bytes_raw().hex()
        asks = KeyRequest(intent=ticket.intent, position=ticket.position, leaf=ticket.leaf, proof=ticket.proof, to=to)
        asks = replace(asks, signature=self._key.sign(asks.words).hex())
        return asks, lambda sealed: key_within(asks, sealed, fresh)
