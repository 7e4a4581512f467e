"""Replacing an office's log key: two people, cases that go on across it, and an old key folder that signs nothing."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from authentication import at_pages
from deciding import read_and_decide
from desk import Desk, Hands
from terminal import peelian
from toy import COUNT, TOY
from witnesses import board_witness

from peelian.errors import InputError, IntegrityError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.identity.dual_control import approve
from peelian.kernel.identity.step_up import prove
from peelian.kernel.log.checkpoints import check_receipt
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import digest_of
from peelian.operations import office as of_office
from peelian.operations.dividing import divide, undo
from peelian.operations.log_key import check_office_receipt, propose_log_key, replace_log_key, replaced_last
from peelian.operations.office import Office, memory_office, new_office, open_office
from peelian.operations.witness_choice import choose_now
from peelian.oversight.verification.signed_heads import head_under, read_handovers
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.operator_keys import load_key
from peelian.web.app import make_app

ROLES = (Role.ANALYST, Role.COMMANDER, Role.COUNCIL, Role.BOARD, Role.CLERK, Role.AUDITOR)
SHORTS = ("custodian", *map(str, ROLES))


@pytest.fixture
def folder(tmp_path: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(of_office, "technologies", lambda: (TOY,))
    path = tmp_path / "office"
    with new_office(path, name="Town", clock=clock) as office:
        custodian = office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        council = None
        for role in ROLES:
            told = {"name": str(role), "unit": f"unit-{role}", "roles": {role}}
            one = office.enrol(str(role), **told, by=custodian, second=council)
            council = one if role is Role.COUNCIL else council
    return path


def seated(office: Office, clock: Hands) -> Desk:
    return Desk(office=office, clock=clock, people={short: office.operator(short) for short in SHORTS})


def agreed(office: Office) -> str:
    """The digest of a replacement that two people agreed on."""
    proposal = propose_log_key(office, office.operator("custodian"), words="a backup with keys was lost")
    prove(office.kernel, office.operator("board"))
    approve(office.kernel, office.operator("board"), proposal)
    return proposal


def replace(office: Office) -> None:
    replace_log_key(office, office.operator("custodian"), agreed(office))


def log_of(office: Office) -> PublishedLog:
    log = office.kernel.stores.log
    assert isinstance(log, PublishedLog)
    return log


def test_a_case_goes_on_across_the_replacement(folder: Path, clock: Hands) -> None:
    """What the office signed before still counts, what it signs since is by the new key, old receipts hold."""
    with open_office(folder, clock=clock) as office, open_office(folder, clock=clock) as other:
        town = seated(office, clock)
        town.authorizations(COUNT)
        permit = town.ask(COUNT)
        old = log_of(office).key
        index = log_of(office).size() - 1
        receipt = log_of(office).receipt(index)
        replace(other)
        new = log_of(office).key
        assert new != old
        evidence, _ = verbs.run(office.kernel, town.people["analyst"], permit)
        words = {"reasons": "Lighting comes first.", "other_evidence": "document: What residents say"}
        decision = read_and_decide(office.kernel, town.people["commander"], evidence, choice="accept", **words)
        verbs.publish(office.kernel, town.people["clerk"], decision)
        log_of(office).keys.signer.public_key().verify(bytes.fromhex(evidence.signature), digest_of(evidence).encode())
        entry = office.kernel.stores.log.entry(index)
        spelled = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
        assert check_office_receipt(office, receipt, spelled, new).size >= index, (
            "the office vouches for what the old key signed"
        )
        with pytest.raises(IntegrityError):
            check_receipt(receipt, spelled, new)
    with open_office(folder, clock=clock) as office:
        town = seated(office, clock)
        permit = town.ask(COUNT)
        verbs.run(office.kernel, town.people["analyst"], permit)
        assert office.verdict(key=new.text).ok
        assert office.kernel.office.public_key == old.public.hex(), "what people sign names the office as before"


def test_a_document_that_the_old_key_signed_since_is_none_of_the_office_s(folder: Path, clock: Hands) -> None:
    stolen = shutil.copytree(folder / "keys", folder.with_name("stolen"))
    with open_office(folder, clock=clock) as office:
        town = seated(office, clock)
        town.authorizations(COUNT)
        replace(office)
        thief = load_key(Path(stolen) / "log.pem")
        forging = dataclasses.replace(office.kernel, office=dataclasses.replace(office.kernel.office, sign=thief.sign))
        honest = town.ask(COUNT)
        forged = dataclasses.replace(town, office=dataclasses.replace(office, kernel=forging)).ask(COUNT)
        with pytest.raises(OutOfOrder, match="not signed by"):
            verbs.run(office.kernel, town.people["analyst"], forged)
        assert verbs.run(office.kernel, town.people["analyst"], honest)


def test_it_takes_two_people_of_two_units_and_is_done_once(folder: Path, clock: Hands) -> None:
    with open_office(folder, clock=clock) as office:
        custodian, key = office.operator("custodian"), log_of(office).key
        proposal = propose_log_key(office, custodian, words="a backup with keys was lost")
        with pytest.raises(OutOfOrder, match="Not approved"):
            replace_log_key(office, custodian, proposal)
        with pytest.raises(Refused):
            approve(office.kernel, custodian, proposal)
        assert log_of(office).key == key
        with pytest.raises(OutOfOrder, match="never replaced"):
            replaced_last(office)
        replace(office)
        with pytest.raises(OutOfOrder):
            replace_log_key(office, custodian, proposal)
        assert [one["act"] for _, one in log_of(office).read(kinds=["CARRIED_OUT"])] == ["log"]


def test_the_witness_is_away_and_follows_later(folder: Path, clock: Hands, tmp_path: Path) -> None:
    with open_office(folder, clock=clock) as office:
        first = log_of(office).key
        with board_witness(tmp_path / "board", first) as witness:
            choose_now(office, office.operator("board"), witness.key.text, witness.url)
            assert office.maintenance and office.maintenance.ask().cosigned
        replace(office)
        standing = replaced_last(office)
        assert not standing.vouched and "has not cosigned the handover yet" in str(standing.says)
        assert not office.verdict(key=first.text, witnesses=[witness.key.text]).ok
        # the board's machine is back, elsewhere
        with board_witness(tmp_path / "other", first) as back:
            office.maintenance.witness = back
            assert office.maintenance.ask().cosigned
            assert replaced_last(office).vouched
            assert office.verdict(key=first.text, witnesses=[back.key.text]).ok


def test_it_moves_with_the_log_to_a_registrar_and_back(folder: Path, clock: Hands, tmp_path: Path) -> None:
    with open_office(folder, clock=clock) as office:
        replace(office)
        key = log_of(office).key
    divide(folder, tmp_path / "registrar", tmp_path / "socket")
    assert not list((folder / "keys").glob("handover.*")) and (tmp_path / "registrar/keys/handover.1").exists()
    with open_office(tmp_path / "registrar", clock=clock) as office:
        assert office.verdict(key=key.text).ok
    undo(folder, tmp_path / "registrar")
    with open_office(folder, clock=clock) as office:
        assert log_of(office).key == key and office.verdict(key=key.text).ok


def test_a_log_named_after_its_key_keeps_it_and_one_in_memory_has_none(tmp_path: Path) -> None:
    with new_office(tmp_path / "office", name="Town", sigsum=True) as office:
        office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        with pytest.raises(InputError, match="named after its key"):
            propose_log_key(office, office.operator("custodian"), words="a backup was lost")
    with pytest.raises(OutOfOrder):
        replaced_last(memory_office())


def test_from_the_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    with new_office(folder, name="Town") as office:
        custodian = office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        office.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=custodian)
    place = ("--office", str(folder))
    said = peelian("key", "log", "--propose", "a backup with keys was lost", "--json", *place, cwd=folder.parent)
    digest = json.loads(said.stdout)["proposal"]
    assert peelian("proposals", "approve", digest, "--as", "board", *place, cwd=folder.parent).returncode == 0
    done = peelian("key", "log", "--proposal", digest, *place, cwd=folder.parent)
    assert done.returncode == 0 and "The new key signs what follows" in done.stdout, done.stderr
    again = json.loads(peelian("key", "log", "--json", *place, cwd=folder.parent).stdout)
    assert again["key"].split("+")[0] and again["vouched"] is False
    assert peelian("verify", str(folder), "--key", again["key"], cwd=folder.parent).returncode == 0


def test_an_outside_monitor_follows_the_handover_by_what_the_pages_give(folder: Path, clock: Hands) -> None:
    """The note at /data is the file beside the tiles; by it the new checkpoint is checked."""
    with open_office(folder, clock=clock) as office:
        old = log_of(office).key
        public = at_pages(make_app(office))
        assert public.get("/data/log/handover.1").status_code == 404
        replace(office)
        log_of(office).checkpoint()
        note = public.get("/data/log/handover.1").content
        assert note == (folder / "log" / "handover.1").read_bytes()
        (found,) = read_handovers([note])
        assert found.old == old.text and found.new == public.get("/data/log/key").text.strip()
        assert head_under(public.get("/data/log/checkpoint").content, found.new, [found])[0] > found.size - 1
        for name in ("handover.2", "handover.0", "handover.-1", "handover.x"):
            assert public.get(f"/data/log/{name}").status_code in (400, 404), name
