"""The doctor names what is wrong with an office and what to do, also where it cannot be opened, and changes nothing."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import in_use_meanwhile
from suspending import suspend
from toy import COUNT, TOY
from uses import BODY

import peelian.operations.office
from peelian.catalogues import catalogue
from peelian.errors import InputError, Refused
from peelian.kernel.identity import dual_control
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.model.documents import Declaration, digest_of
from peelian.kernel.model.formats import Admitted
from peelian.kernel.retention.expiry_job import expire, sweep
from peelian.kernel.verbs import admit, authorizations
from peelian.operations import committed_content, doctor, doctor_archive, doctor_keys, doctor_people
from peelian.operations.doctor import SOON, WRONG, _of_the_objects, examined, kept_for
from peelian.operations.office import Office, new_office, open_office
from peelian.oversight.transparency.bylaws import bylaws_of, propose_bylaws

USE: dict[str, Any] = {"serves": "toy.count", "purposes": (Purpose.PROOF,), "days": 1, "body": {}}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A well office with a dataset, two authorizations and its people."""
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    where = tmp_path / "office"
    where.mkdir(mode=0o700)
    with new_office(where, name="Town") as office:
        custodian = office.enrol("custodian", name="Zebedee", unit="it", roles={Role.CUSTODIAN})
        council = None
        for role in (Role.COUNCIL, Role.PRIVACY_OFFICER, Role.BOARD):
            told = {"name": str(role), "unit": str(role), "roles": {role}, "by": custodian, "second": council}
            one = office.enrol(str(role).replace("_", "-"), **told)
            council = council or one
        _issue(office, AuthorizationKind.COUNCIL_APPROVAL, "council", 300)
        given = COUNT.arithmetic().example().datasets["wells"]
        declaration = Declaration(
            title="Wells", purposes=("advice",), legal_basis="l", minimisation="m", retention_days=400, source="s"
        )
        taken = Admitted(table=given.table, facts={})
        admit(office.kernel, custodian, declaration, taken, format="toy-wells")
    yield where


def _issue(office: Office, authorization: AuthorizationKind, short: str, days: int, **body: object) -> str:
    made = authorizations.issue(
        office.kernel,
        office.operator(short),
        authorization,
        serves=COUNT.id,
        purposes=(Purpose.ADVICE,),
        days=days,
        body=body,  # type: ignore[arg-type]  # scalars, as the tests give them
    )
    return digest_of(made)


def _said(path: Path, level: str = WRONG) -> str:
    found = examined(path)
    assert all(one.what and one.remedy for one in found)
    return "\n".join(f"{one.what} -> {one.remedy}" for one in found if one.level == level)


def _later(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    in_use_meanwhile(monkeypatch)
    monkeypatch.setattr(peelian.operations.office, "_utc_now", lambda: datetime.now(UTC) + timedelta(days=days))


def test_a_well_office_lacks_only_a_witness(path: Path) -> None:
    assert _said(path) == ""
    assert _said(path, SOON).count("\n") == 0 and "has no witness" in _said(path, SOON)


def test_no_office_is_said(tmp_path: Path) -> None:
    assert "not an office" in _said(tmp_path)


@pytest.mark.parametrize(
    ("name", "mode", "says"),
    [("keys/log.pem", 0o644, "chmod 600"), ("keys", 0o755, "chmod 700"), (".", 0o750, "chmod 700")],
)
def test_what_others_may_reach_is_named(path: Path, name: str, mode: int, says: str) -> None:
    (path / name).chmod(mode)
    assert says in _said(path) and "find out who read it" in _said(path)


@pytest.mark.parametrize("name", ["keys/store", "objects", "state", "log", "keys/log.pem", "keys/token.key"])
def test_what_is_missing_is_named(path: Path, name: str) -> None:
    gone = path / name
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    assert f"{name} is missing" in _said(path)


def test_a_damaged_published_log_is_found_without_opening_it(path: Path) -> None:
    bundle = next((path / "log" / "tile" / "entries").rglob("0*/*"))
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    assert "log failed verification" in _said(path)


def _changed(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path / "state" / "state.db")) as there, there:
        there.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET mac = x'00' WHERE idx = 3",
        "DELETE FROM entries WHERE idx = 3",
        "UPDATE head SET size = size - 1",
        "DELETE FROM chains",
        "DELETE FROM sqlite_master",
    ],
)
def test_a_database_that_somebody_wrote_into_is_found(path: Path, statement: str) -> None:
    if "sqlite_master" in statement:
        file = path / "state" / "state.db"
        file.write_bytes(file.read_bytes()[:4096] + bytes(file.stat().st_size - 4096))
    else:
        _changed(path, statement)
    said = _said(path)
    assert "breach protocol" in said or "damaged" in said


