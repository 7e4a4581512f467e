"""An office is put back whole from an old copy, keys and all, and goes on: nothing in it can notice, its witness does.

Told twice: with the product's own witness and with sigsum-witness, which others wrote (Debian package sigsum-go).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from authentication import logged_on
from broker import until
from terminal import peelian
from witnesses import board_witness, sigsum_witness

from peelian.errors import IntegrityError, Objection
from peelian.kernel.log.signed_note import NoteKey, read_key
from peelian.kernel.log.witness_protocol import Witness
from peelian.kernel.model.capability import Role
from peelian.operations.office import Office, open_office
from peelian.oversight.verification.verifier import verify_log
from peelian.web.app import make_app

Runs = Callable[[Path, NoteKey], AbstractContextManager[Witness]]
RUNS: dict[str, Runs] = {"ours": board_witness, "sigsum": sigsum_witness}


@pytest.fixture(params=sorted(RUNS))
def witness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Witness]:
    """A new office that was cosigned, an old copy of it, and the newest copy, which was cosigned, too."""
    sigsum = ("--sigsum",) if request.param == "sigsum" else ()
    assert peelian("office", "office", "--name", "Town", *sigsum, cwd=tmp_path).returncode == 0
    bo = ("enrol", "bo", "--name", "Bo", "--unit", "board", "--role", "board")
    assert peelian(*bo, cwd=tmp_path).returncode == 0
    warned = peelian("doctor", cwd=tmp_path)
    assert "checked against its own key only" in warned.stdout and "an old copy back, unnoticed" in warned.stdout
    with RUNS[request.param](tmp_path / "w", read_key((tmp_path / "office/log/log.vkey").read_text().strip())) as runs:
        alone = peelian("oversight", "choose-witness", runs.key.text, runs.url, cwd=tmp_path)
        assert alone.returncode == 2 and "State the reason" in alone.stderr  # a custodian could choose their own
        assert (
            peelian("oversight", "choose-witness", runs.key.text, runs.url, "--as", "bo", cwd=tmp_path).returncode == 0
        )
        asked = peelian("machine", "ask-witness", cwd=tmp_path)
        assert asked.returncode == 0 and "cosigned" in asked.stdout, asked.stderr
        shutil.copytree(tmp_path / "office", tmp_path / "old")
        _works(tmp_path, range(5))
        assert peelian("machine", "ask-witness", cwd=tmp_path).returncode == 0
        well = peelian("doctor", cwd=tmp_path)
        assert well.returncode == 0 and f"Witness {runs.key.name} last cosigned on 20" in well.stdout
        assert "on the office's own machine" in well.stdout
        shutil.copytree(tmp_path / "office", tmp_path / "newest")
        yield runs


def _works(town: Path, numbers: range) -> None:
    with open_office(town / "office") as office:
        for n in numbers:
            unit, by = f"unit {n}", office.operator("custodian")
            office.enrol(f"clerk{n}", name=f"Clerk {n}", unit=unit, roles={Role.CLERK}, by=by)


def _put_back(town: Path, copy: str) -> None:
    shutil.rmtree(town / "office")
    shutil.copytree(town / copy, town / "office")


def _stopped(office: Office) -> IntegrityError:
    """What a served office stops with."""
    maintenance = office.maintenance
    assert maintenance is not None
    with pytest.raises(Objection) as ended, maintenance.attended(seconds=0.01):
        until(lambda: maintenance.alarm is not None)
    return ended.value


@pytest.mark.parametrize("more", [2, 9])  # the witness knows more entries than there are again, or fewer
def test_the_witness_refuses_and_the_office_says_so_and_stops(tmp_path: Path, witness: Witness, more: int) -> None:
    before = (tmp_path / "newest" / "log" / "checkpoint.witnessed").read_bytes()
    _put_back(tmp_path, "old")
    old = (tmp_path / "office" / "log" / "checkpoint.witnessed").read_bytes()
    _works(tmp_path, range(10, 10 + more))  # every key is there: by itself the office notices nothing
    with open_office(tmp_path / "office") as office:
        app = make_app(office)
        board = logged_on(app, office, "bo")
        assert "Office stopped" not in board.get("/en/desk").text
        said = str(_stopped(office))
        assert "rollback" in said or "rewritten" in said
        assert "begin the breach protocol" in said and "peelian machine ask-witness" in said
        n = office.kernel.stores.log.size()
        with pytest.raises(IntegrityError, match="the log has stopped"):
            office.kernel.append("HEARTBEAT", entries=n)
        assert office.kernel.stores.log.size() == n
        with pytest.raises(IntegrityError):
            office.checkpoint()
        desk = board.get("/en/desk")
        assert desk.status_code == 200 and "Office stopped" in desk.text and "machine ask-witness" in desk.text
        assert "Bureau arr\u00eat\u00e9" in board.get("/fr/desk").text
        assert board.get("/en/log").status_code == 503
    assert (tmp_path / "office" / "log" / "checkpoint.witnessed").read_bytes() == old != before

    refused = peelian("people", "enrol", "zed", "--name", "Z", "--unit", "z", "--role", "clerk", cwd=tmp_path)
    assert refused.returncode == Objection.exit_code and "machine ask-witness" in refused.stderr
    assert peelian("case", "list", cwd=tmp_path).returncode == 0  # what names nobody can be read
    named = peelian("people", "list", "--as", "custodian", cwd=tmp_path)  # nobody can log that they read who is here
    assert named.returncode == Objection.exit_code and "Clerk 10" not in named.stdout + named.stderr
    ill = peelian("doctor", cwd=tmp_path)
    assert ill.returncode == 1 and "The witness objects" in ill.stdout and "Restore the newest copy" in ill.stdout
    again = peelian("machine", "ask-witness", cwd=tmp_path)
    assert again.returncode == Objection.exit_code and "did not cosign" in again.stderr

    objected = (tmp_path / "office" / "log.objected").read_bytes()
    _put_back(tmp_path, "newest")
    (tmp_path / "office" / "log.objected").write_bytes(objected)  # as where only what was older is put back
    assert (
        peelian("people", "enrol", "zed", "--name", "Z", "--unit", "z", "--role", "clerk", cwd=tmp_path).returncode == 5
    )
    assert peelian("machine", "ask-witness", cwd=tmp_path).returncode == 0
    assert peelian("doctor", cwd=tmp_path).returncode == 0
    _works(tmp_path, range(20, 22))
    assert peelian("machine", "ask-witness", cwd=tmp_path).returncode == 0
    assert verify_log(tmp_path / "office" / "log", witnesses=[witness.key.text]).ok


def test_the_doctor_asks_by_itself(tmp_path: Path, witness: Witness) -> None:
    _put_back(tmp_path, "old")
    for _ in range(2):
        ill = peelian("doctor", cwd=tmp_path)
        assert ill.returncode == 1 and "The witness objects" in ill.stdout
    assert (tmp_path / "office" / "log.objected").exists()


def test_another_witness_written_into_the_settings_by_hand_is_told(tmp_path: Path, witness: Witness) -> None:
    settings = tmp_path / "office" / "office.toml"
    whole = settings.read_text()
    settings.write_text("".join(line for line in whole.splitlines(keepends=True) if "witness" not in line))
    ill = peelian("doctor", cwd=tmp_path)
    assert ill.returncode == 1 and "not the chosen one" in ill.stdout
    settings.write_text(whole)
    assert peelian("doctor", cwd=tmp_path).returncode == 0
