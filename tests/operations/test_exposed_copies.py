"""A found copy is looked into and not changed; what its keys open is told apart from what stays closed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from kept_office import KEPT, unpacked

from peelian.errors import InputError
from peelian.kernel.model.capability import Role
from peelian.kernel.records.office_records import hold
from peelian.operations.exposed_copies import copy_in
from peelian.operations.office import new_office


@pytest.fixture
def office(tmp_path: Path) -> tuple[Path, str, str]:
    """An office's folder with two sealed objects, the second of which was destroyed."""
    with new_office(tmp_path / "office", name="Town") as made:
        it = made.enrol("it", name="IT", unit="it", roles={Role.CUSTODIAN})
        kept, gone = (hold(made.kernel, it, name, b"records") for name in ("one", "two"))
        shutil.copy(tmp_path / "office" / "objects" / gone, tmp_path / gone)
        made.kernel.stores.vault.destroy(gone)
    return tmp_path / "office", kept, gone


def listing(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(p.relative_to(folder)): (p.stat().st_mode, p.read_bytes() if p.is_file() else b"")
        for p in folder.rglob("*")
    }


def test_a_whole_copy_with_keys_opens_what_was_not_destroyed(office: tuple[Path, str, str], tmp_path: Path) -> None:
    folder, kept, gone = office
    shutil.copytree(folder, tmp_path / "copy")
    shutil.copy(tmp_path / gone, tmp_path / "copy" / "objects")
    before = listing(tmp_path / "copy")
    copy = copy_in(tmp_path / "copy", "2026-03-02T00:00:00+00:00")
    assert copy.objects == {kept, gone} and copy.opens == {kept}
    assert listing(tmp_path / "copy") == before, "evidence is not touched"


def test_a_copy_without_keys_opens_nothing(office: tuple[Path, str, str], tmp_path: Path) -> None:
    folder, kept, _ = office
    (tmp_path / "stick").mkdir()
    shutil.copy(folder / "objects" / kept, tmp_path / "stick")
    copy = copy_in(tmp_path / "stick", "now")
    assert (copy.objects, copy.opens) == ({kept}, frozenset())


def test_what_is_no_copy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        copy_in(tmp_path / "nowhere", "now")
    with pytest.raises(InputError, match="no sealed object"):
        copy_in(tmp_path, "now")


def test_the_keys_of_an_older_office_open_what_they_opened(tmp_path: Path) -> None:
    path = unpacked(tmp_path, KEPT / "office-1e64e07b.tar.xz")
    before = listing(path)
    copy = copy_in(path, "now")
    assert copy.objects == copy.opens and len(copy.opens) == 2
    assert listing(path) == before, "evidence is not touched"
