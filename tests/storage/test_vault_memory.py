"""The vault in memory obeys the same rules as the one in folders."""

from __future__ import annotations

import pytest
from vaults import openings_in

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.ports import Entry, Sealed, Vault
from peelian.storage.vault_memory import MemoryVault


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


def test_objects_are_found_by_their_dataset_until_they_are_forgotten(vault: MemoryVault) -> None:
    sealed = _sealed(vault, b"plain")
    assert vault.found("d") == (sealed.object,) and vault.found("e") == ()
    vault.destroy(sealed.object)
    assert vault.found("d") == ()
