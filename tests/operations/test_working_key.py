"""The working key is replaced: old keys of sensors are refused, and what it sealed before is still read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from terminal import peelian
from watched import stood

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.identity.dual_control import approve
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.pseudonyms import CHALLENGE, DOMAINS, PERSON, SENSOR_KEY, WORKING
from peelian.operations.dividing import divide, undo
from peelian.operations.exposed_secrets import exposed_secrets
from peelian.operations.office import Office, memory_office, new_office, open_office
from peelian.operations.sensor_checkpoint import rows_at
from peelian.operations.watch_service import KEY_REPLACED, NOT_ITS_KEY, key_fault, sensor_key
from peelian.operations.working_key import propose_working_key, replace_working_key, sensors_with_keys
from peelian.oversight.drafts import draft_of, keep_draft
from peelian.oversight.saved_searches import save_search, saved_searches
from peelian.oversight.sensors import live as sensor_live
from peelian.oversight.sensors.metrics import is_metrics_key, metrics_key
from peelian.oversight.watches.zone_levels import seal_of
from peelian.storage.office_settings import SECRET_BYTES
from peelian.web.sensors import readings

PERSON_TOKEN = "person"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with something sealed, and a copy of it that was stolen."""
    path = tmp_path_factory.mktemp("working") / "office"
    with new_office(path, name="Town") as office:
        custodian = office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        office.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=custodian)
        keep_draft(office.kernel, PERSON_TOKEN, "one", {"words": "before"})
        save_search(office.kernel, PERSON_TOKEN, name="mine", page="cases", query="q")
        sensor_live.keep_health(
            office.kernel, sensor_live.Listening(at=office.kernel.now(), connected=True, sensors={})
        )
        rows = rows_at(office)
        rows.renew({"state": "counted"})
        rows.close()
    shutil.copytree(path, path.with_name("stolen"))
    return path


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "office"


def agreed(office: Office) -> str:
    proposal = propose_working_key(office, office.operator("custodian"), words="a backup with keys was lost")
    prove(office.kernel, office.operator("board"))
    approve(office.kernel, office.operator("board"), proposal)
    return proposal


def replaced(office: Office) -> int:
    return replace_working_key(office, office.operator("custodian"), agreed(office)).times


def test_old_keys_are_refused_in_every_process_and_what_was_sealed_before_is_read(folder: Path) -> None:
    with open_office(folder) as office, open_office(folder) as served, open_office(folder.with_name("stolen")) as thief:
        kernel, old, metrics = served.kernel, sensor_key(served.kernel, "s-1"), metrics_key(served.kernel)
        seal = seal_of(kernel)
        before = seal.sealed("level")
        person = office.person("custodian").token
        assert key_fault(kernel, "s-1", old) == ""
        assert replaced(office) == 1
        kernel.stores.follow()
        assert key_fault(kernel, "s-1", old) == KEY_REPLACED and key_fault(kernel, "s-1", "else") == NOT_ITS_KEY
        assert (readings.NOT_ITS_KEY, readings.KEY_REPLACED) == (NOT_ITS_KEY, KEY_REPLACED), "401 at the door"
        assert key_fault(kernel, "s-1", sensor_key(office.kernel, "s-1")) == ""
        assert not is_metrics_key(kernel, metrics)
        for domain in DOMAINS:
            same = thief.kernel.office.token("text", of=domain) == kernel.office.token("text", of=domain)
            assert same == (domain not in WORKING), domain
        assert kernel.office.token("custodian", of=PERSON) == person, "what the log holds stays"
        assert draft_of(kernel, PERSON_TOKEN, "one") == {"words": "before"}
        keep_draft(kernel, PERSON_TOKEN, "one", {"words": "since"})
        sealed = kernel.stores.tickets.get("draft", f"{PERSON_TOKEN} one") or ""
        thief.kernel.stores.tickets.put("draft", f"{PERSON_TOKEN} one", sealed, kernel.now())
        assert draft_of(kernel, PERSON_TOKEN, "one") == {"words": "since"}
        assert draft_of(thief.kernel, PERSON_TOKEN, "one") == {}, "a later copy of the database tells nothing"
        assert seal.opened(before) == "level" and seal_of(thief.kernel).opened(seal.sealed("new")) is None
        assert sensor_live.health_of(kernel) is not None
        save_search(kernel, PERSON_TOKEN, name="renamed", page="cases", query="q")
        assert [one.name for one in saved_searches(kernel, PERSON_TOKEN)] == ["renamed"]
        rows = rows_at(office)
        assert rows.load() == {"state": "counted"}
        rows.renew({"state": "more"})
        rows.close()
        shutil.rmtree(folder.with_name("stolen") / "watch")
        shutil.copytree(folder / "watch", folder.with_name("stolen") / "watch")
        stolen = rows_at(thief)
        assert stolen.load() is None
        stolen.close()


