"""Exports: whole or not at all, streamed, with the source's own errors kept (other tools: tests/reference)."""

from __future__ import annotations

import io
import sys
import tracemalloc
from pathlib import Path

import pytest
from vaults import vault_in

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.integrations.age_exports import sealed_for

pyrage = pytest.importorskip("pyrage", reason="the extra `exports` is not installed")
MARKER = b"PLANTED-MARKER-e01a"


def _identity() -> tuple[object, str]:
    made = pyrage.x25519.Identity.generate()
    return made, str(made.to_public())


def test_every_recipient_opens_it_and_nobody_else(tmp_path: Path) -> None:
    (one, first), (two, second), (other, _) = _identity(), _identity(), _identity()
    size = sealed_for([first, second], io.BytesIO(MARKER * 9999), tmp_path / "x.age")
    data = (tmp_path / "x.age").read_bytes()
    assert size == len(data) and MARKER not in data
    assert pyrage.decrypt(data, [one]) == pyrage.decrypt(data, [two]) == MARKER * 9999
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data, [other])
    assert (tmp_path / "x.age").stat().st_mode & 0o777 == 0o600


def test_an_object_streams_from_the_vault_to_a_third_party(tmp_path: Path) -> None:
    identity, public = _identity()
    desk = vault_in(tmp_path)
    sealed = desk.sealed(MARKER * 400_000)
    tracemalloc.start()
    with desk.vault.open(sealed.object, intent=desk.intent(sealed)) as source:
        sealed_for([public], source, tmp_path / "x.age")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20  # bytes, for 7.6 MB
    assert MARKER not in desk.bytes_of()
    assert pyrage.decrypt((tmp_path / "x.age").read_bytes(), [identity]) == MARKER * 400_000


@pytest.mark.parametrize("recipients", [[], ["age1nonsense"], ["ssh-ed25519 nonsense"], ["Jane Doe"], [""]])
def test_a_wrong_recipient_is_refused_before_anything_is_written(tmp_path: Path, recipients: list[str]) -> None:
    with pytest.raises(InputError) as error:
        sealed_for(recipients, io.BytesIO(b"x"), tmp_path / "x.age")
    assert "Jane" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_damaged_object_stays_damage_and_leaves_no_export(tmp_path: Path) -> None:
    desk = vault_in(tmp_path / "office")
    sealed = desk.sealed(bytes(300_000))
    with desk.vault.open(sealed.object, intent=desk.intent(sealed)) as source:
        data = bytearray(desk.file(sealed).read_bytes())
        data[150_000] ^= 1
        desk.file(sealed).write_bytes(data)
        with pytest.raises(IntegrityError):
            sealed_for([_identity()[1]], source, tmp_path / "x.age")
    assert [path.name for path in tmp_path.iterdir()] == ["office"]


def test_nothing_is_overwritten_and_no_folder_is_made(tmp_path: Path) -> None:
    (tmp_path / "x.age").write_bytes(b"there")
    with pytest.raises(OutOfOrder):
        sealed_for([_identity()[1]], io.BytesIO(b"x"), tmp_path / "x.age")
    assert (tmp_path / "x.age").read_bytes() == b"there"
    with pytest.raises(PeelianError, match="export was not made"):
        sealed_for([_identity()[1]], io.BytesIO(b"x"), tmp_path / "no" / "x.age")


def test_the_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    with pytest.raises(InputError, match="exports"):
        sealed_for(["age1"], io.BytesIO(b"x"), tmp_path / "x.age")
