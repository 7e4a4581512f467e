"""Each secret in a found copy is named, and said to be in use until it really was replaced."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from terminal import peelian

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.identity.dual_control import approve
from peelian.kernel.identity.revocation import retire
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.operations.exposed_secrets import exposed_secrets
from peelian.operations.log_key import propose_log_key, replace_log_key
from peelian.operations.office import memory_office, new_office, open_office
from peelian.oversight.breach.containment import rotate_keys
from peelian.oversight.breach.taken_secrets import REMEDIES


@pytest.fixture
def office(tmp_path: Path) -> Path:
    with new_office(tmp_path / "office", name="Town") as made:
        custodian = made.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        made.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=custodian)
        made.enrol("clerk", name="K", unit="desk", roles={Role.CLERK}, by=custodian)
        made.kernel.release.provenance()
    shutil.copytree(tmp_path / "office", tmp_path / "stolen")
    return tmp_path / "office"


def in_use(folder: Path) -> dict[str, bool]:
    with open_office(folder) as office:
        found = exposed_secrets(office, folder.with_name("stolen"))
    assert {one.kind for one in found} <= REMEDIES.keys()
    return {one.place: one.in_use for one in found}


def test_what_is_replaced_is_no_longer_in_use_and_what_is_not_is_named(office: Path) -> None:
    before = in_use(office)
    ring = [place for place in before if place.startswith("keys/store/")]
    keys = ("log.pem", "token.key", "provenance.pem", "operators/custodian.pem", "operators/clerk.pem")
    assert ring and all(before[place] for place in (*ring, *(f"keys/{name}" for name in keys)))
    assert before["keys/token.key: working key"], "what nothing has replaced yet seals with it"
    assert before["state/state.db"] is False, "no session was open"
    with open_office(office) as town:
        custodian, board = town.operator("custodian"), town.operator("board")
        proposal = propose_log_key(town, custodian, words="a backup with keys was lost")
        prove(town.kernel, board)
        approve(town.kernel, board, proposal)
        replace_log_key(town, custodian, proposal)
        rotate_keys(town.kernel, custodian)
        retire(town.kernel, custodian, town.person("clerk").token)
    after = in_use(office)
    replaced = {place for place, used in after.items() if before[place] and not used}
    assert replaced == {*ring, "keys/log.pem", "keys/operators/clerk.pem"}
    assert after["keys/token.key"] and after["keys/provenance.pem"], "what cannot be replaced keeps it uncontained"


def test_a_key_under_another_passphrase_is_the_same_key(office: Path) -> None:
    file = office / "keys" / "operators" / "clerk.pem"
    with open_office(office) as town:
        assert town.people_keys is not None
        before = file.read_bytes()
        town.people_keys.protect("clerk")
    assert file.read_bytes() != before and in_use(office)["keys/operators/clerk.pem"]


def test_the_key_folder_alone_is_a_copy_and_what_holds_no_secret_is_none(office: Path, tmp_path: Path) -> None:
    with open_office(office) as town:
        found = exposed_secrets(town, tmp_path / "stolen" / "keys")
        assert {"log key", "token key"} <= {one.kind for one in found}
        for folder, says in ((tmp_path / "no", "no such"), (tmp_path / "stolen/log", "no secret"), (office, "itself")):
            with pytest.raises(InputError, match=says):
                exposed_secrets(town, folder)
    with pytest.raises(OutOfOrder):
        exposed_secrets(memory_office(), tmp_path)


def test_the_command_says_not_contained(office: Path, tmp_path: Path) -> None:
    said = peelian("key", "exposed", str(tmp_path / "stolen"), "--office", str(office), cwd=tmp_path)
    assert said.returncode == 1 and "Not contained" in said.stdout and "peelian key log" in said.stdout
    told = peelian("key", "exposed", str(tmp_path / "stolen"), "--office", str(office), "--json", cwd=tmp_path)
    assert json.loads(told.stdout)["contained"] is False
