"""Proves at the terminal: a plan's capacity, two people's words, runbook, exercise, and the report in one command."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from event_plans import plan_body
from standing_office import lines_of, office_at, until_now, watch_of
from terminal import Done, peelian
from watched import issue_all


def plan_file(folder: Path, **changes: Any) -> Path:
    """A plan of one zone, "square", around now."""
    now = datetime.now(UTC)
    body = plan_body(starts=(now - timedelta(hours=2)).isoformat(), ends=(now + timedelta(hours=8)).isoformat())
    body["zones"] = [body["zones"][0] | {"name": "square"}]
    body["gates"] = [
        body["gates"][0] | {"zone": "square"},
        {"name": "b", "zone": "square", "width_m": 5, "direction": "out"},
    ]
    body |= {"attendance": 900, "thresholds": {}, "runbooks": {"noise": ["Look out.", "Listen."]}, "messages": {}}
    file = folder / "plan.json"
    file.write_text(json.dumps(body | changes), encoding="utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    office, town = office_at(tmp_path / "office")
    with office:
        issue_all(town, watch_of(office, "crowd.noise"))
        lines_of(tmp_path / "drill.jsonl", until_now(watch_of(office, "crowd.noise").reducer().example().readings))
    return tmp_path


def run(folder: Path, *words: str, code: int = 0) -> Done:
    done = peelian("watch", *words, cwd=folder)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_from_a_plan_to_its_report(folder: Path) -> None:
    plan_file(folder)
    start = ["crowd.noise", "--purpose", "safety", "--sensor", "meter-1=square", "--as", "commander", "--exercise"]
    case = json.loads(run(folder, "start", *start, "--json").stdout)["case"]
    made = run(folder, "plan", "plan.json", "--as", "dispatcher").stdout
    assert "Recorded: fete-2026." in made and "Next, another person" in made
    assert "emergency exit capacity: 1,968 persons" in run(folder, "capacity", "plan.json").stdout
    (row,) = json.loads(run(folder, "plans", "--json").stdout)
    assert (
        "Another person must confirm"
        in run(folder, "confirm-plan", row["digest"], "--read", "--as", "dispatcher", code=2).stderr
    )
    run(folder, "confirm-plan", row["digest"][:16], "--read", "--as", "commander")
    held = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    words = ["--title", "Evacuation", "--held", held, "--role", "first aid", "--findings", "Gate C was locked."]
    run(folder, "exercise", "fete-2026", *words, "--as", "commander")
    run(folder, "feed", case, "drill.jsonl")
    (alarm,) = json.loads(run(folder, "alarms", "--json").stdout)
    name, who = alarm["alarm"], ["--as", "dispatcher"]
    assert "☑ 1. Look out." in run(folder, "tick", name, "--step", "1", *who).stdout
    assert "1 to 2" in run(folder, "tick", name, "--step", "3", *who, code=2).stderr
    run(folder, "ack", name, *who)
    run(folder, "decide", name, "--choice", "dispatch help", "--reason", "a drill", *who)
    assert "help arrived" in run(folder, "arrived", name, *who).stdout
    for file in ("report.html", "rapport.pdf"):
        run(folder, "report", "fete-2026", "--out", file, "--language", "fr")
    assert "Gate C was locked." in (folder / "report.html").read_text(encoding="utf-8")
    assert (folder / "rapport.pdf").read_bytes().startswith(b"%PDF")
    report = json.loads(run(folder, "report", "fete-2026", "--json").stdout)
    assert [one["stage"] for one in report["responses"]] == ["acknowledge", "decide", "arrive"]
    assert report["worked"][0]["done"] == 1 and report["exercises"][0]["roles"] == ["first aid"]
    assert "Without an outcome: 1" in run(folder, "report", case).stdout


def test_a_capacity_needs_no_office_and_nonsense_is_told(tmp_path: Path) -> None:
    plan_file(tmp_path)
    found = json.loads(peelian("watch", "capacity", "plan.json", "--json", cwd=tmp_path).stdout)
    assert found[0] == {
        "zone": "",
        "final": 1200,
        "bound_by": "holding",
        "limits": {"holding": 1200, "entry": 2500, "exit": 5904, "emergency": 1968},
    }
    plan_file(tmp_path, attendance="many")
    wrong = peelian("watch", "capacity", "plan.json", cwd=tmp_path)
    assert wrong.returncode == 2 and "plan.json" in wrong.stderr and "attendance" in wrong.stderr
    assert peelian("watch", "capacity", "none.json", cwd=tmp_path).returncode == 2
