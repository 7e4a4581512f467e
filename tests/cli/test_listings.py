"""The command line over the verbs: exit codes of the error tree, JSON everywhere, nothing that judges."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from terminal import peelian
from witnesses import board_witness

from peelian.kernel.log.signed_note import read_key
from peelian.operations.office import open_office


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("town")
    assert peelian("office", "office", "--name", "Test town", cwd=here).returncode == 0
    for short, role, unit in (("ana", "analyst", "analysis"), ("bo", "board", "board"), ("co", "council", "council")):
        agree = ("--with", "bo") if short == "co" else ()
        done = peelian("people", "enrol", short, "--name", short, "--unit", unit, "--role", role, *agree, cwd=here)
        assert done.returncode == 0, done.stderr
    return here


def test_help_and_lists_say_what_there_is(town: Path) -> None:
    assert "admit" in peelian("--help", cwd=town).stdout
    listed = json.loads(peelian("case", "capabilities", "--json", cwd=town).stdout)
    assert "mapping.forecast" in {c["id"] for c in listed}
    one = peelian("case", "capabilities", "mapping.forecast", cwd=town).stdout
    assert "--cell-metres" in one and "accuracy_report" in one
    assert "One of: all, assault, robbery" in one, "what --category takes"


def test_people_are_enrolled_once_their_role_exists(town: Path) -> None:
    people = json.loads(peelian("people", "list", "--as", "custodian", "--json", cwd=town).stdout)
    assert {p["name"] for p in people} == {"custodian", "ana", "bo", "co"}
    wrong = peelian("people", "enrol", "zed", "--name", "Z", "--unit", "u", "--role", "king", cwd=town)
    assert wrong.returncode == 2 and "analyst" in wrong.stderr


def test_a_refusal_exits_3_with_every_reason_and_its_remedy(town: Path) -> None:
    asked = ["ask", "mapping.forecast", "--purpose", "advice", "--as", "ana", "--start-day", "2026-03-02"]
    done = peelian(*asked, cwd=town)
    assert done.returncode == 3, done.stderr
    assert "accuracy report" in done.stderr.lower() and "Remedy: " in done.stderr
    assert "No dataset chosen for incidents" in done.stderr
    assert "Scope: " in done.stderr and "Cell size: 250 m" in done.stderr and "cell_metres" not in done.stderr
    french = peelian("--lang", "fr", *asked, cwd=town).stderr
    assert "Portée" in french and "250 m" in french and "Cell size" not in french
    unset = peelian("ask", "mapping.evaluate", "--purpose", "proof", "--as", "ana", "--since", "2026-03-02",
                    "--treated", "Annex", cwd=town).stderr  # fmt: skip
    assert "digest" not in unset and "since 2026" not in unset and "2026-03-02" in unset
    named = peelian(*asked, "--data", "incidents=nope", cwd=town).stderr
    assert "Unknown dataset for incidents" in named and "No dataset chosen for incidents" not in named
    record = json.loads(peelian(*asked, "--json", cwd=town).stdout)
    assert record["error"] == "Refused" and len(record["reasons"]) >= 3


def test_a_slip_is_told_and_neither_logged_nor_counted_as_a_refusal(town: Path) -> None:
    asked = ["ask", "mapping.forecast", "--as", "ana", "--start-day"]
    before = _entries(town)
    for says, *words in (
        ("not a date", *asked, "2026-02-30", "--purpose", "advice"),
        ("no such purpose", *asked, "2026-03-02", "--purpose", "curiosity"),
    ):
        done = peelian(*words, cwd=town)
        assert done.returncode == 2 and says in done.stderr, done.stderr
    assert _entries(town) == before


def _entries(town: Path) -> list[str]:
    """The kinds of what stands in the log about cases."""
    with open_office(town / "office") as office:
        return [str(entry["kind"]) for _, entry in office.kernel.stores.log.read() if "case" in entry]


def test_wrong_words_exit_2_and_name_what_is_accepted(town: Path) -> None:
    for words in (
        ["ask", "mapping.forecast", "--purpose", "advice", "--as", "ana", "--colour", "red"],
        ["ask", "mapping.nothing", "--purpose", "advice", "--as", "ana"],
        ["issue", "absolution", "--serves", "mapping.*", "--purpose", "advice", "--as", "co"],
        ["run", "c-0", "--as", "ana"],
        ["report", "c-0", "--language", "de"],
        ["case", "export", "c-0", "--as", "custodian", "--to", "map.shp"],
        ["case", "export", "c-0", "--as", "custodian", "--to", "map.gpkg"],
        ["case", "export", "c-0", "--as", "custodian", "--to", "map.gpkg", "--language", "de"],
        ["verify", "nowhere"],
    ):
        done = peelian(*words, cwd=town)
        assert done.returncode in (2, 5), (words, done.stderr)
        assert done.stderr.strip() and "Traceback" not in done.stderr


def test_the_wrong_role_may_not_issue(town: Path) -> None:
    words = ["issue", "council_approval", "--serves", "mapping.*", "--purpose", "advice", "--as"]
    assert peelian(*words, "ana", cwd=town).returncode == 3
    assert peelian(*words, "co", cwd=town).returncode == 0


def test_verify_finds_an_edited_log(town: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(town / "office" / "log", copy)
    assert peelian("verify", str(copy), cwd=town).returncode == 0
    files = sorted(p for p in copy.rglob("*") if p.is_file() and p.stat().st_size > 0)
    assert files
    for file in files:
        if file.name in ("lock",) or file.suffix == ".lock":
            continue
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        kept = file.read_bytes()
        file.write_bytes(bytes(data))
        done = peelian("verify", str(copy), cwd=town)
        assert done.returncode == 5, f"{file.relative_to(copy)}: {done.stdout}"
        file.write_bytes(kept)


def test_verify_says_who_vouches_for_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert peelian("office", "office", "--name", "Town", cwd=tmp_path).returncode == 0
    alone = peelian("verify", "office", cwd=tmp_path)
    assert alone.returncode == 0 and "Checked by its own key only" in alone.stdout
    assert "peelian machine run-witness" in alone.stdout and "--witness KEY" not in alone.stdout
    copied = peelian("verify", "office/log", cwd=tmp_path)
    assert "Checked by its own key only" in copied.stdout and "--witness KEY" in copied.stdout
    assert json.loads(peelian("verify", "office", "--json", cwd=tmp_path).stdout)["by_own_key_only"] is True

    bo = ("enrol", "bo", "--name", "Bo", "--unit", "board", "--role", "board")
    assert peelian(*bo, cwd=tmp_path).returncode == 0
    with board_witness(tmp_path / "w", read_key((tmp_path / "office/log/log.vkey").read_text().strip())) as board:
        assert (
            peelian("oversight", "choose-witness", board.key.text, board.url, "--as", "bo", cwd=tmp_path).returncode
            == 0
        )
        never = peelian("verify", "office", cwd=tmp_path).stdout
        assert "Checked by its own key only" in never and "peelian machine ask-witness" in never
        assert peelian("machine", "ask-witness", cwd=tmp_path).returncode == 0
    by_settings = peelian("verify", "office", cwd=tmp_path).stdout
    assert f"Witness {board.key.name} last cosigned on 20" in by_settings
    assert "Cosigned: 3 of 4 entries" in by_settings and "for more than a day" not in by_settings
    assert "key came from the office's settings" in by_settings
    given = peelian("verify", "office", "--witness", board.key.text, cwd=tmp_path).stdout
    assert "last cosigned" in given and "settings" not in given
    record = json.loads(peelian("verify", "office/log", "--witness", board.key.text, "--json", cwd=tmp_path).stdout)
    assert record["by_own_key_only"] is False and record["witnesses"][0]["recent"] is True
    assert record["witnesses"][0]["name"] == board.key.name and record["witnesses"][0]["entries"] > 0

    monkeypatch.setattr("peelian.operations.witness_standing.LATE", timedelta(seconds=-1))
    late = peelian("verify", "office", cwd=tmp_path).stdout
    assert "for more than a day, the log is checked against its own key only" in late


def test_the_office_keeps_its_keys_to_itself(town: Path) -> None:
    for key in (town / "office" / "keys").rglob("*"):
        assert key.stat().st_mode & 0o077 == 0, key.name


def test_a_real_process_ends_with_the_same_code(town: Path) -> None:
    command = [sys.executable, "-m", "peelian", "run", "c-0", "--as", "ana"]
    done = subprocess.run(command, cwd=town, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2 and "no case" in done.stderr and "Traceback" not in done.stderr
