"""Commands that set an office up: the kill switch, revocation, and words that are none."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from broker import free_port
from divided import peopled, program
from postgres import Server, postgresql
from served import Pages
from terminal import peelian

from peelian.operations import office as room
from peelian.operations.office import open_office


@pytest.fixture
def town(tmp_path: Path) -> Path:
    assert peelian("office", "office", "--name", "Town", cwd=tmp_path).returncode == 0
    for short, role in (("bo", "board"), ("co", "council")):
        agree = ("--with", "bo") if short != "bo" else ()
        done = peelian("people", "enrol", short, "--name", short, "--unit", short, "--role", role, *agree, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    return tmp_path


def test_one_person_suspends_with_a_reason_and_two_lift_it(town: Path) -> None:
    why, officer = (
        ("--reason", "harm"),
        ("--name", "P", "--unit", "privacy", "--role", "privacy_officer", "--with", "bo"),
    )
    assert peelian("people", "enrol", "po", *officer, cwd=town).returncode == 0
    assert peelian("authorization", "suspend", "mapping", "--as", "co", *why, cwd=town).returncode == 3
    for without in ((), ("--reason", "because")):
        refused = peelian("authorization", "suspend", "mapping", "--as", "bo", *without, cwd=town)
        assert refused.returncode == 2 and "misuse, breach, harm, court" in refused.stderr
    assert peelian("authorization", "suspend", "drones", "--as", "bo", *why, cwd=town).returncode == 2
    done = peelian("authorization", "suspend", "mapping", "--as", "po", *why, cwd=town)
    assert done.returncode == 0 and "a finding of harm or of error" in done.stdout
    assert peelian("authorization", "suspend", "mapping", "--as", "bo", *why, cwd=town).returncode == 2, "it is already"
    said = ("explain-suspension", "mapping", "--as", "bo", "--text")
    assert peelian(*said, "Write to jane@town.example", cwd=town).returncode == 2
    assert peelian(*said, "Two weeks were counted twice.", cwd=town).returncode == 0
    lifts = ("proposals", "resume", "--technology", "mapping", "--reason", "the rows were corrected", "--as", "po")
    proposed = peelian(*lifts, "--json", cwd=town)
    assert proposed.returncode == 0, proposed.stderr
    digest = json.loads(proposed.stdout)["proposal"]
    assert peelian("proposals", "approve", digest, "--as", "po", cwd=town).returncode == 3, "not their own"
    assert peelian("proposals", "approve", digest, "--as", "co", cwd=town).returncode == 3, "the council does not lift"
    approved = peelian("proposals", "approve", digest, "--as", "bo", cwd=town)
    assert approved.returncode == 0 and "The suspension is lifted." in approved.stdout
    assert peelian(*lifts, cwd=town).returncode == 2, "it is not suspended"


def test_the_board_suspends_while_other_processes_serve_the_pages(tmp_path: Path) -> None:
    office = tmp_path / "office"
    peopled(office)
    pages = Pages(office, free_port())

    def said(*command: str) -> str:
        words = program(*command, "--office", str(office))
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr[-2000:]
        return httpx.get(f"{pages.where}/en/about", timeout=60).text

    pages.start()
    try:
        strip = "Suspended technologies"
        assert strip in said("authorization", "suspend", "toy", "--as", "board", "--reason", "fault")
        said("proposals", "resume", "--technology", "toy", "--reason", "it was mended now", "--as", "auditor")
        with open_office(office) as opened:
            *_, digest = opened.kernel.state.dual_control.proposals
        assert strip not in said("proposals", "approve", digest, "--as", "board")
    finally:
        pages.end()


def test_an_office_lies_on_a_postgresql_server(tmp_path: Path, postgres: Server) -> None:
    addresses = ("--database", postgres.place(), "--keys-database", postgres.place())
    assert peelian("office", "office", "--name", "Town", *addresses, cwd=tmp_path).returncode == 0
    done = peelian("machine", "backup", "data", "--keys", "keys", "--json", cwd=tmp_path)
    assert done.returncode == 0 and json.loads(done.stdout)["entries"] == 2
    assert (tmp_path / "data/state/state.dump").stat().st_size and (tmp_path / "keys/store/keys.dump").stat().st_size
    assert not list(tmp_path.rglob("*.db*"))
    divided = peelian("machine", "divide", "registrar", "--office", "office", cwd=tmp_path)
    assert divided.returncode == 0 and "PostgreSQL" in divided.stdout and (tmp_path / "registrar").exists()


def test_nothing_is_made_where_a_database_cannot_be_used(tmp_path: Path, postgres: Server) -> None:
    one = postgres.place()
    for code, *addresses in (
        (2, "--database", one, "--keys-database", one),
        (2, "--database", "sqlite:///state.db"),
        (2, "--database", "nonsense"),
        (2, "--keys-database", one.replace("@", ":secret@")),
        (1, "--database", f"postgresql:///town?host={tmp_path}"),
    ):
        assert peelian("office", "office", "--name", "Town", *addresses, cwd=tmp_path).returncode == code, addresses
        assert not (tmp_path / "office").exists()


def test_a_database_that_an_office_uses_is_not_given_to_another(tmp_path: Path, postgres: Server) -> None:
    used, own = (postgres.place(), postgres.place()), (postgres.place(), postgres.place())
    for n, (place, keys) in enumerate((used, (used[0], own[1]), (own[0], used[1]))):
        words = ("office", f"office{n}", "--name", "Town", "--database", place, "--keys-database", keys)
        done = peelian(*words, cwd=tmp_path)
        assert done.returncode == (2 if n else 0), done.stderr
        assert n == 0 or "already holds an office. Expected: an empty database" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["office0"]
    assert peelian("people", "list", "--as", "custodian", "--office", "office0", cwd=tmp_path).returncode == 0


def test_a_server_that_is_down_is_no_damage(tmp_path: Path) -> None:
    with postgresql() as server:
        addresses = ("--database", server.place(), "--keys-database", server.place())
        assert peelian("office", "office", "--name", "Town", *addresses, cwd=tmp_path).returncode == 0
        server.control("stop", "-m", "fast")
        try:
            asked = peelian("people", "list", "--as", "custodian", cwd=tmp_path)
            doctor = peelian("doctor", cwd=tmp_path)
        finally:
            server.control("start")
        assert peelian("people", "list", "--as", "custodian", cwd=tmp_path).returncode == 0
    assert asked.returncode == 1 and asked.stderr.startswith("The database (keys) does not answer. See that its server")
    assert "does not answer" in doctor.stdout and "Nothing is damaged." in doctor.stdout
    assert "breach" not in doctor.stdout and doctor.returncode == 1


def test_a_authorization_is_issued_and_revoked_once(town: Path) -> None:
    words = ["issue", "council_approval", "--serves", "mapping.*", "--purpose", "advice", "--as", "co", "--json"]
    digest = json.loads(peelian(*words, cwd=town).stdout)["digest"]
    assert peelian("authorization", "revoke", digest, "--as", "co", cwd=town).returncode == 0
    assert peelian("authorization", "revoke", digest, "--as", "co", cwd=town).returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        ["office", "office", "--name", "Again"],
        ["enrol", "A B", "--name", "x", "--unit", "u", "--role", "board"],
        ["issue", "council_approval", "--serves", "mapping.*", "--purpose", "fun", "--as", "co"],
        ["issue", "council_approval", "--serves", "mapping.*", "--purpose", "advice", "--as", "co", "--body", "x"],
        ["people", "--office", "elsewhere"],
    ],
)
def test_wrong_words_are_named(town: Path, words: list[str]) -> None:
    done = peelian(*words, cwd=town)
    assert done.returncode == 2 and "Expected" in done.stderr


def test_somebody_leaves_and_their_name_is_forgotten(town: Path) -> None:
    assert (
        peelian(
            "people", "enrol", "zed", "--name", "Zed Quartermarker", "--unit", "u", "--role", "clerk", cwd=town
        ).returncode
        == 0
    )
    early = peelian("people", "forget", "zed", "--as", "custodian", cwd=town)
    assert early.returncode == 2 and "still enrolled" in early.stderr
    assert peelian("people", "retire", "zed", "--as", "zed", cwd=town).returncode != 0
    assert peelian("people", "retire", "zed", "--as", "custodian", cwd=town).returncode == 0
    assert peelian("people", "retire", "zed", "--as", "custodian", cwd=town).returncode == 2
    assert peelian("people", "forget", "zed", "--as", "custodian", cwd=town).returncode == 0
    assert "Quartermarker" not in peelian("people", "list", "--as", "custodian", cwd=town).stdout
    assert not (town / "office" / "keys" / "operators" / "zed.pem").exists()
    assert peelian("doctor", cwd=town).returncode == 0


def test_a_lost_directory_of_names_is_told_and_nothing_else_fails(town: Path) -> None:
    with closing(sqlite3.connect(town / "office" / "state" / "state.db")) as database, database:
        database.execute("DELETE FROM names")
    doctor = peelian("doctor", cwd=town)
    assert doctor.returncode == 1 and "names are missing from the directory: 3" in doctor.stdout


def test_nobody_is_replaced_by_accident_nor_promotes_themselves(town: Path) -> None:
    def change(short: str, unit: str, role: str) -> subprocess.CompletedProcess[str]:
        facts = ("--name", "Other", "--unit", unit, "--role", role)
        return peelian("people", "change", short, *facts, "--as", "custodian", "--reason", "the work moves", cwd=town)

    last = change("bo", "x", "clerk")
    assert last.returncode == 3 and "last trained holder of: oversight board" in last.stderr
    words = ("enrol", "zed", "--name", "Other", "--unit", "x", "--role", "clerk")
    assert peelian(*words, cwd=town).returncode == 0
    taken = peelian(*words, cwd=town)
    assert taken.returncode == 2 and "peelian people change" in taken.stderr
    assert change("zed", "y", "clerk").returncode == 0
    promoted = change("custodian", "board", "board")
    assert promoted.returncode == 3 and "your own roles" in promoted.stderr
    assert (
        peelian("people", "train", "custodian", "--until", "2027-01-01", "--as", "custodian", cwd=town).returncode == 3
    )
    assert peelian("people", "train", "custodian", "--until", "2027-01-01", "--as", "co", cwd=town).returncode == 0
    assert "2027-01-01" in peelian("people", "list", "--as", "custodian", "--json", cwd=town).stdout


@pytest.mark.parametrize("until", ["soon", "2099-01-01", "2026-13-01", "", "99999999999"])
def test_training_holds_until_a_day_that_can_be_promised(town: Path, until: str) -> None:
    done = peelian("people", "train", "bo", "--until", until or "x", "--as", "custodian", cwd=town)
    assert done.returncode == 2 and f"Expected: a day from {datetime.now(UTC).date()} to " in done.stderr


@pytest.mark.parametrize("words", [("train", "bo"), ("enrol", "di", "--name", "Di", "--unit", "d", "--role", "clerk")])
def test_training_that_is_over_is_no_training(town: Path, words: tuple[str, ...]) -> None:
    today = datetime.now(UTC).date()
    option = "--until" if words[0] == "train" else "--trained-until"
    for day, code in ((today - timedelta(days=1), 2), (today, 0)):
        done = peelian(*words, option, day.isoformat(), "--as", "custodian", cwd=town)
        assert done.returncode == code, done.stderr
        assert not code or "training end date in the past. Expected: a day from " in done.stderr


def test_the_last_holder_who_is_not_trained_only_suspends_until_somebody_renews_it(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(UTC).date().isoformat()
    assert peelian("people", "train", "bo", "--until", today, "--as", "custodian", cwd=town).returncode == 0
    monkeypatch.setattr(room, "_utc_now", lambda: datetime.now(UTC) + timedelta(days=2))
    assert peelian("authorization", "suspend", "risk", "--reason", "harm", "--as", "bo", cwd=town).returncode == 0
    assert "Training of everybody in this role ended: oversight board" in peelian("doctor", cwd=town).stdout
    proposed = ("proposals", "propose", "rotate_keys", "--as", "custodian", "--reason", "one two three")
    refused = peelian(*proposed, "--as", "bo", cwd=town)
    assert refused.returncode == 3 and "Training expired" in refused.stderr
    renewed = (datetime.now(UTC).date() + timedelta(days=180)).isoformat()
    assert peelian("people", "train", "bo", "--until", renewed, "--as", "custodian", cwd=town).returncode == 0
    assert peelian(*proposed, "--as", "bo", cwd=town).returncode == 0


def test_who_oversees_is_entrusted_by_two_people_and_everybody_sees_by_whom(town: Path) -> None:
    aud = ("--name", "Au Ditor", "--unit", "audit", "--role", "auditor")
    alone = peelian("people", "enrol", "aud", *aud, cwd=town)
    assert alone.returncode == 3 and "One person alone" in alone.stderr and "--propose" in alone.stderr
    said = peelian("people", "enrol", "aud", *aud, "--propose", "the city auditor names her", "--json", cwd=town)
    digest = json.loads(said.stdout)["proposal"]
    assert "Au Ditor" in peelian("proposals", "list", "--as", "custodian", cwd=town).stdout
    carry_out = ("people", "enrol-approved", digest, "--as", "custodian")
    assert peelian(*carry_out, cwd=town).returncode == 2
    assert peelian("proposals", "approve", digest, "--as", "custodian", cwd=town).returncode == 3
    assert "Au Ditor" in peelian("proposals", "approve", digest, "--as", "co", cwd=town).stdout
    done = peelian(*carry_out, cwd=town)
    assert done.returncode == 0 and "auditor" in done.stdout
    people = peelian("people", "list", "--as", "custodian", cwd=town).stdout
    assert "granted by two people, custodian and co" in people and "The founding ended on" in people
    assert "granted by one person alone, custodian" in people and "alone, the office" in people
    doctor = peelian("doctor", cwd=town)
    assert "Roles granted by one person alone: bo, custodian" in doctor.stdout
    lone = "Founded by one person alone; no second person has proved a key"
    assert lone in people and lone in doctor.stdout
    assert [
        one["proved"] for one in json.loads(peelian("people", "list", "--as", "custodian", "--json", cwd=town).stdout)
    ] == [False] * 4
    assert peelian("people", "enrol", "aud", cwd=town).returncode == 2


def test_the_last_who_may_approve_stays(town: Path) -> None:
    assert peelian("people", "retire", "co", "--as", "custodian", cwd=town).returncode == 0
    last = peelian("people", "retire", "bo", "--as", "custodian", cwd=town)
    assert last.returncode == 3 and "the last person" in last.stderr
    assert "Only one person can approve" in peelian("doctor", cwd=town).stdout
