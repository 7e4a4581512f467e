"""Certificates of the town's own broker: made once, for one purpose each, until a day, their keys for nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from peelian.errors import InputError
from peelian.integrations.broker_certificates import authority_in, issue, issued
from peelian.storage.private_files import put_private

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def _read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_a_client_and_a_server_are_signed_for_one_purpose_each(tmp_path: Path) -> None:
    authority = authority_in(tmp_path, NOW)
    issue(tmp_path / "meter-1", "meter-1", authority, now=NOW, until=NOW + timedelta(days=90))
    issue(tmp_path / "broker", "broker", authority, now=NOW, until=NOW + timedelta(days=90), hosts=("b.example",))
    client, server = _read(tmp_path / "meter-1.pem"), _read(tmp_path / "broker.pem")
    assert client.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "meter-1"
    purposes = [list(c.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) for c in (client, server)]
    assert purposes == [[ExtendedKeyUsageOID.CLIENT_AUTH], [ExtendedKeyUsageOID.SERVER_AUTH]]
    policy = PolicyBuilder().store(Store([_read(tmp_path / "ca.pem")])).time(NOW.replace(tzinfo=None))
    assert policy.build_server_verifier(x509.DNSName("b.example")).verify(server, [])
    with pytest.raises(VerificationError):
        policy.build_server_verifier(x509.DNSName("b.example")).verify(client, [])
    assert not [f for f in tmp_path.iterdir() if f.stat().st_mode & 0o077], "for their owner only"


def test_the_authority_is_made_once(tmp_path: Path) -> None:
    first = authority_in(tmp_path, NOW)
    kept = (tmp_path / "ca.pem").read_bytes()
    again = authority_in(tmp_path, NOW + timedelta(days=9))
    assert again.private_numbers() == first.private_numbers() and (tmp_path / "ca.pem").read_bytes() == kept


def test_when_a_certificate_was_issued_is_read_from_it(tmp_path: Path) -> None:
    issue(tmp_path / "m", "m", authority_in(tmp_path, NOW), now=NOW, until=NOW + timedelta(days=90))
    assert issued(tmp_path / "m.pem") == (NOW, NOW + timedelta(days=90))
    (tmp_path / "torn.pem").write_bytes((tmp_path / "m.pem").read_bytes()[:90])
    assert issued(tmp_path / "torn.pem") == issued(tmp_path / "none.pem")


def test_a_key_of_another_kind_is_no_authority(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    put_private(tmp_path / "ca.key", key)
    with pytest.raises(InputError, match="not made by this authority"):
        authority_in(tmp_path, NOW)
