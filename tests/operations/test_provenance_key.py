"""Replacing the provenance certificate: with the old keys nothing new counts, and what was delivered before does."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from pathlib import Path

import pytest

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.capability import Role
from peelian.kernel.model.custody_declarations import Provenance
from peelian.kernel.policy.signed_entries import acted
from peelian.measure.canonical import canonical
from peelian.operations.exposed_secrets import exposed_secrets
from peelian.operations.office import Office, memory_office, new_office, open_office
from peelian.operations.provenance_key import certificates_of, replace_provenance
from peelian.oversight.verification.packages import (
    LIST,
    OFFICE,
    SCHEMA,
    SEAL,
    Delivery,
    PackageVerdict,
    check_package,
    fingerprint_of,
)
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.provenance_keys import provenance_in

NAMES = ("provenance.pem", "provenance.crt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with new_office(tmp_path / "office", name="Town") as made:
        custodian = made.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        made.enrol("clerk", name="K", unit="desk", roles={Role.CLERK}, by=custodian)
        made.kernel.release.provenance()
    shutil.copytree(tmp_path / "office", tmp_path / "stolen")
    return tmp_path / "office"


def signer(office: Office) -> Provenance:
    found = office.kernel.release.provenance()
    assert found is not None
    return found


def package(by: Provenance, text: str) -> bytes:
    """A package that this signer signed."""
    listed = canonical(
        {"schema": SCHEMA, "files": {OFFICE: digest(by.certificates), "note.txt": digest(text.encode())}}
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for name, content in ((OFFICE, by.certificates), ("note.txt", text.encode()), (LIST, listed)):
            out.writestr(name, content)
        out.writestr(SEAL, by.sign(listed).hex())
    return made.getvalue()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def delivered(office: Office, content: bytes, kind: str = "DELIVERED") -> Delivery:
    """The log says that this package was handed over; what its recipient was given for it."""
    by = office.operator("clerk")
    index = acted(office.kernel, by, kind, digest=digest(content), size=len(content))
    log = office.kernel.stores.log
    return Delivery(entry=canonical(dict(log.entry(index))), receipt=log.receipt(index))


def checked(office: Office, content: bytes, delivery: Delivery | None = None) -> PackageVerdict:
    """As a recipient checks it, with what the office publishes."""
    known, log = certificates_of(office), office.kernel.stores.log
    assert isinstance(log, PublishedLog)
    return check_package(
        io.BytesIO(content), fingerprint=known.present, log_key=log.key.text, earlier=known.earlier, delivery=delivery
    )


def test_with_the_old_key_folder_no_new_package_counts_and_an_old_one_does(folder: Path) -> None:
    with open_office(folder) as office:
        old = signer(office)
        honest = package(old, "handed over before")
        receipt = delivered(office, honest)
        made = delivered(office, honest, kind="EXPORTED")
        replace_provenance(office, office.operator("custodian"))
        thief = provenance_in(folder.with_name("stolen") / "keys", office="Town", now=office.kernel.now())
        assert thief.certificates == old.certificates, "the thief signs as the office did"
        forged = package(thief, "made since")
        assert checked(office, package(signer(office), "new")).ok
        assert checked(office, honest, receipt).ok
        for content, given, says in (
            (forged, None, "no receipt"),
            (forged, receipt, "of another delivery"),
            (honest, None, "no receipt"),
            (honest, made, "of another delivery"),
            (forged, delivered(office, forged), "after its certificate"),
            (forged, Delivery(entry=b"[]", receipt=receipt.receipt), "does not prove"),
        ):
            assert any(says in fault for fault in checked(office, content, given).faults), says
        assert check_package(io.BytesIO(forged), fingerprint=certificates_of(office).present).faults


def test_the_old_pair_put_back_signs_nothing_and_the_log_tells_that_it_was_replaced(folder: Path) -> None:
    with open_office(folder) as office:
        before = signer(office).certificates
        replace_provenance(office, office.operator("custodian"))
        assert signer(office).certificates != before
        found = {one.place: one.in_use for one in exposed_secrets(office, folder.with_name("stolen"))}
        assert found["keys/provenance.pem"] is False
        for name in NAMES:
            shutil.copy2(folder.with_name("stolen") / "keys" / name, folder / "keys" / name)
        with pytest.raises(InputError, match="was replaced"):
            office.kernel.release.provenance()


def test_a_replacement_that_was_cut_short_is_finished_or_begun_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office(folder) as office:
        before, custodian = signer(office).certificates, office.operator("custodian")
        with pytest.raises(Refused):
            replace_provenance(office, office.operator("clerk"))
        assert signer(office).certificates == before, "the next pair lies there, and the log does not have it"
        with monkeypatch.context() as patch, pytest.raises(OSError, match="power"):
            patch.setattr("peelian.operations.provenance_key.certificates_of", cut)
            replace_provenance(office, custodian)
        assert (folder / "keys" / "provenance.next.pem").exists(), "logged, and not exchanged yet"
    with open_office(folder) as office:
        assert signer(office).certificates != before, "whoever signs next finishes it"
        (earlier,) = certificates_of(office).earlier
        assert earlier.fingerprint == fingerprint_of(before)
    with pytest.raises(OutOfOrder, match="in memory"), memory_office() as office:
        replace_provenance(office, office.enrol("one", name="O", unit="it", roles={Role.CUSTODIAN}))


def cut(*_: object) -> None:
    raise OSError("the power went")
