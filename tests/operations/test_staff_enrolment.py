"""Somebody joins under a first passphrase that nobody chose and nothing keeps; keys come and go with their people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import desk
from divided import peopled
from toy import TOY

import peelian.operations.office
from peelian.errors import InputError, OutOfOrder
from peelian.kernel.identity.dual_control import approve
from peelian.kernel.identity.revocation import retire
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.pseudonyms import PERSON
from peelian.operations import staff_enrolment
from peelian.operations.office import Office, open_office
from peelian.storage.protected_keys import unlocked

ZOE: dict[str, Any] = {"name": "Zoe", "unit": "hall"}
PROPOSED: dict[str, Any] = {**ZOE, "roles": {Role.AUDITOR}, "words": "the city auditor names her"}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as made:
        yield made


def key_file(office: Office) -> Path:
    assert office.path is not None
    return office.path / "keys" / "operators" / "zoe.pem"


def test_the_first_passphrase_opens_the_key_and_is_another_each_time(office: Office) -> None:
    by, found = office.operator("custodian"), set()
    for _ in range(2):
        made = staff_enrolment.begin(office, by, "zoe", **ZOE, roles={Role.CLERK})
        key = unlocked(key_file(office).read_bytes(), made.passphrase, "zoe.pem")
        assert key.public_key().public_bytes_raw().hex() == office.person("zoe").public_key
        found.add(made.passphrase)
        with pytest.raises(InputError):
            staff_enrolment.begin(office, by, "zoe", **ZOE, roles={Role.CLERK})
        retire(office.kernel, by, made.person.token)
        staff_enrolment.forget(office, by, made.person.token)
        assert not key_file(office).exists()
    assert len(found) == 2 and all(len(one.replace("-", "")) == 24 for one in found)


def test_whoever_comes_back_keeps_their_key_and_its_passphrase(office: Office) -> None:
    by = office.operator("custodian")
    first = staff_enrolment.begin(office, by, "zoe", **ZOE, roles={Role.CLERK})
    before = key_file(office).read_bytes()
    retire(office.kernel, by, first.person.token)
    again = staff_enrolment.begin(office, by, "zoe", **ZOE, roles={Role.CLERK})
    assert again.passphrase == "" and key_file(office).read_bytes() == before


@pytest.mark.parametrize("short", ["../zoe", "Zoe", "", "zoe/../../x"])
def test_a_short_name_that_is_none_makes_no_file(office: Office, short: str) -> None:
    assert office.path is not None
    before = sorted(office.path.rglob("*.pem"))
    with pytest.raises(InputError):
        staff_enrolment.begin(office, office.operator("custodian"), short, **ZOE, roles={Role.CLERK})
    assert sorted(office.path.rglob("*.pem")) == before


def test_a_key_is_gone_where_its_person_was_not_enrolled_and_stays_with_a_proposal(office: Office) -> None:
    by, board = office.operator("custodian"), office.operator("board")
    overseer = {**ZOE, "roles": {Role.AUDITOR}}
    for words in ("", "too short"):
        with pytest.raises((InputError, OutOfOrder)):
            staff_enrolment.begin(office, by, "zoe", **overseer, words=words)
        assert not key_file(office).exists()
    made = staff_enrolment.begin(office, by, "zoe", **overseer, words="the auditor names her")
    assert made.proposal and key_file(office).exists() and not list(staff_enrolment.agreed(office))
    prove(office.kernel, board)
    approve(office.kernel, board, made.proposal)
    assert [digest for digest, _ in staff_enrolment.agreed(office)] == [made.proposal]
    key_file(office).rename(key_file(office).with_suffix(".away"))
    with pytest.raises(OutOfOrder, match="no longer exists"):
        staff_enrolment.carry_out(office, by, made.proposal)
    key_file(office).with_suffix(".away").rename(key_file(office))
    assert staff_enrolment.carry_out(office, by, made.proposal).roles == {Role.AUDITOR}


def test_somebody_joins_exactly_as_proposed_with_the_key_made_then() -> None:
    at = desk((TOY,))
    custodian, board = at.people["custodian"], at.people["board"]
    digest = staff_enrolment.propose(at.office, custodian, "zoe", **PROPOSED)
    with pytest.raises(OutOfOrder, match=r"Not approved. Ask someone in another unit"):
        staff_enrolment.join(at.office, custodian, "zoe", digest)
    prove(at.kernel, board)
    approve(at.kernel, board, digest)
    with pytest.raises(OutOfOrder, match="for another person"):
        staff_enrolment.join(at.office, custodian, "yann", digest)
    zoe = staff_enrolment.join(at.office, at.people["council"], "zoe", digest)
    assert (zoe.name, zoe.unit, zoe.roles) == ("Zoe", "hall", {Role.AUDITOR})
    prove(at.kernel, at.office.operator("zoe"))
    assert "Zoe" not in str([entry for _, entry in at.kernel.stores.log.read()])


def test_a_name_that_was_forgotten_meanwhile_and_a_wrong_short_name_join_nobody() -> None:
    at = desk((TOY,))
    custodian, board = at.people["custodian"], at.people["board"]
    digest = staff_enrolment.propose(at.office, custodian, "zoe", **PROPOSED)
    prove(at.kernel, board)
    approve(at.kernel, board, digest)
    at.office.forget(custodian, at.kernel.office.token("zoe", of=PERSON))
    with pytest.raises(OutOfOrder, match="Propose it again"):
        staff_enrolment.join(at.office, custodian, "zoe", digest)
    with pytest.raises(InputError, match="not a short name"):
        staff_enrolment.propose(at.office, custodian, "../zoe", **PROPOSED)


def test_nobody_joins_with_a_key_that_is_gone() -> None:
    at = desk((TOY,))
    custodian, board = at.people["custodian"], at.people["board"]
    digest = staff_enrolment.propose(at.office, custodian, "zoe", **PROPOSED)
    prove(at.kernel, board)
    approve(at.kernel, board, digest)
    at.office.keys.discard("zoe")
    with pytest.raises(OutOfOrder, match="proposed key no longer exists"):
        staff_enrolment.join(at.office, custodian, "zoe", digest)
