"""A recipient finds every change: of a file, of the plan, of a receipt, of the list, of the signature."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile
from functools import cache

import pytest
from log_parts import ORIGIN, SIGNER
from recordings import known_life
from vaults import plain

from peelian.errors import InputError
from peelian.kernel.log.signed_note import key_of
from peelian.oversight.verification.packages import check_package


@cache
def files() -> dict[str, bytes]:
    made = known_life()
    admission = made.town.kernel.state.datasets[made.package]
    with zipfile.ZipFile(io.BytesIO(plain(made.town.kernel.stores.vault, admission.object))) as package:
        return {name: package.read(name) for name in package.namelist()}


def zipped(content: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, data in content.items():
            package.writestr(name, data)
    return out


def key() -> str:
    return known_life().town.kernel.stores.log.key.text  # type: ignore[attr-defined]  # the log in memory has it


def test_a_whole_package_holds_and_its_receipts_prove_their_entries() -> None:
    verdict = check_package(zipped(files()), log_key=key())
    assert verdict.ok and verdict.receipts >= 6 and len(verdict.fingerprint) == 64
    assert check_package(zipped(files()), fingerprint=verdict.fingerprint).ok
    assert "certificate" in check_package(zipped(files()), fingerprint="0" * 64).faults[0]


def test_every_one_of_three_hundred_random_bits_is_noticed() -> None:
    rng = random.Random(11)
    fingerprint = check_package(zipped(files())).fingerprint
    for _ in range(300):
        content = dict(files())
        name = rng.choice(sorted(content))
        data = bytearray(content[name])
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        content[name] = bytes(data)
        with contextlib.suppress(InputError):  # it is not even a package any more
            assert not check_package(zipped(content), fingerprint=fingerprint).ok, name


def test_missing_and_added_files_are_noticed_and_another_logs_receipts() -> None:
    content = dict(files())
    plan = content.pop("plan.json")
    assert "plan.json is missing" in check_package(zipped(content)).faults
    assert "more.txt is not on the list" in check_package(zipped({**files(), "more.txt": plan})).faults
    assert not check_package(zipped(files()), log_key=key_of(ORIGIN, SIGNER).text).ok
    unsigned = {name: data for name, data in files().items() if name != "package.sig"}
    assert "the list is not signed" in check_package(zipped(unsigned)).faults


def test_a_second_spelling_of_the_signature_is_noticed() -> None:
    shouted = {**files(), "package.sig": files()["package.sig"].upper()}
    assert not check_package(zipped(shouted)).ok


def test_two_files_of_one_name_are_refused() -> None:
    """One program would check the one, and another open the other."""
    whole = zipped(files())
    with zipfile.ZipFile(whole, "a") as package, pytest.warns(UserWarning, match="Duplicate name"):
        package.writestr("plan.json", files()["plan.json"])
    with pytest.raises(InputError, match="two with one name"):
        check_package(whole)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"\x00" * 4000])
def test_what_is_no_package_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        check_package(io.BytesIO(content))
    with pytest.raises(InputError):
        check_package(zipped({"package.json": b"{"}))


@pytest.mark.parametrize("listed", [b"[]", b'"x"', b'{"files": []}', b'{"files": {"a": 1}}', b"\xff\xfe", b"[" * 5000])
def test_a_list_made_to_hurt_is_refused_or_found_wrong(listed: bytes) -> None:
    with contextlib.suppress(InputError):
        assert not check_package(zipped({**files(), "package.json": listed})).ok


def test_every_cut_of_a_package_is_refused_or_found_wrong() -> None:
    whole = zipped(files()).getvalue()
    rng = random.Random(3)
    for _ in range(150):
        at = rng.randrange(len(whole))
        hurt = bytearray(whole)
        hurt[at : at + 4] = rng.randbytes(4)
        with contextlib.suppress(InputError):
            check_package(io.BytesIO(bytes(hurt)))
        with contextlib.suppress(InputError):
            assert not check_package(io.BytesIO(whole[:at])).ok


def test_a_strangers_file_name_cannot_drive_a_terminal() -> None:
    faults = check_package(zipped({**files(), "\x1b[2Jgone" + "x" * 500: b"x"})).faults
    assert all(fault.isprintable() and len(fault) < 200 for fault in faults) and faults
