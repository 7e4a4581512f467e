"""Compliance, produced documents, the register's exports, tools and drift at the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from terminal import Done, peelian

from peelian.oversight.assessment.documents import CLAUSES, SECTIONS
from peelian.oversight.transparency.entries import schema

Run = Callable[..., Done]


@pytest.fixture(scope="module")
def do(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("town")

    def run(*words: str) -> Done:
        return peelian(*words, cwd=folder)

    run("office", "office", "--name", "Town")
    for short, role in (("pri", "privacy_officer"), ("bo", "board"), ("aud", "auditor")):
        agree = ("--with", "pri") if short != "pri" else ()
        run("people", "enrol", short, "--name", short, "--unit", f"unit-{role}", "--role", role, *agree)
    (folder / "rights.json").write_text(json.dumps(dict.fromkeys(SECTIONS, "said in a few words")))
    (folder / "clauses.json").write_text(json.dumps(dict.fromkeys(CLAUSES, "clause four")))
    (folder / "wrong.json").write_text("[]")
    return run


def standing(do: Run, *more: str) -> dict[str, str]:
    record = json.loads(do("oversight", "compliance", "--json", *more).stdout)
    return {one["id"]: one["status"] for one in record["requirements"]}


def test_every_requirement_is_listed_with_its_status(do: Run) -> None:
    found = standing(do)
    assert len(found) == 81 and set(found.values()) == {"pass", "built", "fail", "human"}
    text = do("oversight", "compliance", "--only", "human").stdout
    assert "Document needed: " in text and "HUM-02" in text and "PRO-01" not in text
    assert do("oversight", "compliance", "--only", "perhaps").returncode == 2


def test_a_document_a_person_produced_counts(do: Run) -> None:
    words = ("--title", "Procedure", "--text", "Who decides and how", "--as", "pri")
    assert do("oversight", "produce", "PRO-01", *words).returncode == 2
    assert do("oversight", "produce", "HUM-02", *words).returncode == 0
    sections = [word for name in SECTIONS for word in (f"--{name}", f"{name} in three words")]
    assert do("oversight", "rights", "mapping.*", *sections, "--as", "pri").returncode == 0
    clauses = [word for name in CLAUSES for word in (f"--{name}", "section 4.2")]
    vendor = ("oversight", "vendor", "A vendor", "--as", "custodian", "--found")
    assert do(*vendor, *clauses).returncode == 0
    assert do(*vendor, *clauses[2:]).returncode == 2
    found = standing(do)
    assert (found["HUM-02"], found["FRI-01"], found["PRV-10"]) == ("pass", "pass", "pass")


def test_without_test_results_nothing_of_the_program_is_believed_when_they_are_asked_for(
    do: Run, tmp_path: Path
) -> None:
    file = tmp_path / "r.xml"
    file.write_text('<testsuite><testcase classname="tests.a.test_b" name="test_c" time="0"/></testsuite>')
    assert standing(do, "--results", str(file))["PRV-11"] == "fail"
    file.write_text("nothing")
    assert do("oversight", "compliance", "--results", str(file)).returncode == 2


@pytest.mark.parametrize("shape", ["atrs", "register"])
def test_the_register_is_written_for_machines(do: Run, tmp_path: Path, shape: str) -> None:
    file = tmp_path / "register.json"
    assert do("case", "register", "--shape", shape, "--to", str(file), "--language", "fr").returncode == 0
    Draft202012Validator(schema(shape)).validate(json.loads(file.read_text(encoding="utf-8")))
    assert do("case", "register", "--shape", "sphere").returncode == 2
    assert "records" in json.loads(do("case", "register").stdout), "in the language of the command line"


def test_a_year_is_counted(do: Run) -> None:
    lines = json.loads(do("case", "register", "--year", "2026", "--json").stdout)
    assert {line["asked"] for line in lines} == {0} and len(lines) > 5


def test_a_tool_in_use_before_approval_is_reported_and_paused(do: Run) -> None:
    day = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    why = ("--level", "high", "--reason", "bought years ago", "--plan", "stop it by summer", "--as", "custodian")
    assert do("oversight", "tool-report", "Finder", "--pause-by", "2099-01-01", *why).returncode == 2
    assert do("oversight", "tool-report", "Finder", "--pause-by", day, *why).returncode == 0
    assert json.loads(do("oversight", "tools", "--json").stdout)[0]["overdue"] is False
    assert do("oversight", "tool-move", "Finder", "paused", "--as", "custodian").returncode == 0
    assert do("oversight", "tool-move", "Finder", "reported", "--as", "custodian").returncode == 2
    assert "paused" in do("oversight", "tools").stdout


def test_rights_are_shown_and_reviewed(do: Run) -> None:
    shown = json.loads(do("oversight", "roles", "--as", "aud", "--json").stdout)
    assert len(shown["people"]) == 4 and shown["overdue"] is False
    assert do("oversight", "privileges", "--seen", "--as", "aud").returncode == 0
    assert do("oversight", "privileges", "--seen", "--as", "pri").returncode == 3


def test_without_a_report_there_is_nothing_to_drift(do: Run) -> None:
    assert "No valid accuracy report" in do("oversight", "drift").stdout
    assert do("oversight", "drift", "0" * 64, "--data", "incidents=x", "--as", "aud").returncode == 2
