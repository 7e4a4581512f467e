"""The vault and the archive in memory obey the same rules as those in folders."""

from __future__ import annotations

import pytest
from vaults import openings_in

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.ports import Archive, Entry, Leaf, Sealed, Vault
from peelian.storage.vault_memory import MemoryArchive, MemoryVault


@pytest.fixture
def log() -> list[Entry]:
    return []


@pytest.fixture
def vault(log: list[Entry]) -> MemoryVault:
    return MemoryVault(permitted=openings_in(lambda index: log[index] if index < len(log) else None))


def _sealed(vault: Vault, plain: bytes) -> Sealed:
    with vault.seal("d") as file:
        file.write(plain)
    sealed: Sealed = file.sealed  # type: ignore[attr-defined]  # the port promises it on the context's value
    return sealed


def test_what_is_sealed_is_opened_once_against_a_logged_opening(vault: MemoryVault, log: list[Entry]) -> None:
    sealed = _sealed(vault, b"plain")
    with pytest.raises(OutOfOrder):
        vault.open(sealed.object, intent=0)
    log += [
        {"kind": "STARTED", "object": sealed.object, "dataset": "d"},
        {"kind": "OPENED", "object": sealed.object, "dataset": "d"},
    ]
    with pytest.raises(OutOfOrder):
        vault.open(sealed.object, intent=0)
    assert vault.open(sealed.object, intent=1).read() == b"plain"
    with pytest.raises(OutOfOrder, match="already used"):
        vault.open(sealed.object, intent=1)
    assert vault.unwraps == 1


def test_a_failed_seal_leaves_nothing(vault: MemoryVault) -> None:
    with pytest.raises(KeyError), vault.seal("d") as file:
        file.write(b"half")
        raise KeyError
    with pytest.raises(OutOfOrder):
        _ = file.sealed
    assert not vault._objects


def test_destroyed_is_destroyed_and_unknown_is_unknown(vault: MemoryVault, log: list[Entry]) -> None:
    sealed = _sealed(vault, b"plain")
    log.append({"kind": "OPENED", "object": sealed.object, "dataset": "d"})
    vault.destroy(sealed.object)
    vault.destroy(sealed.object)
    with pytest.raises(OutOfOrder, match="destroyed"):
        vault.open(sealed.object, intent=0)
    for verb in (vault.destroy, lambda name: vault.open(name, intent=0)):
        with pytest.raises(InputError):
            verb("ab" * 16)


def test_the_archive_overwrites_nothing() -> None:
    archive: Archive = MemoryArchive()
    archive.put("a" * 64, b"one")
    archive.put("a" * 64, b"one")
    with pytest.raises(OutOfOrder):
        archive.put("a" * 64, b"two")
    assert archive.get("a" * 64) == b"one"
    with pytest.raises(InputError):
        archive.get("b" * 64)


def test_objects_are_found_by_their_dataset_until_they_are_forgotten(vault: MemoryVault) -> None:
    sealed = _sealed(vault, b"plain")
    assert vault.found("d") == (sealed.object,) and vault.found("e") == ()
    vault.destroy(sealed.object)
    assert vault.found("d") == ()


def test_a_partition_of_the_archive_in_memory_dies_alone() -> None:
    archive = MemoryArchive()
    archive.put("ordinary-1", b"stays")
    archive.put("collected-1", b"goes", partition="warrant-1")
    assert archive.destroy_partition("warrant-1") == 1 and archive.destroy_partition("warrant-1") == 0
    with pytest.raises(InputError):
        archive.get("collected-1")
    assert archive.get("ordinary-1") == b"stays"


def test_documents_put_together_are_each_on_their_partition() -> None:
    archive = MemoryArchive()
    archive.put_all([Leaf(digest="a" * 64, document=b"1"), Leaf(digest="b" * 64, document=b"2", partition="short")])
    assert archive.get("a" * 64) == b"1" and archive.get("b" * 64) == b"2"
    assert archive.destroy_partition("short") == 1 and archive.get("a" * 64) == b"1"
