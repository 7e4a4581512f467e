"""Worker keys: how one data key reaches the one worker that a committed set of openings names, and nobody else.

A set is committed as the root of a Merkle tree (RFC 9162) with one leaf an opening: object, worker's key, run, end. Who
asks shows the leaf, its proof, and the worker's signature over both and over a fresh X25519 key. To that key the data
key is encrypted by HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM), bound to what was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from peelian.errors import InputError, IntegrityError
from peelian.kernel.log.merkle import Tree, includes, leaf_hash
from peelian.measure.canonical import canonical

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
NO_KEY, ACCEPTED = "not a worker's key", "64 hexadecimal digits"
_LABEL = "peelian worker opening 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One opening of a committed set: this object, by whoever has this key, in this run, until then."""

    object: str  # 32 hexadecimal digits
    worker: str  # Ed25519 public key, 64 hexadecimal digits
    run: str  # the digest of the run's permit
    until: str  # ISO date-time, UTC

    @property
    def hash(self) -> bytes:
        """Its hash in the tree."""
        return leaf_hash(canonical([_LABEL, self.object, self.worker, self.run, self.until]))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRequest:
    """What a worker sends for one data key: the leaf, where it stands in which set, and a fresh key to encrypt to."""

    intent: int  # the index of the OPENED_SET entry
    position: int
    leaf: Opening
    proof: tuple[str, ...]  # hexadecimal, the leaf's sibling first
    to: str  # X25519 public key, 64 hexadecimal digits
    signature: str = ""  # by the worker's key, over `words`

    @property
    def words(self) -> bytes:
        """What the worker signs, and what the answer is bound to."""
        one = self.leaf
        return canonical([_LABEL, self.intent, self.position, one.object, one.worker, one.run, one.until, self.to])


def tree_of(leaves: Sequence[Opening]) -> Tree:
    """The tree over a set's openings. O(leaves)."""
    tree = Tree()
    tree.extend(b"".join(leaf.hash for leaf in leaves))
    return tree


def is_among(asks: KeyRequest, *, size: int, root: str) -> bool:
    """Whether the proof shows the leaf at its position in the set of this size and root. O(log size)."""
    try:
        proof, top = [bytes.fromhex(one) for one in asks.proof], bytes.fromhex(root)
    except ValueError:
        return False
    return includes(asks.leaf.hash, asks.position, size, proof, top)


def sealed_for(asks: KeyRequest, key: bytes) -> bytes:
    """A data key, encrypted to the worker's fresh key; InputError where that is none."""
    to = public_key(asks.to)
    try:
        return _SUITE.encrypt(key, to, info=asks.words)
    except ValueError:  # a point of small order, with which everybody would share the key
        raise InputError(NO_KEY, accepted=ACCEPTED) from None


def public_key(digits: str) -> X25519PublicKey:
    """The X25519 key that these hexadecimal digits spell; InputError where they spell none."""
    try:
        return X25519PublicKey.from_public_bytes(bytes.fromhex(digits))
    except ValueError:
        raise InputError(NO_KEY, accepted=ACCEPTED) from None


def key_within(asks: KeyRequest, sealed: bytes, private: X25519PrivateKey) -> bytes:
    """The data key that `sealed_for` encrypted; IntegrityError where it answers something else."""
    try:
        return _SUITE.decrypt(sealed, private, info=asks.words)
    except (InvalidTag, ValueError):
        raise IntegrityError("The registrar's answer is not for this worker, or was altered.") from None
