"""What an old key folder brings back is destroyed again when the office opens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from desk import Hands
from years import reopened

from peelian.errors import InputError
from peelian.kernel.identity.dual_control import approve, propose, rotate_keys
from peelian.kernel.identity.revocation import retire
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.pseudonyms import PERSON
from peelian.operations.office import open_office


def test_the_signing_key_of_somebody_who_was_forgotten_is_shredded_again(
    folder: Path, clock: Hands, tmp_path: Path
) -> None:
    shutil.copytree(folder / "keys", tmp_path / "keys")
    with open_office(folder, clock=clock) as opened:
        by = opened.operator("custodian")
        token = opened.kernel.office.token("analyst", of=PERSON)
        retire(opened.kernel, by, token)
        opened.forget(by, token)
    shutil.copytree(tmp_path / "keys" / "operators", folder / "keys" / "operators", dirs_exist_ok=True)
    with open_office(folder, clock=clock) as opened:
        with pytest.raises(InputError, match="unknown key"):
            opened.keys.of("analyst")
        assert opened.keys.of("board"), "everybody else's is there"
        opened.enrol("analyst", name="Another", unit="x", roles={Role.ANALYST}, by=opened.operator("custodian"))
    with open_office(folder, clock=clock) as opened:
        assert opened.operator("analyst").sign(b"x"), "who came back keeps the new key"


def test_wrapping_keys_from_before_a_rotation_are_rotated_again(folder: Path, clock: Hands, tmp_path: Path) -> None:
    shutil.copytree(folder / "keys", tmp_path / "keys")
    town = reopened(folder, clock)
    with town.office:
        digest = propose(town.kernel, town.people["custodian"], "rotate_keys", words="once a year it is done")
        prove(town.kernel, town.people["board"])
        approve(town.kernel, town.people["board"], digest)
        rotate_keys(town.office.kernel, town.people["custodian"], digest)
    rings = {path.name for path in (tmp_path / "keys" / "store" / "ring").iterdir()}
    shutil.rmtree(folder / "keys" / "store")
    shutil.copytree(tmp_path / "keys" / "store", folder / "keys" / "store")
    for _ in range(2):
        with open_office(folder, clock=clock) as opened:
            assert [str(e["kind"]) for _, e in opened.kernel.stores.log.read()].count("ROTATED") == 2, (
                "once, not every time"
            )
    assert rings.isdisjoint(path.name for path in (folder / "keys" / "store" / "ring").iterdir())
    before = {path.name for path in (tmp_path / "keys" / "store" / "ring").iterdir() if path.is_file()}
    now = {path.name for path in (folder / "keys" / "store" / "ring").iterdir() if path.is_file()}
    assert before and before.isdisjoint(now), "the wrapping key that was destroyed is destroyed again"
