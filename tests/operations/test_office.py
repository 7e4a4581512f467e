"""An office on disk: made once, the same after reopening, for several at once, and nothing readable at rest."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import shutil
from pathlib import Path

import pytest
from deciding import read_and_decide
from desk import Desk, Hands, desk
from suspending import lift, suspend
from toy import COUNT, TOY

import peelian.operations.office
from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import digest_of
from peelian.kernel.retention import retention
from peelian.measure.table import Kind, table
from peelian.operations.office import Office, memory_office, new_office, open_office
from peelian.oversight.verification.verifier import verify_log

PLANTED = table(
    "wells",
    {
        "area": (Kind.PLACE, ["Plantedarea", "South"]),
        "category": (Kind.CATEGORY, ["theft_from_vehicle", "robbery"]),
        "n": (Kind.COUNT, [12, 14]),
    },
)


@pytest.fixture
def folder(tmp_path: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with its people, closed again; the toy is its only technology."""
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    path = tmp_path / "office"
    with new_office(path, name="Town", clock=clock) as office:
        custodian = office.enrol("custodian", name="Zebedee Marker", unit="it", roles={Role.CUSTODIAN})
        council = None
        for role in (Role.ANALYST, Role.COMMANDER, Role.COUNCIL, Role.BOARD, Role.CLERK, Role.AUDITOR):
            told = {"name": str(role), "unit": f"unit-{role}", "roles": {role}}
            one = office.enrol(str(role), **told, by=custodian, second=council)
            council = one if role is Role.COUNCIL else council
    return path


def _desk(office: Office, clock: Hands) -> Desk:
    shorts = ("custodian", "analyst", "commander", "council", "board", "clerk")
    return Desk(office=office, clock=clock, people={short: office.operator(short) for short in shorts})


def _case(office: Office, clock: Hands) -> str:
    town = _desk(office, clock)
    town.authorizations(COUNT)
    data = dataclasses.replace(COUNT.arithmetic().example().datasets["wells"], table=PLANTED)
    admitted = town.admit(data, COUNT.asks.purposes).dataset
    permit = town.ask(COUNT, datasets={"wells": admitted})
    evidence, _ = verbs.run(office.kernel, town.people["analyst"], permit)
    words = {"reasons": "Marker of a decision", "other_evidence": "document: Marker of the rest"}
    decision = read_and_decide(office.kernel, town.people["commander"], evidence, choice="accept", **words)
    verbs.publish(office.kernel, town.people["clerk"], decision)
    return decision.case


def test_a_reopened_office_is_the_same_and_goes_on(folder: Path, clock: Hands) -> None:
    with open_office(folder, clock=clock) as office:
        case = _case(office, clock)
        before = office.kernel.state
        known = (dict(before.people), dict(before.datasets), dict(before.authorizations), before.partitions)
    with open_office(folder, clock=clock) as office:
        state = office.kernel.state
        assert (state.people, state.datasets, state.authorizations, state.partitions) == known
        assert office.kernel.state.histories[case].state == "PUBLISHED"
        assert _case(office, clock) != case
    assert verify_log(folder / "log").ok


def test_two_at_once_and_what_one_suspends_the_other_obeys(folder: Path, clock: Hands) -> None:
    with open_office(folder, clock=clock) as office, open_office(folder, clock=clock) as other:
        case, town = _case(office, clock), _desk(office, clock)
        assert other.kernel.state.histories[case].state == "PUBLISHED"
        permit = town.ask(COUNT)
        suspend(other.kernel, other.operator("board"), "toy")
        with pytest.raises(PeelianError, match="suspended"):
            verbs.run(office.kernel, town.people["analyst"], permit)
        lift(other.kernel, other.operator("auditor"), other.operator("board"), "toy")
        assert _case(office, clock) in other.kernel.state.histories
    assert verify_log(folder / "log").ok


def test_nothing_is_readable_at_rest(folder: Path, clock: Hands) -> None:
    with open_office(folder, clock=clock) as office:
        _case(office, clock)
    for file in folder.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            for marker in (b"Zebedee", b"Marker of", b"Plantedarea", b"theft_from_vehicle"):
                assert marker not in data, file.relative_to(folder)


def test_a_log_restored_from_an_older_backup_is_refused(folder: Path, clock: Hands, tmp_path: Path) -> None:
    shutil.copytree(folder / "state", tmp_path / "backup")
    with open_office(folder, clock=clock) as office:
        _case(office, clock)
    shutil.rmtree(folder / "state")
    shutil.copytree(tmp_path / "backup", folder / "state")
    with pytest.raises(IntegrityError):
        open_office(folder, clock=clock)