def test_an_old_backup_of_the_database_is_refused_and_named(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path / "state", tmp_path / "old")
    with open_office(path) as office:
        for _ in range(5):
            office.kernel.append("HEARTBEAT", entries=1)
    shutil.rmtree(path / "state")
    shutil.copytree(tmp_path / "old", path / "state")
    assert "was last used" in _said(path) and "Restore the newest log" in _said(path)


def test_a_lost_record_of_what_was_signed_is_named(path: Path) -> None:
    (path / "log.signed").unlink()
    assert "log.signed" in _said(path)


def test_an_office_that_another_process_serves_is_examined_all_the_same(path: Path) -> None:
    with open_office(path) as office:
        office.kernel.append("HEARTBEAT", entries=1)
        assert _said(path) == ""


def test_a_lost_object_and_a_lost_document_are_found(path: Path) -> None:
    objects = [one for one in (path / "objects").iterdir() if len(one.name) == 32]
    objects[0].unlink()
    assert "is missing" in _said(path) and "Restore the objects folder" in _said(path)
    _changed(path, "DELETE FROM documents WHERE partition LIKE 'register%' OR partition LIKE 'authorizations%'")
    assert "The archive lacks a document named in the log" in _said(path)


def test_what_time_brings_is_told_before_and_after(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_office(path) as office:
        body = {**BODY, "status": "provisional", "urgency": "it is deleted tonight"}
        more: dict[str, Any] = {"serves": COUNT.id, "purposes": ("advice",), "days": 2, "before": ""}
        warrant = AuthorizationKind.WARRANT
        authorizations.sign_authorization(office.kernel, office.operator("privacy-officer"), warrant, body=body, **more)
    _later(monkeypatch, 2.1)
    assert "not confirmed within 48 hours" in _said(path)
    _later(monkeypatch, 280)
    assert ": council approval for toy.count" in _said(path, SOON)
    _later(monkeypatch, 340)
    assert "Expired: council approval for toy.count" in _said(path)
    assert "Training of Zebedee ends on" in _said(path, SOON) and "breach drill is due by" in _said(path, SOON)
    _later(monkeypatch, 370)
    assert "Training of Zebedee has expired" in _said(path) and "breach drill is overdue" in _said(path)


def test_a_clock_that_is_behind_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _later(monkeypatch, -3)
    assert "clock is behind" in _said(path)


def test_bylaws_nobody_adopted_and_a_suspension_are_told(path: Path) -> None:
    with open_office(path) as office:
        suspend(office.kernel, office.operator("board"), "toy")
    (path / "bylaws").mkdir(exist_ok=True)
    (path / "bylaws" / "a.cedar").write_text(
        '@id("no_use") @says("no") @remedy("none")\nforbid (principal, action, resource) when { false };'
    )
    assert "differ from those adopted" in _said(path) and "toy is suspended" in _said(path, SOON)
    (path / "bylaws" / "a.cedar").write_text("permit (principal, action, resource);")
    assert "may only forbid" in _said(path)


@pytest.mark.parametrize("damage", [b"\xff", b"permit (principal, action, resource);", b"forbid (principal"])
def test_a_damaged_bylaw_shuts_what_it_may_have_forbidden_and_never_the_kill_switch(path: Path, damage: bytes) -> None:
    (path / "bylaws").mkdir(exist_ok=True)
    file = path / "bylaws" / "a.cedar"
    rule = '@id("no_use") @says("no") @remedy("none")\nforbid (principal, action, resource) when { false };'
    file.write_text(rule)
    with open_office(path) as office:
        proposal = propose_bylaws(office.kernel, office.operator("custodian"), words="the council wants it")
        prove(office.kernel, office.operator("board"))
        dual_control.approve(office.kernel, office.operator("board"), proposal)
    file.write_bytes(damage)
    assert "a.cedar" in _said(path) and "Bylaws damaged" in _said(path)
    with open_office(path) as office:
        kernel, board = office.kernel, office.operator("board")
        for act in (
            lambda: dual_control.propose(kernel, board, "rotate_keys", words="three words here"),
            lambda: authorizations.issue(kernel, board, AuthorizationKind.ACCEPTANCE_CRITERIA, **USE),
            lambda: office.enrol("new", name="N", unit="u", roles={Role.CLERK}, by=office.operator("custodian")),
        ):
            with pytest.raises(Refused):
                act()
        with pytest.raises(InputError, match=r"a\.cedar"):
            bylaws_of(kernel)
        suspend(kernel, board, "toy")
        assert "toy" in kernel.state.suspended
    file.write_text(rule)
    assert "Bylaws damaged" not in _said(path)
    with open_office(path) as office:
        dual_control.propose(office.kernel, office.operator("board"), "rotate_keys", words="three words here")


def test_a_full_or_read_only_disk_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda where: shutil._ntuple_diskusage(10, 9, 1))
    assert "Free at least 1 GB" in _said(path)
    monkeypatch.setattr(os, "access", lambda where, mode: False)
    assert "not writable" in _said(path)


