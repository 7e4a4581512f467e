"""The office's certificate is made once, stays, and is vouched for by a root whose key nobody has."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from peelian.errors import InputError, PeelianError
from peelian.kernel.model.custody_declarations import Provenance
from peelian.oversight.verification.packages import signer_of
from peelian.storage.provenance_keys import make_next, provenance_in, provenance_in_memory

OTHER = provenance_in_memory(office="Another town").certificates
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


def test_a_crash_at_any_step_leaves_a_pair_that_belongs_together_or_none(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    for call in ("write", "fsync", "replace"):
        for step in range(1, 5):
            for left in tmp_path.iterdir():
                left.unlink()
            with pytest.MonkeyPatch.context() as patch, suppress(PeelianError):
                failing(patch, call, step)
                provenance_in(tmp_path, office="A town", now=NOW)
            made = provenance_in(tmp_path, office="A town", now=NOW)
            own, _ = x509.load_pem_x509_certificates(made.certificates)
            own.public_key().verify(made.sign(b"message"), b"message")  # type: ignore[union-attr,call-arg]


def failing(patch: pytest.MonkeyPatch, call: str, step: int) -> None:
    """The disk is full from the call number `step` on."""
    real, done = getattr(os, call), []

    def full(*args: object) -> object:
        done.append(call)
        if len(done) >= step:
            raise OSError(errno.ENOSPC, "")
        return real(*args)

    patch.setattr(os, call, full)


@pytest.mark.parametrize("damage", [lambda chain: chain[:200], lambda chain: b"", lambda chain: OTHER])
def test_a_certificate_that_is_damaged_or_of_another_key_is_refused(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    tmp_path.chmod(0o700)
    provenance_in(tmp_path, office="A town", now=NOW)
    chain = tmp_path / "provenance.crt"
    chain.write_bytes(damage(chain.read_bytes()))
    with pytest.raises(InputError, match="damaged or of another key"):
        provenance_in(tmp_path, office="A town", now=NOW)


def bring(folder: Path, pair: dict[str, bytes]) -> None:
    """Exactly these files lie in the folder."""
    for left in folder.iterdir():
        left.unlink()
    for name, content in pair.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)


def test_a_replacement_cut_short_is_finished_once_the_log_has_it_and_never_before(tmp_path: Path) -> None:
    """At each step: the next pair lies there unlogged; it is logged; its chain is in place, its key is not."""
    tmp_path.chmod(0o700)
    old = public(provenance_in(tmp_path, office="A town", now=NOW))
    new = make_next(tmp_path, office="A town", now=NOW)
    files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert public(provenance_in(tmp_path, office="A town", now=NOW)) == old != new
    assert public(provenance_in(tmp_path, office="A town", now=NOW, replaced=[(new, old)])) == old
    halfway = {name: content for name, content in files.items() if name != "provenance.next.crt"}
    halfway["provenance.crt"] = files["provenance.next.crt"]
    lost = {name: content for name, content in files.items() if name != "provenance.pem"}
    for stand in (files, halfway, lost):
        bring(tmp_path, stand)
        for _ in range(2):
            assert public(provenance_in(tmp_path, office="A town", now=NOW, replaced=[(old, new)])) == new
        assert sorted(file.name for file in tmp_path.iterdir()) == ["provenance.crt", "provenance.pem"]


def test_the_pair_before_put_back_signs_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    old = public(provenance_in(tmp_path, office="A town", now=NOW))
    stolen = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    new = make_next(tmp_path, office="A town", now=NOW)
    replaced = [(old, new)]
    provenance_in(tmp_path, office="A town", now=NOW, replaced=replaced)
    bring(tmp_path, stolen)
    with pytest.raises(InputError, match="was replaced"):
        provenance_in(tmp_path, office="A town", now=NOW, replaced=replaced)


def public(made: Provenance) -> str:
    """The public key of a signer that really signs by it."""
    key = signer_of(made.certificates)
    key.verify(made.sign(b"message"), b"message")
    return key.public_bytes_raw().hex()
