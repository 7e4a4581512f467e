"""Renewing everybody's signing key: with the old key folder nobody signs or logs on, and nobody is locked out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from proofs import a_pass
from terminal import peelian

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel.identity.dual_control import approve
from peelian.kernel.identity.passkeys import NewPasskey, enrol_passkey
from peelian.kernel.identity.revocation import retire
from peelian.kernel.identity.sessions import Sessions
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.operations.exposed_secrets import exposed_secrets
from peelian.operations.key_renewal import END, KEEP, propose_renewal, renew_keys, write_passphrases
from peelian.operations.office import Office, memory_office, new_office, open_office
from peelian.oversight.transparency.entrusted import alone
from peelian.storage.protected_keys import unlocked

WORDS = "a backup with keys was lost"
SHORTS = ("board", "clerk", "custodian")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("renewal") / "office"
    with new_office(path, name="Town").asking(ThrownAway()) as made:
        custodian = made.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        made.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=custodian)
        made.enrol("clerk", name="K", unit="desk", roles={Role.CLERK}, by=custodian)
        Sessions(made.kernel).begin(made.person("clerk"), "provider", proof=None)
    shutil.copytree(path, path.with_name("stolen"))
    return path


@pytest.fixture
def town(kept: Path, tmp_path: Path) -> Iterator[Office]:
    """An office of which a copy with every key was taken, open for one test."""
    shutil.copytree(kept.parent, tmp_path, dirs_exist_ok=True)
    with open_office(tmp_path / "office").asking(ThrownAway()) as opened:
        yield opened


@dataclass(frozen=True)
class Agreed:
    proposal: str
    passphrases: dict[str, str]


def agreed(town: Office, passkeys: str = KEEP) -> Agreed:
    made = propose_renewal(town, town.operator("custodian"), words=WORDS, passkeys=passkeys)
    prove(town.kernel, town.operator("board"))
    approve(town.kernel, town.operator("board"), made.proposal)
    return Agreed(made.proposal, dict(made.passphrases))


def old(town: Office, short: str) -> Operator:
    """Whoever has the old folder and every passphrase of it, at a desk of the office."""
    assert town.path is not None
    file = town.path.with_name("stolen") / "keys" / "operators" / f"{short}.pem"
    return Operator(person=town.person(short), sign=unlocked(file.read_bytes(), ThrownAway().known(short), "").sign)


def test_with_the_old_folder_nobody_signs_approves_or_logs_on(town: Office) -> None:
    kernel, made = town.kernel, agreed(town)
    prove(kernel, old(town, "clerk"))  # until it is carried out the old keys are the people's own
    assert Sessions(kernel).begin(town.person("clerk"), "key", proof=a_pass(kernel, old(town, "clerk")))
    done = renew_keys(town, town.operator("custodian"), made.proposal)
    assert done.people == 3 and done.sessions == 2 and not kernel.state.seated
    n = kernel.stores.log.size()
    for short in SHORTS:
        thief = old(town, short)
        with pytest.raises((OutOfOrder, Refused)):
            retire(kernel, thief, town.person("clerk" if short != "clerk" else "board").token)
        with pytest.raises((OutOfOrder, Refused)):
            prove(kernel, thief)
        with pytest.raises((OutOfOrder, Refused)):
            Sessions(kernel).begin(thief.person, "key", proof=a_pass(kernel, thief))
    assert kernel.stores.log.size() == n, "nothing of it is in the log"
    assert town.path is not None
    found = exposed_secrets(town, town.path.with_name("stolen"))
    assert not any(one.in_use for one in found if "operators" in one.place or one.kind == "open sessions")


def test_nobody_is_locked_out_and_everybody_chooses_a_passphrase_of_their_own(town: Office) -> None:
    made = agreed(town)
    assert set(made.passphrases) == set(SHORTS) and all(made.passphrases.values())
    before = {short: town.person(short) for short in SHORTS}
    assert town.path is not None
    write_passphrases(out := town.path.with_name("first.csv"), made.passphrases)
    assert out.stat().st_mode & 0o077 == 0 and f"clerk,{made.passphrases['clerk']}\n" in out.read_text()
    renew_keys(town, town.operator("custodian"), made.proposal)
    assert not alone(town.kernel), "two people agreed on it"
    keys = town.people_keys
    assert keys is not None
    for short in SHORTS:
        now = town.person(short)
        assert now.public_key != before[short].public_key
        assert (now.name, now.unit, now.roles) == (before[short].name, before[short].unit, before[short].roles)
        with pytest.raises(Refused, match="first passphrase"):
            town.operator(short)
        keys.unlock(now.token, "a session", made.passphrases[short], ThrownAway().known(short))
        prove(town.kernel, town.operator(short))
    assert retire(town.kernel, town.operator("custodian"), town.person("clerk").token)


def test_it_is_exactly_what_two_people_agreed_on_and_once(town: Office) -> None:
    custodian = town.operator("custodian")
    with pytest.raises(InputError, match="passkeys"):
        propose_renewal(town, custodian, words=WORDS, passkeys="some")
    with pytest.raises(Refused):
        propose_renewal(town, town.operator("clerk"), words=WORDS)
    with pytest.raises(OutOfOrder, match="No new keys"):
        renew_keys(town, custodian, "0" * 64)
    waiting = propose_renewal(town, custodian, words=WORDS).proposal
    with pytest.raises(OutOfOrder, match="Not approved"):
        renew_keys(town, custodian, waiting)
    first = agreed(town)
    second = propose_renewal(town, custodian, words=WORDS)
    with pytest.raises(OutOfOrder, match="another action"):
        renew_keys(town, custodian, first.proposal)
    assert town.person("clerk").public_key == old_public(town) and len(second.passphrases) == 3
    prove(town.kernel, town.operator("board"))
    approve(town.kernel, town.operator("board"), second.proposal)
    renew_keys(town, custodian, second.proposal)
    with pytest.raises((OutOfOrder, Refused)):
        renew_keys(town, custodian, second.proposal)
    with pytest.raises(OutOfOrder, match="in memory"), memory_office() as office:
        propose_renewal(office, office.enrol("one", name="O", unit="it", roles={Role.CUSTODIAN}), words=WORDS)


@pytest.mark.parametrize("word", [KEEP, END])
def test_passkeys_are_kept_or_ended_as_the_two_agreed(town: Office, word: str) -> None:
    clerk = town.operator("clerk")
    prove(town.kernel, clerk)
    enrol_passkey(town.kernel, clerk, NewPasskey(id="c2Vl", public_key="a2V5", counter=0), place="localhost")
    made = agreed(town, word)
    assert len(town.kernel.state.passkeys) == 1
    done = renew_keys(town, town.operator("custodian"), made.proposal)
    assert (done.passkeys, len(town.kernel.state.passkeys)) == ((0, 1) if word == KEEP else (1, 0))


def test_keys_that_wait_are_in_use_if_they_were_taken(town: Office, tmp_path: Path) -> None:
    """A copy taken between proposal and act holds the keys that are to come: they count as in use before and after."""
    made = agreed(town)
    assert town.path is not None
    shutil.copytree(town.path, tmp_path / "later")
    place = "keys/operators.next/clerk.pem"
    for renewed in (False, True):
        if renewed:
            renew_keys(town, town.operator("custodian"), made.proposal)
        found = {one.place: one for one in exposed_secrets(town, tmp_path / "later")}
        assert found[place].in_use and found[place].kind == "signing key of a person"
        assert found["keys/operators/clerk.pem"].in_use is not renewed


def test_the_command_wants_a_new_file_for_the_passphrases_or_a_proposal(town: Office, tmp_path: Path) -> None:
    out, base = tmp_path / "first.csv", ("keys", "people", "--office", str(town.path))
    for wrong in ((), ("--propose", WORDS), ("--propose", WORDS, "--out", str(tmp_path)), ("--proposal", "0" * 64)):
        assert peelian(*base, *wrong, cwd=tmp_path).returncode != 0
    assert not out.exists()


def old_public(town: Office) -> str:
    assert town.path is not None
    with open_office(town.path.with_name("stolen")) as copy:
        return copy.person("clerk").public_key


@pytest.mark.parametrize("step", ["entries", "files"])
def test_cut_short_it_is_all_or_nothing(town: Office, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """In the middle of the entries: nothing was done. Before the files are in place: the next opening puts them."""
    made, before = agreed(town), town.person("clerk").public_key
    where = {"entries": "peelian.storage.log_publisher.PublishedLog.append_all", "files": TAKE}[step]
    with monkeypatch.context() as patch, pytest.raises(PeelianError, match="power"):
        calls: list[int] = []
        patch.setattr(where, lambda *a: cut(calls, 1 if step == "entries" else 2))
        renew_keys(town, town.operator("custodian"), made.proposal)
    assert town.path is not None
    with open_office(town.path).asking(ThrownAway()) as again:
        kinds = [entry["kind"] for _, entry in again.kernel.stores.log.read()]
        assert again.people_keys is not None
        assert again.people_keys.public_key("clerk") == again.person("clerk").public_key
        assert (again.person("clerk").public_key == before) is (step == "entries")
        assert kinds.count("CARRIED_OUT") == (0 if step == "entries" else 1)
        assert bool(again.kernel.state.seated) is (step == "entries")
        if step == "entries":
            assert renew_keys(again, again.operator("custodian"), made.proposal).people == 3


TAKE = "peelian.integrations.person_keys.PersonKeys.take_next"


def cut(calls: list[int], at: int) -> None:
    calls.append(1)
    if len(calls) == at:
        raise PeelianError("the power went")
