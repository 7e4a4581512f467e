"""Checks a package as its recipient would: every byte against the list, the list against the office's signature.

It shares no code with what made the package. What it needs from outside is one line: the certificate's fingerprint
as the office publishes it; without it a whole forgery passes, and the verdict says so.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO, Any, BinaryIO

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from peelian.errors import InputError, IntegrityError
from peelian.kernel.log.checkpoints import check_receipt, read_receipt
from peelian.kernel.log.signed_note import read_key
from peelian.measure.canonical import canonical

LIST, SEAL, OFFICE = "package.json", "package.sig", "office.pem"
SCHEMA = "peelian-footage-package/1"
HOSTILE = (zipfile.BadZipFile, zlib.error, KeyError, AttributeError, TypeError, RecursionError)
"""What a zip or a list made to hurt has been seen to raise, besides errors of value and of reading."""
_FOREIGN = "this is not the office's certificate"
MOST_FILES, LARGEST_SMALL, PIECE = 10_000, 8 << 20, 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageVerdict:
    """Whether a package holds: everything that does not, in words; what was checked; whose certificate it was."""

    faults: tuple[str, ...]
    files: int
    receipts: int
    fingerprint: str

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A certificate that was replaced: its fingerprint, the entry of the log that says so, and when."""

    fingerprint: str
    entry: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """The fingerprint of the certificate that signs now, and each that was replaced, oldest first: what an office
    publishes at /data/provenance.json."""

    present: str
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The log entry of a delivery, as its page gives it, and the receipt that came with the package."""

    entry: bytes
    receipt: bytes


def check_package(
    file: BinaryIO,
    *,
    fingerprint: str = "",
    log_key: str = "",
    earlier: Sequence[Earlier] = (),
    delivery: Delivery | None = None,
) -> PackageVerdict:
    """Check a package (a zip, readable and seekable). O(bytes), flat memory.

    `fingerprint`: the SHA-256 of the office's certificate; `log_key`: its log's published key line, with which the
    receipts are checked too. A package by an `earlier` certificate counts where its `delivery` is in the log before the
    certificate was replaced. InputError where the file is no package at all.
    """
    try:
        with zipfile.ZipFile(file) as package:
            found = _checked(package, fingerprint.lower().replace(":", ""), log_key)
        before = next((one for one in earlier if one.fingerprint == found.fingerprint), None)
        if before is None:
            return found
        faults = [one for one in found.faults if one != _FOREIGN]
        return replace(found, faults=(*faults, *_handed_over(file, before, log_key, delivery)))
    except (*HOSTILE, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "not a package, or damaged",
            accepted="the package as decrypted",
        ) from None


def certificates_in(data: bytes) -> Certificates:
    """The certificates that an office publishes as JSON; InputError where the file is none of those."""
    try:
        told = json.loads(data)
        earlier = [Earlier(**{name: one[name] for name in ("fingerprint", "entry", "at")}) for one in told["earlier"]]
        return Certificates(present=str(told["present"]), earlier=tuple(earlier))
    except (*HOSTILE, ValueError):
        accepted = "provenance.json as the office publishes it"
        raise InputError("not an office's list of certificates", accepted=accepted) from None


def fingerprint_of(certificates: bytes) -> str:
    """The SHA-256 of the first certificate of a PEM file: what an office publishes, and a recipient compares."""
    return x509.load_pem_x509_certificates(certificates)[0].fingerprint(SHA256()).hex()


def signer_of(certificates: bytes) -> Ed25519PublicKey:
    """The public key of the first certificate of a PEM file; InputError where it is of another kind."""
    key = x509.load_pem_x509_certificates(certificates)[0].public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise InputError("the certificate is of another kind", accepted="an Ed25519 certificate")
    return key


def _checked(package: zipfile.ZipFile, fingerprint: str, log_key: str) -> PackageVerdict:
    names = package.namelist()
    if len(names) > MOST_FILES or len(set(names)) != len(names):
        raise InputError("package with too many files, or two with one name", accepted="a package of an office")
    listed = json.loads(_small(package, LIST))
    faults = [] if listed.get("schema") == SCHEMA else ["the list is of another kind"]
    own, wrong = _signature(package, fingerprint)
    faults += wrong
    faults += _files(package, names, listed.get("files", {}))
    receipts, wrong = _receipts(package, names, log_key)
    faults += wrong
    return PackageVerdict(faults=tuple(faults), files=len(names), receipts=receipts, fingerprint=own)


def _handed_over(file: BinaryIO, before: Earlier, log_key: str, delivery: Delivery | None) -> list[str]:
    """Why a package by a certificate that was replaced does not count: whoever copied its key can sign, too."""
    if delivery is None or not log_key:
        return ["its certificate was replaced, and no receipt shows that it was delivered before"]
    try:
        check_receipt(delivery.receipt, delivery.entry, read_key(log_key))
        entry: Any = json.loads(delivery.entry)
    except (IntegrityError, InputError, ValueError, RecursionError):
        return ["the receipt of the delivery does not prove its entry"]
    file.seek(0)
    if not isinstance(entry, dict) or entry.get("kind") != "DELIVERED" or entry.get("digest") != _sha256(file):
        return ["the receipt is of another delivery"]
    late = read_receipt(delivery.receipt).index >= before.entry
    return ["it was delivered after its certificate was replaced"] if late else []


def _signature(package: zipfile.ZipFile, fingerprint: str) -> tuple[str, list[str]]:
    if OFFICE not in package.namelist() or SEAL not in package.namelist():
        return "", ["the list is not signed"]
    try:
        certificate = x509.load_pem_x509_certificates(_small(package, OFFICE))[0]
        key = certificate.public_key()
        spelled = _small(package, SEAL).decode()
        signature = bytes.fromhex(spelled)
        if not isinstance(key, Ed25519PublicKey):
            return "", ["the certificate is of another kind"]
        key.verify(signature, _small(package, LIST))
        if signature.hex() != spelled:  # capital letters or blanks: another spelling than the office's
            return "", ["the certificate or the signature is damaged"]
    except (ValueError, IndexError):
        return "", ["the certificate or the signature is damaged"]
    except InvalidSignature:
        return "", ["the list is not what the office signed"]
    own = certificate.fingerprint(SHA256()).hex()
    return own, [] if not fingerprint or own == fingerprint else [_FOREIGN]


def _files(package: zipfile.ZipFile, names: list[str], files: dict[str, str]) -> list[str]:
    faults = [f"{_shown(name)} is not on the list" for name in names if name not in files and name not in (LIST, SEAL)]
    for name, digest in files.items():
        if name not in names:
            faults.append(f"{_shown(name)} is missing")
        elif _digest(package, name) != digest:
            faults.append(f"{_shown(name)} was altered")
    return faults


def _receipts(package: zipfile.ZipFile, names: list[str], log_key: str) -> tuple[int, list[str]]:
    proofs = [name for name in names if name.endswith(".tlog-proof")]
    if not log_key:
        return 0, []
    faults = []
    for name in proofs:
        try:
            entry: Any = json.loads(_small(package, name.replace(".tlog-proof", ".json")))
            check_receipt(_small(package, name), canonical(entry), read_key(log_key))
        except (IntegrityError, InputError, ValueError, RecursionError):
            faults.append(f"{_shown(name)} does not prove its entry")
    return len(proofs), faults


def _shown(name: str) -> str:
    """A stranger's file name as it may stand in a terminal: printable, and not endless."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:80]


def _digest(package: zipfile.ZipFile, name: str) -> str:
    try:
        with package.open(name) as file:
            return _sha256(file)
    except zipfile.BadZipFile:
        return "damaged"


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _small(package: zipfile.ZipFile, name: str) -> bytes:
    if package.getinfo(name).file_size > LARGEST_SMALL:
        raise InputError("a small file of the package is too large", accepted="a package of an office")
    return package.read(name)