def test_a_found_copy_s_working_key_is_named_and_replaced_and_the_token_key_stays(folder: Path) -> None:
    copy = folder.with_name("stolen")

    def used(office: Office) -> dict[str, bool]:
        return {one.place: one.in_use for one in exposed_secrets(office, copy)}

    with open_office(folder) as office:
        assert used(office)["keys/token.key: working key"]
        replaced(office)
        assert not used(office)["keys/token.key: working key"] and used(office)["keys/token.key"]
        shutil.copy2(folder / "keys" / "working.1.key", copy / "keys")
        assert used(office)["keys/working.1.key"]
        assert replaced(office) == 2
        assert not used(office)["keys/working.1.key"], "its file stays to read what it sealed, and it makes nothing"
        assert draft_of(office.kernel, PERSON_TOKEN, "one") == {"words": "before"}


def test_it_takes_two_people_and_is_done_once(folder: Path) -> None:
    with open_office(folder) as office:
        custodian, key = office.operator("custodian"), sensor_key(office.kernel, "s-1")
        proposal = propose_working_key(office, custodian, words="a backup with keys was lost")
        with pytest.raises(OutOfOrder, match="Not approved"):
            replace_working_key(office, custodian, proposal)
        with pytest.raises(Refused):
            approve(office.kernel, custodian, proposal)
        assert sensor_key(office.kernel, "s-1") == key
        proposal = agreed(office)
        replace_working_key(office, custodian, proposal)
        with pytest.raises(OutOfOrder):
            replace_working_key(office, custodian, proposal)
        assert office.kernel.office.generations() == (1, 0)


def test_cut_short_before_the_log_nothing_is_replaced_and_after_it_the_next_finishes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office(folder) as office:
        old, proposal = sensor_key(office.kernel, "s-1"), agreed(office)
        with monkeypatch.context() as patch, pytest.raises(OSError, match="power"):
            patch.setattr("peelian.operations.working_key.entry_by", cut)
            replace_working_key(office, office.operator("custodian"), proposal)
        assert (folder / "keys" / "working.next.key").exists()
        assert sensor_key(office.kernel, "s-1") == old
        with monkeypatch.context() as patch, pytest.raises(OSError, match="power"):
            patch.setattr("peelian.storage.working_keys.replace_file", cut)
            replace_working_key(office, office.operator("custodian"), proposal)
        assert not (folder / "keys" / "working.1.key").exists()
    with open_office(folder) as office:
        assert key_fault(office.kernel, "s-1", old) == KEY_REPLACED
        assert (folder / "keys" / "working.1.key").exists()


def test_a_lost_or_foreign_file_is_told_never_passed_over_and_replaced_anew(folder: Path) -> None:
    with open_office(folder) as office:
        replaced(office)
    file = folder / "keys" / "working.1.key"
    file.write_bytes(bytes(SECRET_BYTES))
    with open_office(folder) as office, pytest.raises(InputError, match="not the working key"):
        sensor_key(office.kernel, "s-1")
    file.unlink()
    with open_office(folder) as office:
        with pytest.raises(InputError, match="key missing"):
            sensor_key(office.kernel, "s-1")
        assert office.kernel.office.token("custodian", of=PERSON) == office.person("custodian").token
        assert replaced(office) == 2, "whoever lost it for good replaces it anew"
        assert sensor_key(office.kernel, "s-1") and draft_of(office.kernel, PERSON_TOKEN, "one")
    with memory_office() as office, pytest.raises(OutOfOrder, match="in memory"):
        propose_working_key(office, office.enrol("one", name="O", unit="it", roles={Role.CUSTODIAN}), words="a b c")


def test_it_moves_to_a_registrar_and_back(folder: Path, tmp_path: Path) -> None:
    with open_office(folder) as office:
        replaced(office)
        key = sensor_key(office.kernel, "s-1")
    divide(folder, tmp_path / "registrar", tmp_path / "socket")
    assert not list((folder / "keys").glob("working.*"))
    with open_office(tmp_path / "registrar") as office:
        assert sensor_key(office.kernel, "s-1") == key
    undo(folder, tmp_path / "registrar")
    with open_office(folder) as office:
        assert sensor_key(office.kernel, "s-1") == key


def test_only_working_keys_have_earlier_ones(folder: Path) -> None:
    with open_office(folder) as office:
        token = office.kernel.office.token
        assert token("s-1", of=f"{SENSOR_KEY}~0") == token("s-1", of=SENSOR_KEY)
        assert token("x", of=CHALLENGE) != token("x", of=SENSOR_KEY)
        with pytest.raises(ValueError, match="nothing of the log"):
            token("x", of=f"{PERSON}~0")


def test_the_sensors_of_a_watch_that_stands_are_told() -> None:
    town = stood()
    kernel = town.town.kernel
    (stand,) = kernel.state.alarms.stands.values()
    assert sensors_with_keys(kernel) == tuple(sorted(stand.request.sensors)) != ()


def test_from_the_terminal(folder: Path) -> None:
    place = ("--office", str(folder))
    said = peelian("key", "working", "--propose", "a backup was lost", "--json", *place, cwd=folder.parent)
    digest = json.loads(said.stdout)["proposal"]
    assert peelian("proposals", "approve", digest, "--as", "board", *place, cwd=folder.parent).returncode == 0
    done = peelian("key", "working", "--proposal", digest, *place, cwd=folder.parent)
    assert done.returncode == 0 and "are refused" in done.stdout and "metrics-key" in done.stdout, done.stderr
    assert peelian("key", "working", *place, cwd=folder.parent).returncode == 2


def cut(*_: object, **__: object) -> None:
    raise OSError("the power went")
