"""Plays docs/how-to/back-up-and-restore.md: an office is backed up, its log damaged, restored by two, handed out."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from terminal import peelian


def test_the_walk_in_the_docs(tmp_path: Path) -> None:
    def say(*words: str, code: int = 0) -> str:
        done = peelian(*words, cwd=tmp_path)
        assert done.returncode == code, done.stderr + done.stdout
        return done.stdout + done.stderr

    say("office", "office", "--name", "Town")
    say("people", "enrol", "bo", "--name", "Bo", "--unit", "board", "--role", "board")
    backed_up = say("machine", "backup", "backup-data", "--keys", "backup-keys")
    assert "Backed up" in backed_up and "NOT in this backup" not in backed_up
    say("people", "enrol", "cy", "--name", "Cy", "--unit", "clerks", "--role", "clerk")
    with closing(sqlite3.connect(tmp_path / "office" / "state" / "state.db")) as database, database:
        database.execute("UPDATE entries SET spelling = x'00' WHERE kind = 'ENROLLED' AND idx = 1")
    assert "breach protocol" in say("doctor", code=1)
    say("machine", "restore-log", "backup-data", "--as", "custodian", code=2)
    said = say("machine", "restore-log", "backup-data", "--as", "custodian", "--reason", "the disk lost a block")
    assert "No entry that was ever signed is lost" in said and "without their documents" in said
    say("machine", "restore-log", "backup-data", "--as", "custodian", "--approve", code=3)
    assert "who agreed" in say("machine", "restore-log", "backup-data", "--as", "bo", "--approve")
    assert "Bo" in (people := say("people", "list", "--as", "custodian")) and "Cy" not in people, (
        "her entry is there, its document is lost"
    )
    say("people", "enrol", "cy", "--name", "Cy", "--unit", "clerks", "--role", "clerk")
    assert "Cy" in say("people", "list", "--as", "custodian") and "Log verified" in say("verify", "office")

    shutil.rmtree(tmp_path / "office")
    shutil.copytree(tmp_path / "backup-data", tmp_path / "office")
    shutil.copytree(tmp_path / "backup-keys", tmp_path / "office" / "keys")
    (tmp_path / "office").chmod(0o700)
    said = say("machine", "restore-log", "backup-data", "--as", "custodian", "--reason", "the machine burnt down")
    assert "Ask the witness" in said
    say("machine", "restore-log", "backup-data", "--as", "bo", "--approve")
    assert "Bo" in say("people", "list", "--as", "custodian")
    say("doctor")


def test_an_export_in_bulk_is_proposed_listed_and_approved(tmp_path: Path) -> None:
    pyrage = pytest.importorskip("pyrage", reason="the extra `exports` is not installed")
    key = str(pyrage.x25519.Identity.generate().to_public())
    for words in (
        ("office", "office", "--name", "Town"),
        ("enrol", "bo", "--name", "Bo", "--unit", "board", "--role", "board"),
    ):
        assert peelian(*words, cwd=tmp_path).returncode == 0
    assert peelian("proposals", "propose", "export", "--reason", "one two three", cwd=tmp_path).returncode == 2
    said = peelian(
        "case",
        "propose-export",
        key,
        "--as",
        "custodian",
        "--reason",
        "the university studies it",
        "--json",
        cwd=tmp_path,
    )
    digest = json.loads(said.stdout)["proposal"]
    listed = peelian("proposals", "list", "--as", "custodian", cwd=tmp_path).stdout
    assert digest in listed and key in listed and "the university studies it" in listed and "To approve: " in listed
    approved = peelian("proposals", "approve", digest, "--as", "bo", cwd=tmp_path).stdout
    assert key in approved and "Reason given: the university studies it" in approved
    assert "Approved, not yet carried out" in peelian("proposals", "list", "--as", "custodian", cwd=tmp_path).stdout
    nothing = peelian("case", "bulk-export", digest, "--to", "register.tar.age", cwd=tmp_path)
    assert nothing.returncode == 2 and "No published case yet" in nothing.stderr
    assert not (tmp_path / "register.tar.age").exists()
