"""People's keys in an office's folder: which may sign, who gives passphrases, and what a session has unlocked."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from own_keys import CHEAP, PASSPHRASE, REAL, credentials

from peelian.errors import InputError, KeyLocked, OutOfOrder, Refused
from peelian.integrations.person_keys import PROTECTED_ROLES, Credentials, PersonKeys
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.state.demonstration import mark
from peelian.operations.doctor_keys import of_the_keys
from peelian.operations.office import Office, new_office, open_office

SECRET = "Zebedee's marker phrase"


class Told:
    """Passphrases as a test tells them; "": nobody chooses one."""

    cost = CHEAP

    def __init__(self, passphrase: str = SECRET) -> None:
        self.passphrase, self.asked = passphrase, 0

    def known(self, short: str) -> str:
        self.asked += 1
        return self.passphrase

    def new(self, short: str) -> str:
        return self.passphrase


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Office]:
    with new_office(tmp_path / "office", name="Town") as office:
        yield office


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Credentials:
    """From here on passphrases come from systemd's credentials, as outside tests."""
    for name, value in REAL.items():
        monkeypatch.setattr(Credentials, name, value)
    return Credentials()


def _keys(office: Office) -> PersonKeys:
    assert office.people_keys is not None
    return office.people_keys


def _again(office: Office, passphrases: Told) -> Office:
    """The same office as another command opens it."""
    assert office.path is not None
    return open_office(office.path).asking(passphrases)


@pytest.mark.parametrize("role", sorted(Role))
def test_an_unprotected_key_signs_nothing_in_the_roles_that_oversee(town: Office, role: Role) -> None:
    town.asking(Told(""))
    one = town.enrol("one", name="One", unit="it", roles={role})
    if role in PROTECTED_ROLES:
        with pytest.raises(Refused) as refused:
            town.operator("one")
        assert [reason.rule for reason in refused.value.reasons] == ["the_key_is_protected"]
        assert refused.value.reasons[0].remedy.endswith("peelian key protect one")
        with pytest.raises(Refused):
            one.sign(b"x")
    else:
        assert town.operator("one").sign(b"x") == one.sign(b"x")
    stops = "it signs nothing. -> Protect" in _told(town)
    assert stops == (role in PROTECTED_ROLES) and "one.pem has no passphrase" in _told(town)
    _keys(town.asking(Told())).protect("one")
    assert _told(town) == "" and town.operator("one").sign(b"x")


def _told(office: Office) -> str:
    return "\n".join(f"{says} -> {remedy}" for says, remedy in of_the_keys(office))


def test_a_demonstration_signs_with_unprotected_keys_and_asks_nobody(town: Office) -> None:
    mark(town.kernel)
    told = Told()
    town.asking(told).enrol("board", name="B", unit="b", roles={Role.CUSTODIAN, Role.BOARD})
    assert town.operator("board").sign(b"x") and not told.asked and _told(town) == ""
    _keys(town).protect("board")
    assert _keys(town).is_protected("board")
    _keys(town).unprotect("board")
    assert not _keys(town).is_protected("board") and town.operator("board").sign(b"x")


def test_elsewhere_a_key_keeps_its_passphrase(town: Office) -> None:
    town.asking(Told()).enrol("one", name="One", unit="it", roles={Role.ANALYST})
    with pytest.raises(OutOfOrder, match="keeps its passphrase"):
        _keys(town).unprotect("one")
    assert _keys(town).is_protected("one")


def test_a_passphrase_is_asked_once_in_a_command_and_a_new_one_takes_the_old_one_s_place(town: Office) -> None:
    town.asking(Told()).enrol("one", name="One", unit="it", roles={Role.CUSTODIAN})
    told = Told()
    with _again(town, told) as office:
        for _ in range(3):
            prove(office.kernel, office.operator("one"))
        assert told.asked == 1
        told.passphrase = "another marker phrase"
        _keys(office).protect("one")
    with _again(town, Told("another marker phrase")) as office:
        assert office.operator("one").sign(b"x")
    with _again(town, Told(SECRET)) as office, pytest.raises(InputError, match="wrong passphrase"):
        office.operator("one")


def test_who_enrols_somebody_again_needs_not_know_their_passphrase(town: Office) -> None:
    town.asking(Told()).enrol("it", name="I", unit="it", roles={Role.CUSTODIAN})
    town.enrol("ann", name="A", unit="a", roles={Role.ANALYST}, by=town.operator("it"))
    told = Told()
    with _again(town, told) as office:
        by = office.operator("it")
        told.passphrase = "not that of ann"
        office.enrol("ann", name="A", unit="b", roles={Role.ANALYST}, by=by)
        assert office.person("ann").unit == "b" and told.asked == 1


