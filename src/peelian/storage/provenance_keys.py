"""The office's certificate for provenance manifests: made once, kept beside the office's keys.

A C2PA signer needs a certificate that another key vouches for. The office makes both: a root, whose key is thrown away
once it has signed, and the signer's. Nobody outside trusts that root by itself; its fingerprint is public, as the log's
key is. A town with a certificate of its own puts it in the place of these files.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from peelian.errors import InputError
from peelian.kernel.model.custody_declarations import Provenance
from peelian.storage.operator_keys import load_key, new_key
from peelian.storage.private_files import in_plain_words, put_private

if TYPE_CHECKING:  # heavy: only where a certificate is made or read
    from cryptography import x509

YEARS = 10
_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def provenance_in(folder: Path, *, office: str, now: datetime) -> Provenance:
    """The signer whose key and certificates lie in `folder`; both are made where they are missing."""
    key_file, chain = folder / "provenance.pem", folder / "provenance.crt"
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
    return Provenance(certificates=certified, sign=key.sign)


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
