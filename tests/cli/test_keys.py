"""`peelian key`: a key gets a passphrase at any time, and loses it in a demonstration only."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import peelian

from peelian.kernel.model.capability import Role
from peelian.kernel.state.demonstration import mark
from peelian.operations.office import new_office
from peelian.storage.operator_keys import bare_file
from peelian.storage.private_files import put_private

SUSPEND = ("suspend", "mapping", "--as", "bo", "--reason", "precaution")
PROPOSE = ("proposals", "resume", "--technology", "mapping", "--reason", "the key is back", "--as", "bo")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """An office whose keys were made before keys had passphrases."""
    with new_office(tmp_path / "office", name="Town") as office:
        first = office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        office.enrol("bo", name="B", unit="board", roles={Role.BOARD}, by=first)
        for short in ("custodian", "bo"):
            put_private(tmp_path / "office/keys/operators" / f"{short}.pem", bare_file(office.keys.of(short)))
    return tmp_path


def test_a_key_without_passphrase_is_refused_until_it_is_protected(town: Path) -> None:
    for words in (SUSPEND, ("log-on", "--as", "bo"), ("backup", "data")):
        refused = peelian(*words, cwd=town)
        assert refused.returncode == 3 and "Remedy: Protect it at the terminal" in refused.stderr, words
    said = peelian("doctor", cwd=town)
    assert said.returncode == 1 and "bo.pem has no passphrase" in said.stdout and "key protect bo" in said.stdout
    assert "is protected" in peelian("key", "protect", "bo", cwd=town).stdout
    assert peelian(*SUSPEND, cwd=town).returncode == 0
    assert "bo.pem" not in peelian("doctor", cwd=town).stdout


def test_a_passphrase_is_taken_off_in_a_demonstration_only(town: Path, tmp_path: Path) -> None:
    peelian("key", "protect", "bo", cwd=town)
    kept = peelian("key", "unprotect", "bo", cwd=town)
    assert kept.returncode == 2 and "except in a demonstration" in kept.stderr
    with new_office(tmp_path / "played" / "office", name="Demonstration town") as office:
        mark(office.kernel)
        office.enrol("bo", name="B", unit="board", roles={Role.CUSTODIAN, Role.BOARD})
    for words in (("key", "protect", "bo"), SUSPEND, ("key", "unprotect", "bo"), PROPOSE):
        assert peelian(*words, cwd=tmp_path / "played").returncode == 0, words
    assert "no passphrase" not in peelian("doctor", cwd=tmp_path / "played").stdout


def test_a_key_that_is_not_here_is_said(town: Path) -> None:
    for short in ("nobody", "../log"):
        assert peelian("key", "protect", short, cwd=town).returncode == 2
