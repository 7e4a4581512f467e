"""Certificates for a town's own broker: an authority in a folder, and what it signs for the broker and its clients.

Elliptic keys (P-256), the authority's key beside its certificate, for its owner only. A town with an authority of its
own leaves this out and has its own people sign.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from peelian.errors import InputError
from peelian.storage.private_files import put_private, read_private

AUTHORITY = "ca"
AUTHORITY_DAYS = 10 * 365
BACKDATED = timedelta(hours=1)  # for a sensor whose clock is behind
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def authority_in(folder: Path, now: datetime) -> ec.EllipticCurvePrivateKey:
    """The authority's key, made with its certificate where there is none yet. InputError: it is no such key."""
    file = folder / f"{AUTHORITY}.key"
    if not file.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        until = now + timedelta(days=AUTHORITY_DAYS)
        _write(folder / AUTHORITY, key, _signed(AUTHORITY, key, key, (now, until), hosts=()))
        return key
    key_read = serialization.load_pem_private_key(read_private(file), None)
    if not isinstance(key_read, ec.EllipticCurvePrivateKey):
        raise InputError("key not made by this authority", file=file.name, accepted="the key made here")
    return key_read


def issue(
    stem: Path,
    name: str,
    by: ec.EllipticCurvePrivateKey,
    *,
    now: datetime,
    until: datetime,
    hosts: tuple[str, ...] = (),
) -> None:
    """Write STEM.pem and STEM.key for a client called `name`, or with `hosts` for a server of those names."""
    key = ec.generate_private_key(ec.SECP256R1())
    _write(stem, key, _signed(name, key, by, (now, until), hosts=hosts))


def issued(file: Path) -> tuple[datetime, datetime]:
    """When a certificate was issued, and until when it holds; the oldest and the oldest again where there is none."""
    never = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError):
        return never, never
    return found.not_valid_before_utc + BACKDATED, found.not_valid_after_utc


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    window: tuple[datetime, datetime],
    *,
    hosts: tuple[str, ...],
) -> x509.Certificate:
    root = key is by
    use = dict.fromkeys(_USAGES, False) | {"digital_signature": True, "key_cert_sign": root, "crl_sign": root}
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(AUTHORITY))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(window[0] - BACKDATED)
        .not_valid_after(window[1])
        .add_extension(x509.BasicConstraints(ca=root, path_length=0 if root else None), critical=True)
        .add_extension(x509.KeyUsage(**use), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not root:
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if hosts:
        names = [x509.DNSName(host) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(by, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Peelian broker" if name == AUTHORITY else name)])


def _write(stem: Path, key: ec.EllipticCurvePrivateKey, made: x509.Certificate) -> None:
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    put_private(stem.with_name(f"{stem.name}.key"), encoded)
    put_private(stem.with_name(f"{stem.name}.pem"), made.public_bytes(serialization.Encoding.PEM))
