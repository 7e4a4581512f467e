"""The register's commands from the terminal, on a real office: act by act, with clear refusals."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from assessing import adopted_areas
from terminal import peelian

ENTRY = {
    "kind": "people_counter",
    "title": "Counter at the square",
    "owner": "Public works",
    "contact": "works@town.invalid",
    "purpose": "safety",
    "why": "So that a crush is seen before it happens.",
    "area": "Centre",
    "personal_data": False,
    "retention_days": 90,
    "format": "ngsi-ld",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from datetime import date, timedelta

    folder = tmp_path_factory.mktemp("town")
    peelian("office", "office", "--name", "Town", cwd=folder)
    adopted_areas(lambda *words: peelian(*words, cwd=folder), folder, "Centre")
    ends = (date.today() + timedelta(days=200)).isoformat()  # noqa: DTZ011 - the command reads the real clock
    (folder / "entry.json").write_text(json.dumps(ENTRY | {"ends": ends}))
    return folder


def test_register_list_sign_export_report_end(town: Path) -> None:
    made = peelian("sensors", "register", "entry.json", "--json", cwd=town)
    number = json.loads(made.stdout)["sensor"]
    assert re.fullmatch(r"s\d{7}", number)
    assert number in peelian("sensors", "list", cwd=town).stdout
    assert json.loads(peelian("sensors", "list", "--json", cwd=town).stdout)[0]["state"] == "registered"
    typed = json.loads((town / "entry.json").read_text()) | {"id": "jane-doe-12-main-street"}
    (town / "typed.json").write_text(json.dumps(typed))
    refused = peelian("sensors", "register", "typed.json", cwd=town)
    assert refused.returncode == 2 and "not typed" in refused.stderr and "jane" not in refused.stderr
    peelian("sensors", "sign", number, "--to", "sign.svg", "-l", "fr", cwd=town)
    assert "Propriétaire" in (town / "sign.svg").read_text(encoding="utf-8")
    made = peelian("sensors", "broker", "--to", "broker", "--host", "localhost", cwd=town)
    assert "Written for 1 sensors" in made.stdout and (town / "broker" / "sensors" / f"{number}.key").exists()
    peelian("sensors", "export", "--to", "register.geojson", cwd=town)
    assert json.loads((town / "register.geojson").read_text())["features"]
    (town / "answers.json").write_text(json.dumps({"abstract": "We count at one gate."}))
    peelian("sensors", "report", "impact", "--answers", "answers.json", "--to", "impact.html", cwd=town)
    assert "We count at one gate." in (town / "impact.html").read_text(encoding="utf-8")
    assert (
        "ended. It stays listed"
        in peelian("sensors", "end", number, "--why", "broken", "--as", "custodian", cwd=town).stdout
    )


def test_a_file_of_sensors_is_proposed_approved_and_registered(town: Path) -> None:
    ends = json.loads((town / "entry.json").read_text())["ends"]
    head = "kind,title,owner,contact,purpose,why,area,personal_data,retention_days,ends,format,columns,drop\n"
    row = f"people_counter,Counter,Works,w@t.invalid,safety,So that.,Centre,no,90,{ends},ttn-v3,in=count,battery\n"
    (town / "wrong.csv").write_text(head + row + row.replace("battery", "macAddress"))
    (town / "good.csv").write_text(head + row + row)
    alone = peelian("sensors", "register", "good.csv", cwd=town)
    assert alone.returncode == 2 and "sensors register-file" in alone.stderr
    words = ["--reason", "new counters of spring", "--as", "custodian", "--json"]
    wrong = peelian("sensors", "register-file", "wrong.csv", *words, cwd=town)
    assert wrong.returncode == 2 and "row 3" in wrong.stdout and "macAddress" in wrong.stdout
    proposal = json.loads(peelian("sensors", "register-file", "good.csv", *words, cwd=town).stdout)["proposal"]
    carried = ["sensors", "register-approved", "--as", "custodian"]
    early = peelian(*carried, proposal, cwd=town)
    assert early.returncode == 2 and "Not approved" in early.stderr
    assert "sensors register-approved" in peelian("proposals", "approve", proposal, "--as", "adopter", cwd=town).stdout
    assert "Sensors registered or renewed: 2" in peelian(*carried, proposal, cwd=town).stdout
    until = (date.fromisoformat(ends) + timedelta(days=9)).isoformat()
    many = ["sensors", "renew-many", "--ending-by", ends, "--until", until, "--as", "custodian"]
    alone = peelian(*many, cwd=town)
    assert alone.returncode == 2 and "--reason" in alone.stderr
    proposal = json.loads(peelian(*many, "--reason", "they count well", "--json", cwd=town).stdout)["proposal"]
    peelian("proposals", "approve", proposal, "--as", "adopter", cwd=town)
    assert "renewed: 2" in peelian(*carried, proposal, cwd=town).stdout
    listed = json.loads(peelian("sensors", "list", "--json", cwd=town).stdout)
    number = next(one["id"] for one in listed if one["ends"] == until)
    updated = peelian("sensors", "update", number, "--firmware", "2.0.1", "--as", "custodian", cwd=town)
    assert "firmware 2.0.1" in updated.stdout
    shown = {one["id"]: one for one in json.loads(peelian("sensors", "list", "--json", cwd=town).stdout)}
    assert shown[number]["firmware"] == "2.0.1" and shown[number]["ends"] == until


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[]", "not the facts of a sensor"),
        ('{"id": "x"}', "missing"),
        ('{"plate": "x"}', "unknown fact"),
    ],
)
def test_bad_files_are_told(town: Path, text: str, says: str) -> None:
    (town / "bad.json").write_text(text)
    done = peelian("sensors", "register", "bad.json", cwd=town)
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr


def test_what_may_not_be_is_refused(town: Path) -> None:
    peelian("people", "enrol", "analyst", "--name", "A", "--unit", "analysis", "--role", "analyst", cwd=town)
    assert peelian("sensors", "register", "entry.json", "--as", "analyst", cwd=town).returncode == 3
    assert peelian("sensors", "report", "daily", "--to", "x.html", cwd=town).returncode == 2
    peelian("people", "enrol", "clerk", "--name", "C", "--unit", "clerks", "--role", "clerk", cwd=town)
    assert peelian(
        "sensors", "release", "square-1", "2026-01-01", "--count", "1", "--as", "clerk", cwd=town
    ).returncode in (2, 3)
    assert peelian("sensors", "release", "square-1", "soon", "--as", "clerk", cwd=town).returncode == 2
    (town / "home.xml").write_text("<feed/>")
    assert peelian("sensors", "collect", "meter-1", "home.xml", "--as", "custodian", cwd=town).returncode == 2