def test_partitions_past_their_time_are_named_and_what_is_kept_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office(path) as office:
        expire(office.kernel)  # the log says the times of the classes
    assert "past their retention" not in _said(path)
    _later(monkeypatch, 11 * 366)
    assert "past their retention" in _said(path) and "peelian retention run" in _said(path)
    assert "Archive partitions past their retention period" in _said(path)
    (line,) = kept_for(path)
    assert "refusals 2 years" in line
    assert kept_for(path / "nowhere") == []


def test_data_past_its_time_is_named_until_the_daily_job_has_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _later(monkeypatch, 401)
    assert "Datasets past" not in _said(path), "a job that runs daily may be a day late"
    _later(monkeypatch, 403)
    assert "Datasets past their retention period: 1." in _said(path) and "peelian retention run" in _said(path)
    assert "The clock shows 403 days since the last daily job" in _said(path, SOON)
    with open_office(path) as office:
        sweep(office.kernel)
    _later(monkeypatch, 404.1)
    with open_office(path) as office:
        sweep(office.kernel)
    assert "Datasets past" not in _said(path), "it is queued"
    assert "The clock shows" not in _said(path, SOON)
    _later(monkeypatch, 414.2)
    assert "Datasets past their retention period: 1." in _said(path), "its seven days in the queue are over"
    with open_office(path) as office:
        sweep(office.kernel)
    assert "Datasets past" not in _said(path)


def _object(path: Path) -> Path:
    (found,) = [one for one in (path / "objects").iterdir() if len(one.name) == 32]
    return found


def test_an_object_whose_key_table_is_older_wants_the_keys_and_not_the_object(path: Path) -> None:
    sealed = _object(path).name
    with open_office(path) as office, office.kernel.stores.vault.seal("d-1") as file:
        file.write(b"another one")
    with closing(sqlite3.connect(path / "keys" / "store" / "keys.db")) as keys, keys:  # as before it was sealed
        keys.execute("DELETE FROM keys WHERE object = ?", (sealed,))
    assert "has no key. The key table is older" in _said(path)
    assert "Restore the newest keys/store folder" in _said(path) and "objects folder" not in _said(path)


def test_an_object_destroyed_on_purpose_is_said_with_its_entry_and_removed(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(path / "objects", tmp_path / "old")
    for days in (401, 402.1, 410):
        _later(monkeypatch, days)
        with open_office(path) as office:
            sweep(office.kernel)
            index = next((n for n, e in office.kernel.stores.log.read() if e["kind"] == "DESTROYED"), 0)
            shutil.copytree(tmp_path / "old", path / "objects", dirs_exist_ok=True)
            told = [one for one in _of_the_objects(office.kernel) if "A backup restored" in one.what]
    assert len(told) == 1 and f"which entry {index} had destroyed" in told[0].what and told[0].level == SOON
    shutil.copytree(tmp_path / "old", path / "objects", dirs_exist_ok=True)
    assert "ncrypted object" not in _said(path), "opening removed it"
    assert not [one for one in (path / "objects").iterdir() if len(one.name) == 32]


def test_an_object_destroyed_that_the_log_does_not_know_of_wants_the_newest_log(path: Path) -> None:
    with open_office(path) as office:
        office.kernel.stores.vault.destroy(_object(path).name)
    assert "and its key were destroyed, but this log has no such entry" in _said(path)
    assert "Restore the objects folder" not in _said(path) and "peelian machine restore-log" in _said(path)


def test_an_object_that_no_entry_names_is_told_apart(path: Path) -> None:
    with open_office(path) as office, office.kernel.stores.vault.seal("d-1") as file:
        file.write(b"x")
    assert "has no log entry" in _said(path) and "a crash left it" in _said(path)


def test_damaged_settings_are_a_finding_like_others(path: Path) -> None:
    (path / "office.toml").write_text("name = ")
    (path / "keys" / "token.key").unlink()
    said = _said(path)
    assert "the office's settings are damaged -> name and origin, unchanged" in said
    assert "keys/token.key is missing" in said, "the rest is looked at all the same"


def test_every_sentence_of_the_doctor_has_its_french() -> None:
    """Faults and remedies are said in both languages: every constant that is a sentence, docstrings aside."""
    french = catalogue("fr", ("peelian.pictures", "peelian.web", "peelian.cli"))
    told = {
        part.value
        for module in (doctor, doctor_archive, doctor_keys, doctor_people, committed_content)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if not isinstance(node, ast.Expr)
        for part in ast.iter_child_nodes(node)
        if isinstance(part, ast.Constant) and re.match(r"[A-Z%].* .*[.`)s]$", str(part.value))
    }
    assert len(told) > 60 and told - set(french) == set()