def test_a_folder_that_is_no_office_or_is_taken_is_said_plainly(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="peelian office"):
        open_office(tmp_path / "nothing")
    with pytest.raises(InputError, match="not empty"):
        new_office(folder, name="Again")
    (folder / "office.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(InputError, match="damaged"):
        open_office(folder)


def test_a_map_file_tells_the_whole_way_to_its_decision(tmp_path: Path) -> None:
    town = desk()
    forecast = town.kernel.capability("mapping.forecast")
    town.authorizations(forecast)
    permit, file = town.ask(forecast), tmp_path / "map.geojson"
    clerk = town.people["clerk"]
    with pytest.raises(OutOfOrder, match="no findings"):
        town.office.export(clerk, permit.case, file)
    evidence, found = verbs.run(town.kernel, town.people["analyst"], permit)
    with pytest.raises(OutOfOrder, match="No decision yet"):
        town.office.export(clerk, permit.case, file)
    words = {"reasons": "Lighting comes first.", "other_evidence": "document: What residents say."}
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)
    with pytest.raises(InputError, match="unknown map format"):
        town.office.export(clerk, permit.case, tmp_path / "map.pdf")
    with pytest.raises(Refused, match="Identity not confirmed"):
        town.office.export(clerk, permit.case, file, "fr")
    assert not file.exists(), "nothing leaves before it is in the log"
    prove(town.kernel, clerk)
    assert town.office.export(clerk, permit.case, file, "fr") == found.facts["cells"]
    assert town.kinds()[-1] == "EXPORTED"
    made = json.loads(file.read_text(encoding="utf-8"))
    page = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "export-a-map.md").read_text(encoding="utf-8")
    assert [name for name in made["features"][0]["properties"] if f"`{name}`" not in page] == []
    told = made["provenance"]
    assert (told["case"], told["choice"]) == (permit.case, "accept")
    assert (told["evidence"], told["decision"]) == (digest_of(evidence), digest_of(decision))
    assert told["generated_at"] == evidence.at < decision.at < told["exported_at"]
    assert told["settings_digest"] == found.facts["settings_digest"] and told["model"] == found.facts["model"]
    assert "carrés entiers" in told["statement"]


def test_what_is_no_map_makes_no_map_file(folder: Path, clock: Hands, tmp_path: Path) -> None:
    with open_office(folder, clock=clock) as office, pytest.raises(OutOfOrder, match="no map"):
        case = _case(office, clock)
        office.export(office.operator("clerk"), case, tmp_path / "map.csv")


def test_people_are_found_by_their_short_name_only(folder: Path, clock: Hands) -> None:
    with open_office(folder, clock=clock) as office:
        with pytest.raises(OutOfOrder):
            office.operator("nobody")
        with pytest.raises(InputError):
            office.enrol("../escape", name="x", unit="u", roles={Role.BOARD}, by=office.operator("custodian"))


def test_decryptions_are_logged_openings(folder: Path, clock: Hands) -> None:
    with open_office(folder, clock=clock) as office:
        _case(office, clock)
        _case(office, clock)
        kinds = [entry["kind"] for _, entry in office.kernel.stores.log.read()]
        assert office.kernel.stores.vault.unwraps == kinds.count("OPENED")  # type: ignore[attr-defined]


def test_a_destroyed_key_that_is_put_back_is_destroyed_again(folder: Path, clock: Hands, tmp_path: Path) -> None:
    store, sealed = folder / "keys" / "store", tmp_path / "objects"
    with open_office(folder, clock=clock) as office:
        _case(office, clock)
        data = next(iter(office.kernel.state.datasets.values()))
    shutil.copytree(store, tmp_path / "store")
    shutil.copytree(folder / "objects", sealed)
    with open_office(folder, clock=clock) as office:
        clock.days(4_000)
        assert data.dataset in retention.run_daily_job(office.kernel).queued
        clock.days(100)
        assert data.dataset in retention.run_daily_job(office.kernel).destroyed
    shutil.rmtree(store)
    shutil.copytree(tmp_path / "store", store)  # an old key folder
    shutil.copytree(sealed, folder / "objects", dirs_exist_ok=True, ignore=shutil.ignore_patterns("log-head", "lock"))
    with open_office(folder, clock=clock) as office:
        intent = office.kernel.append("OPENED", object=data.object, dataset=data.dataset)
        with pytest.raises(OutOfOrder, match="destroyed"):
            office.kernel.stores.vault.open(data.object, intent=intent)
        assert not (folder / "objects" / data.object).exists()
        assert office.kernel.stores.vault.keys.states()[data.object] is False  # type: ignore[attr-defined]


def test_an_office_in_memory_has_every_technology_of_the_kernel() -> None:
    with memory_office() as office:
        assert {"mapping"} <= {t.id for t in office.kernel.technologies}
        assert dataclasses.is_dataclass(office.kernel)


def test_an_office_made_before_tokens_had_domains_opens_and_keeps_its_people(tmp_path: Path, clock: Hands) -> None:
    with new_office(tmp_path / "town", name="Town", clock=clock):
        pass
    settings = tmp_path / "town" / "office.toml"
    lines = settings.read_text().splitlines()
    settings.write_text("\n".join(line for line in lines if not line.startswith("tokens")) + "\n")
    with open_office(tmp_path / "town", clock=clock) as office:
        one = office.enrol("ann", name="Ann", unit="it", roles={Role.CUSTODIAN})
    with open_office(tmp_path / "town", clock=clock) as office:
        assert office.operator("ann").person.token == one.person.token
        secret = (tmp_path / "town" / "keys" / "token.key").read_bytes()
        assert one.person.token == hmac.new(secret, b"ann", hashlib.sha256).hexdigest()[:20]
    settings.write_text(settings.read_text() + 'tokens = "99"\n')
    with pytest.raises(InputError, match="need a newer version"):
        open_office(tmp_path / "town", clock=clock)
