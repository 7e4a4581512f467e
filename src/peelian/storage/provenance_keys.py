"""The office's certificate for provenance manifests: made once, kept beside the office's keys.

A C2PA signer needs a certificate that another key vouches for. The office makes both: a root, whose key is thrown away
once it has signed, and the signer's. Nobody outside trusts that root by itself; its fingerprint is public, as the log's
key is. A town with a certificate of its own puts it in the place of these files.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from peelian.errors import InputError
from peelian.kernel.model.custody_declarations import Provenance
from peelian.kernel.model.ports import Log
from peelian.storage.operator_keys import load_key, new_key
from peelian.storage.private_files import in_plain_words, put_private, replace_file

if TYPE_CHECKING:  # heavy: only where a certificate is made or read
    from cryptography import x509

YEARS = 10
STEM, NEXT_STEM = "provenance", "provenance.next"
OWN, NEXT = f"{STEM}.pem", f"{NEXT_STEM}.pem"
_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def provenance_in(folder: Path, *, office: str, now: datetime, replaced: Sequence[tuple[str, str]] = ()) -> Provenance:
    """The signer whose key and certificates lie in `folder`; both are made where they are missing.

    `replaced`: each public key that was replaced, and by which (hexadecimal), as the log has it. A replacement that was
    cut short is finished. InputError where the key here was replaced: it signs nothing.
    """
    key_file, chain = folder / OWN, folder / f"{STEM}.crt"
    _finish(folder, [new for _, new in replaced])
    if not key_file.exists() or not chain.exists():
        with in_plain_words("the certificate for provenance was not made"):
            for left in (chain, key_file):  # in this order: a crash leaves no certificate of another key
                left.unlink(missing_ok=True)
            put_private(chain, certificates(new_key(key_file), office=office, now=now))
    key, certified = load_key(key_file), chain.read_bytes()
    if _certified_key(certified) != key.public_key():
        raise InputError(
            "provenance certificate damaged or of another key",
            accepted="the pair from the key folder's own backup, or no pair (a new one is then made)",
            file=chain.name,
        )
    if public_half(key) in {old for old, _ in replaced}:
        accepted = "the pair that replaced it, from the key folder's newest backup"
        raise InputError("this provenance certificate was replaced", accepted=accepted, file=key_file.name)
    return Provenance(certificates=certified, sign=key.sign)


def replaced_provenance(log: Log) -> tuple[tuple[str, str], ...]:
    """Each public key that was replaced, and by which, as the log has it, oldest first."""
    return tuple((str(one["old"]), str(one["new"])) for _, one in log.read(kinds=["PROVENANCE_REPLACED"]))


def make_next(folder: Path, *, office: str, now: datetime) -> str:
    """The pair that is to follow, made now, or again where an earlier one was not taken; its public key."""
    for left in (folder / f"{NEXT_STEM}.crt", folder / NEXT):
        left.unlink(missing_ok=True)
    key = new_key(folder / NEXT)
    put_private(folder / f"{NEXT_STEM}.crt", certificates(key, office=office, now=now))
    return public_half(key)


def public_half(key: Ed25519PrivateKey) -> str:
    """A public key in hexadecimal."""
    return key.public_key().public_bytes_raw().hex()


def _finish(folder: Path, taken: Sequence[str]) -> None:
    """Put the next pair in place where the log says that it follows; the key last, so that a crash is taken up."""
    if not (folder / NEXT).exists() or public_half(load_key(folder / NEXT)) not in taken[-1:]:
        return
    with suppress(FileNotFoundError):
        os.replace(folder / f"{NEXT_STEM}.crt", folder / f"{STEM}.crt")
    replace_file(folder / NEXT, folder / OWN)


def _certified_key(chain: bytes) -> object:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(chain)[0].public_key()
    except (ValueError, IndexError):
        return None


def provenance_in_memory(*, office: str, now: datetime | None = None) -> Provenance:
    """A signer that lives as long as the process."""
    key = Ed25519PrivateKey.generate()
    return Provenance(certificates=certificates(key, office=office, now=now or datetime.now(UTC)), sign=key.sign)


def certificates(key: Ed25519PrivateKey, *, office: str, now: datetime) -> bytes:
    """Two certificates as PEM, the signer's first; the root's key is not kept. Valid for ten years."""
    root = Ed25519PrivateKey.generate()
    own = _certificate(office, "provenance", key, root, authority=False, now=now)
    above = _certificate(office, "provenance root", root, root, authority=True, now=now)
    return own.public_bytes(Encoding.PEM) + above.public_bytes(Encoding.PEM)


def _certificate(
    office: str, what: str, key: Ed25519PrivateKey, root: Ed25519PrivateKey, *, authority: bool, now: datetime
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    allowed = {"key_cert_sign", "crl_sign"} if authority else {"digital_signature"}
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(office, what))
        .issuer_name(_name(office, "provenance root"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)
        .add_extension(x509.KeyUsage(**{use: use in allowed for use in _USES}), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(root, None)


def _name(office: str, what: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, office[:60] or "office"),
            x509.NameAttribute(NameOID.COMMON_NAME, what),
        ]
    )