def test_a_session_signs_with_a_key_that_was_unlocked_in_it_and_in_no_other(town: Office) -> None:
    person = town.asking(Told()).enrol("one", name="One", unit="it", roles={Role.ANALYST}).person
    keys = _keys(town)
    mine, other = keys.at_session(person.token, "mine"), keys.at_session(person.token, "other")
    for wrong in ("", "a wrong passphrase", SECRET + " "):
        with pytest.raises(InputError, match="wrong passphrase"):
            keys.unlock(person.token, "mine", wrong)
    with pytest.raises(KeyLocked):
        mine.sign(b"x")
    assert keys.unlock(person.token, "mine", SECRET)[0] == "one" and mine.sign(b"x")
    with pytest.raises(KeyLocked):
        other.sign(b"x")
    assert keys.sessions() == {"mine"}
    keys.lock("mine")
    with pytest.raises(KeyLocked):
        mine.sign(b"x")
    with pytest.raises(InputError, match="not here"):
        keys.unlock("somebody else", "mine", SECRET)


def test_a_first_passphrase_signs_nothing_until_its_person_has_changed_it(town: Office) -> None:
    by = town.asking(Told()).enrol("it", name="I", unit="it", roles={Role.CUSTODIAN})
    first, keys, new = _keys(town).keep_first("ann"), _keys(town), "only Ann knows this"
    person = town.enrol("ann", name="A", unit="a", roles={Role.ANALYST}, by=by).person
    with _again(town, Told(first)) as office, pytest.raises(Refused, match="first passphrase"):
        office.operator("ann").sign(b"x")
    for wrong, says in (("", "still has its first"), (first, "same passphrase"), ("short", "too short")):
        with pytest.raises(InputError, match=says):
            keys.unlock(person.token, "mine", first, wrong)
    with pytest.raises(InputError, match="wrong passphrase"):
        keys.unlock(person.token, "mine", SECRET, new)
    assert keys.has_first(person.token) and not keys.sessions()
    keys.unlock(person.token, "mine", first, new)
    assert keys.at_session(person.token, "mine").sign(b"x") and not keys.has_first(person.token)
    with pytest.raises(InputError, match="wrong passphrase"):
        keys.unlock(person.token, "other", first)
    assert keys.unlock(person.token, "other", new)[0] == "ann"


def test_a_first_passphrase_is_changed_at_the_terminal(town: Office) -> None:
    by = town.asking(Told()).enrol("it", name="I", unit="it", roles={Role.CUSTODIAN})
    told = Told(_keys(town).keep_first("ann"))
    town.enrol("ann", name="A", unit="a", roles={Role.ANALYST}, by=by)
    with _again(town, told) as office:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(told, "new", lambda short: "only Ann knows this")
            _keys(office).protect("ann")
        assert office.operator("ann").sign(b"x")


def test_whose_key_is_at_hand_elsewhere_is_not_asked_for_it_here(town: Office) -> None:
    person = town.asking(Told("")).enrol("one", name="One", unit="it", roles={Role.ANALYST}).person
    keys = _keys(town)
    assert not keys.is_here(person.token) and not keys.any_is_protected()
    assert keys.at_session(person.token, "mine").sign(b"x")
    keys.discard("one")
    assert not keys.is_here(person.token)
    with pytest.raises(Refused, match="does not hold the key"):
        keys.at_session(person.token, "mine").sign(b"x")


def test_a_passphrase_is_in_no_message_log_or_file(town: Office, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        town.asking(Told()).enrol("one", name="One", unit="it", roles={Role.CUSTODIAN})
        keys, token = _keys(town), town.person("one").token
        keys.unlock(token, "mine", SECRET)
        prove(town.kernel, town.operator("one"))
        with pytest.raises(InputError) as error:
            keys.unlock(token, "mine", SECRET[:-1])
    said = [caplog.text, repr(error.value), str(vars(error.value)), repr(keys), repr(town), repr(town.operator("one"))]
    assert not any(SECRET[:-1] in text or "Zebedee" in text for text in said)
    assert town.path is not None
    town.checkpoint()
    for file in (file for file in town.path.rglob("*") if file.is_file()):
        assert SECRET.encode() not in file.read_bytes(), file
    with closing(sqlite3.connect(town.path / "state" / "state.db")) as database:
        assert not any(SECRET in line for line in database.iterdump())


@pytest.mark.parametrize("short", ["", "../log", "a/b", "A", "x" * 60, "\n", "é-1"])
def test_a_short_name_is_no_path(town: Office, real: Credentials, short: str) -> None:
    keys = _keys(town)
    for act in (keys.of, keys.keep, keys.public_key, keys.is_protected, keys.protect, real.known):
        with pytest.raises(InputError):
            act(short)


def test_a_service_reads_the_credential_of_its_person(
    town: Office, real: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.asking(Told(PASSPHRASE)).enrol("one", name="One", unit="it", roles={Role.CUSTODIAN})
    with open_office(tmp_path / "office") as office, pytest.raises(InputError, match="peelian-one"):
        office.operator("one")
    for name, value in credentials(tmp_path / "credentials", "one").items():
        monkeypatch.setenv(name, value)
    with open_office(tmp_path / "office") as office:
        assert office.operator("one").sign(b"x")
        with pytest.raises(InputError, match="nobody here"):
            real.known("two")
        assert real.new("two") == ""


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 4_097])
def test_a_credential_that_is_no_passphrase_is_refused_without_showing_it(
    real: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "peelian-one").write_bytes(content)
    with pytest.raises(InputError, match="not a passphrase") as error:
        real.known("one")
    assert "xxx" not in str(error.value)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", os.fspath(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="nobody here"):
        real.known("one")
