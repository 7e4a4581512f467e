"""The office's certificate is made once, stays, and is vouched for by a root whose key nobody has."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from peelian.adapters.provenance_keys import provenance_in, provenance_in_memory

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_it_is_made_once_and_stays(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    first = provenance_in(tmp_path, office="A town", now=NOW)
    again = provenance_in(tmp_path, office="Another name", now=NOW)
    assert first.certificates == again.certificates
    own, root = x509.load_pem_x509_certificates(first.certificates)
    own.verify_directly_issued_by(root)
    key = own.public_key()
    assert isinstance(key, Ed25519PublicKey)
    key.verify(again.sign(b"message"), b"message")
    assert (tmp_path / "provenance.pem").stat().st_mode & 0o077 == 0


def test_the_signer_is_no_authority_and_the_name_is_cut_to_fit() -> None:
    own, root = x509.load_pem_x509_certificates(provenance_in_memory(office="Ö" * 200).certificates)
    assert not own.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
