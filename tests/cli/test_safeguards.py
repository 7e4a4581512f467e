"""The safeguards from the terminal: two people, bylaws, keys, warrants, the witness and the doctor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from peelian.acts.proposals import ELSEWHERE, PROPOSABLE
from peelian.cli import app
from peelian.cli.contents import every_command
from peelian.kernel.identity.dual_control import ACTS

RUN = CliRunner()


@pytest.fixture
def office(tmp_path: Path) -> Path:
    path = tmp_path / "office"
    assert RUN.invoke(app, ["office", str(path), "--name", "Town"]).exit_code == 0
    for role in ("board", "privacy_officer"):
        short = role.replace("_", "-")
        agree = ("--with", "board") if role != "board" else ()
        done = _do(path, "enrol", short, "--name", short, "--unit", short, "--role", role, *agree)
        assert done.exit_code == 0
    return path


def _do(office: Path, *words: str):  # type: ignore[no-untyped-def]  # typer's result has no public type
    return RUN.invoke(app, [*words, "--office", str(office)])


def test_keys_are_rotated_by_two_people(office: Path) -> None:
    said = json.loads(
        _do(
            office,
            "proposals",
            "propose",
            "rotate_keys",
            "--as",
            "custodian",
            "--reason",
            "the yearly rotation",
            "--json",
        ).stdout
    )
    digest = said["proposal"]
    assert _do(office, "key", "rotate", digest).exit_code != 0
    assert _do(office, "proposals", "approve", digest, "--as", "custodian").exit_code != 0
    assert _do(office, "proposals", "approve", digest, "--as", "board").exit_code == 0
    assert _do(office, "key", "rotate", digest).exit_code == 0


@pytest.mark.parametrize("what", sorted(set(ACTS) - set(PROPOSABLE)))
def test_what_is_proposed_elsewhere_names_a_command_that_is_there(office: Path, what: str) -> None:
    refused = _do(office, "proposals", "propose", what, "--as", "custodian", "--reason", "one two three")
    assert refused.exit_code != 0 and f"peelian {ELSEWHERE[what]}" in str(refused.exception)
    named = [one.partition(" --")[0].split(" ")[:2] for one in ELSEWHERE[what].split(", ")]
    assert {" ".join(words) for words in named} <= {one.words for one in every_command()}


def test_where_incidents_are_counted_is_chosen_by_two_people(office: Path) -> None:
    why = ("--reason", "fifty million incidents")
    refused = _do(office, "proposals", "counts", "--as", "custodian", "--spark", "postgresql://counts", *why)
    assert refused.exit_code != 0 and "not the address of a Spark" in str(refused.exception)
    for spark, body in (("spark://city:7077", {"engine": "spark", "address": "spark://city:7077"}), ("", None)):
        given = ("--spark", spark) if spark else ()
        said = json.loads(_do(office, "proposals", "counts", "--as", "custodian", *given, *why, "--json").stdout)
        (one,) = json.loads(_do(office, "proposals", "list", "--json").stdout)
        assert one["with"] == (body or {"engine": "duckdb"})
        assert _do(office, "proposals", "approve", said["proposal"], "--as", "custodian").exit_code != 0
        assert _do(office, "proposals", "approve", said["proposal"], "--as", "board").exit_code == 0


def test_bylaws_are_adopted_by_two_people(office: Path) -> None:
    assert "No bylaws" in _do(office, "oversight", "bylaws").stdout
    (office / "bylaws").mkdir(exist_ok=True)
    rule = '@id("no_use") @says("never here") @remedy("none")\nforbid (principal, action, resource) when { false };'
    (office / "bylaws" / "a.cedar").write_text(rule)
    assert "Not adopted" in _do(office, "oversight", "bylaws").stdout
    assert _do(office, "doctor").exit_code == 1
    said = json.loads(_do(office, "oversight", "bylaws", "--propose", "council decided on it", "--json").stdout)
    assert _do(office, "proposals", "approve", said["proposal"], "--as", "board").exit_code == 0
    assert "\nAdopted." in _do(office, "oversight", "bylaws").stdout


def test_the_doctor_says_what_is_wrong_and_what_to_do(office: Path) -> None:
    well = _do(office, "doctor")
    assert well.exit_code == 0 and "no witness" in well.stdout
    (office / "keys" / "log.pem").chmod(0o644)
    ill = _do(office, "doctor", "--json")
    assert ill.exit_code == 1
    assert any("chmod 600" in one["remedy"] for one in json.loads(ill.stdout))


def test_warrants_are_confirmed_and_refused_by_their_digest(office: Path) -> None:
    words = ("--reference", "QB 1", "--as", "privacy-officer")
    assert _do(office, "warrant", "confirm", "0123", *words).exit_code != 0
    refused = _do(office, "warrant", "refuse", "01234567", "--reason", "no grounds found", "--as", "privacy-officer")
    assert refused.exit_code != 0


def test_a_witness_is_chosen_before_it_is_asked(office: Path) -> None:
    assert _do(office, "machine", "ask-witness").exit_code != 0
    assert _do(office, "oversight", "choose-witness", "no-key", "http://127.0.0.1:9/").exit_code != 0
