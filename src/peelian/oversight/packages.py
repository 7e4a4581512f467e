"""Checks a package as its recipient would: every byte against the list, the list against the office's signature.

It shares no code with what made the package. What it needs from outside is one line: the certificate's fingerprint
as the office publishes it; without it a whole forgery passes, and the verdict says so.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from peelian.errors import InputError, IntegrityError
from peelian.kernel.log.checkpoints import check_receipt
from peelian.kernel.log.signed_note import read_key
from peelian.measure.canonical import canonical

LIST, SEAL, OFFICE = "package.json", "package.sig", "office.pem"
SCHEMA = "peelian-footage-package/1"
HOSTILE = (zipfile.BadZipFile, zlib.error, KeyError, AttributeError, TypeError, RecursionError)
"""What a zip or a list made to hurt has been seen to raise, besides errors of value and of reading."""
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


def check_package(file: BinaryIO, *, fingerprint: str = "", log_key: str = "") -> PackageVerdict:
    """Check a package (a zip, readable and seekable). O(bytes), flat memory.

    `fingerprint`: the SHA-256 of the office's certificate; `log_key`: its log's published key line, with which the
    receipts are checked too. InputError where the file is no package at all.
    """
    try:
        with zipfile.ZipFile(file) as package:
            return _checked(package, fingerprint.lower().replace(":", ""), log_key)
    except (*HOSTILE, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "not a package, or damaged",
            accepted="the package as decrypted",
        ) from None


def fingerprint_of(certificates: bytes) -> str:
    """The SHA-256 of the first certificate of a PEM file: what an office publishes, and a recipient compares."""
    return x509.load_pem_x509_certificates(certificates)[0].fingerprint(SHA256()).hex()


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
    return own, [] if not fingerprint or own == fingerprint else ["this is not the office's certificate"]


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
    digest = hashlib.sha256()
    try:
        with package.open(name) as file:
            while piece := file.read(PIECE):
                digest.update(piece)
    except zipfile.BadZipFile:
        return "damaged"
    return digest.hexdigest()


def _small(package: zipfile.ZipFile, name: str) -> bytes:
    if package.getinfo(name).file_size > LARGEST_SMALL:
        raise InputError("a small file of the package is too large", accepted="a package of an office")
    return package.read(name)
