"""A confined process reads the files it is told, no other, writes none and opens no socket; nor do its threads."""

from __future__ import annotations

from pathlib import Path

import pytest
from children import tries

from peelian.child_process import child


def test_what_a_confined_process_can_no_longer_do(tmp_path: Path) -> None:
    file, key, folder = tmp_path / "a.csv", tmp_path / "log.pem", tmp_path / "keys"
    file.write_text("a\n1\n")
    key.write_text("key")
    folder.mkdir()
    with child(tries, (str(file), [str(key), str(folder), "/etc/passwd"], [str(file), str(folder / "new")])) as told:
        found = told.recv()
    if found["held"] != ("files", "network"):
        pytest.skip(f"this system confines no more than {found['held']}: Landlock and seccomp are missing")
    assert found["read"]
    able = {name for name, works in found.items() if works is True}
    assert able == {"read"}, able
    assert file.read_text() == "a\n1\n" and not (folder / "new").exists()
