"""Watches at the terminal: they stand or are refused, a drill is fed, its alarm goes from open to closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import Hands
from standing_office import lines_of, office_at, until_now, watch_of
from terminal import Done, peelian
from toy_watch import HIGH, wells
from watched import MemoryCheckpoints, issue_all
from years import office_of_years, reopened

from peelian.kernel.alarms import operator_desk, watch
from peelian.kernel.retention.expiry_job import sweep


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    office, town = office_at(tmp_path / "office")
    with office:
        issue_all(town, watch_of(office, "crowd.noise"))
        recorded = watch_of(office, "crowd.noise").reducer().example().readings
        lines_of(tmp_path / "recorded.jsonl", recorded)
        lines_of(tmp_path / "drill.jsonl", until_now(recorded))
    return tmp_path


def _json(folder: Path, *words: str) -> object:
    done = peelian("watch", *words, "--json", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_drill_from_its_permit_to_the_hand_over(folder: Path) -> None:
    words = ["crowd.noise", "--purpose", "safety", "--sensor", "meter-1=square", "--as", "commander", "--exercise"]
    case = _json(folder, "start", *words)["case"]  # type: ignore[index]  # a record
    assert [row["case"] for row in _json(folder, "list", "--as", "commander")] == [case]  # type: ignore[attr-defined]  # rows
    rehearsed = peelian("watch", "feed", case, "recorded.jsonl", "--replay", cwd=folder).stdout
    assert (
        "2024-06-01T12:3" in rehearsed and "square: noise  raised" in rehearsed and "no alarm was raised" in rehearsed
    )
    assert _json(folder, "alarms", "--all") == [], "a rehearsal leaves no alarm behind"
    assert _json(folder, "feed", case, "drill.jsonl")["moves"] >= 2  # type: ignore[index]  # a record
    (alarm,) = _json(folder, "alarms")  # type: ignore[misc]  # rows
    assert alarm["exercise"] and alarm["state"] == "open"
    name, who = alarm["alarm"], ["--as", "dispatcher"]
    refused: Done = peelian("watch", "decide", name, "--choice", "watch", "--reason", "calm", *who, cwd=folder)
    assert refused.returncode == 2 and "acknowledge it first" in refused.stderr
    early = peelian("watch", "handover", "--to", "night", "--note", "calm", *who, cwd=folder)
    assert early.returncode == 2 and "no outcome" in early.stderr
    _json(folder, "ack", name, *who)
    _json(folder, "decide", name, "--choice", "dismiss", "--reason", "a drill", *who)
    assert _json(folder, "close", name, "--disposition", "other", *who)["state"] == "closed"  # type: ignore[index]
    assert _json(folder, "count", "square", "0", *who)["people"] == 0  # type: ignore[index]
    assert peelian("watch", "count", "moon", "5", *who, cwd=folder).returncode == 2
    assert _json(folder, "handover", "--to", "night", "--note", "calm", *who)["active"] == 0  # type: ignore[index]
    assert _json(folder, "alarms") == [] and len(_json(folder, "alarms", "--all")) == 1  # type: ignore[arg-type]


def test_without_rights_or_with_nonsense_it_is_refused_in_plain_words(folder: Path) -> None:
    stand = ["start", "crowd.noise", "--purpose", "safety", "--sensor", "meter-1=square"]
    for words, code, says in (
        ([*stand, "--as", "clerk"], 3, "cannot request"),
        (["start", "crowd.song", "--purpose", "safety", "--sensor", "a=b", "--as", "commander"], 2, "Unknown watch"),
        (["feed", "w-none", "drill.jsonl"], 2, "Unknown watch"),
        (["serve", "--http-port", "8183"], 2, "This office has no watch"),
        (["ack", "a-none", "--as", "dispatcher"], 2, "unknown alarm"),
        (["event", "square", "--type", "noise", "--starts", "soon", "--ends", "later", "--what", "x", "--as", "clerk"],
         2, "not a time"),
    ):  # fmt: skip
        done = peelian("watch", *words, cwd=folder)
        assert done.returncode == code and says in done.stderr, (words, done.stderr)


def test_an_event_is_entered_and_a_sensor_gets_its_key(folder: Path) -> None:
    times = ["--starts", "2026-07-01T20:00:00+02:00", "--ends", "2026-07-02T02:00:00+02:00"]
    made = _json(folder, "event", "square", "--type", "noise", *times, "--what", "Feast of the town", "--as", "clerk")
    assert made == {"zone": "square", "types": ["noise"]}
    keys = {str(_json(folder, "key", sensor)["key"]) for sensor in ("meter-1", "meter-2")}  # type: ignore[index]
    assert len(keys) == 2 and all(len(key) >= 16 for key in keys)


def test_the_partition_is_for_an_hour_at_most(folder: Path) -> None:
    office, town = office_at(folder / "second")
    with office:
        issue_all(town, watch_of(office, "crowd.noise"))
        example = watch_of(office, "crowd.noise").reducer().example()
        permit = watch.stand(
            office.kernel,
            town.people["commander"],
            "crowd.noise",
            purpose="safety",
            params=example.params,
            sensors=example.sensors,
            exercise=True,
        )
    where = ["--office", "second"]
    _json(folder, "feed", permit.case, "drill.jsonl", *where)
    (alarm,) = _json(folder, "alarms", *where)  # type: ignore[misc]  # rows
    words = ["shelve", alarm["alarm"], "--reason", "works", "--as", "dispatcher", *where]
    assert peelian("watch", *words, "--minutes", "61", cwd=folder).returncode == 2
    assert _json(folder, *words, "--minutes", "5")["state"] == "shelved"  # type: ignore[index]  # a record


def test_what_was_destroyed_is_listed_as_destroyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Hands()
    clock.now = clock.now.replace(year=2020)
    town = reopened(office_of_years(tmp_path / "office", clock, monkeypatch), clock)
    with town.office:
        issue_all(town, HIGH)
        asked = {
            "purpose": "safety",
            "params": HIGH.reducer().example().params,
            "sensors": HIGH.reducer().example().sensors,
        }
        permit = watch.stand(town.kernel, town.people["commander"], HIGH.id, exercise=True, **asked)
        standing = watch.begin(town.kernel, permit, MemoryCheckpoints())
        for reading in wells([6.0, 6.5, 1.0], first=clock.now + timedelta(seconds=1)):
            clock.now = reading.time
            watch.feed(town.kernel, standing, [reading])
        (alarm,) = town.kernel.state.alarms.floor.alarms
        by = town.people["dispatcher"]
        operator_desk.acknowledge(town.kernel, by, alarm)
        operator_desk.decide(town.kernel, by, alarm, choice="watch", reason="a wave at the weir")
        operator_desk.dispose(town.kernel, by, alarm, disposition="works")
        clock.now = datetime.now(UTC) - timedelta(days=2)
        sweep(town.kernel)  # it waits, for the office was not open for years
    (row,) = _json(tmp_path, "alarms", "--all")  # type: ignore[misc]  # rows
    assert (row["alarm"], row["held"]) == (alarm, False)
    words = ("--reason", "a court asks for it", "--as", "privacy-officer", "--json")
    hold = json.loads(peelian("retention", "hold", alarm, *words, cwd=tmp_path).stdout)
    assert hold.keys() == {"alarms", "hold"} and hold["alarms"] == alarm
    assert peelian("retention", "run", cwd=tmp_path).returncode == 0
    assert peelian("watch", "alarms", "--all", cwd=tmp_path).stdout.rstrip().endswith("ON HOLD")
    held = json.loads(peelian("retention", "list", "--as", "privacy-officer", "--json", cwd=tmp_path).stdout)["holds"]
    assert held == [{"alarms": alarm, "hold": hold["hold"], "why": "legal"}]
    assert (
        f"Held   {hold['hold']} (Legal)" in peelian("retention", "list", "--as", "privacy-officer", cwd=tmp_path).stdout
    )
    own = peelian("retention", "release", hold["hold"], *words, cwd=tmp_path)
    assert own.returncode != 0 and "Who placed a hold cannot release it." in own.stdout
    words = ("release", hold["hold"], *words[:2], "--as", "clerk", "--json")
    assert json.loads(peelian("retention", *words, cwd=tmp_path).stdout) == {"alarms": alarm, "released": hold["hold"]}
    again = peelian("retention", *words, cwd=tmp_path)
    assert again.returncode == 2 and "no such hold here" in again.stdout
    assert peelian("retention", "run", cwd=tmp_path).returncode == 0
    for words, name in ((("alarms", "--all"), alarm), (("list", "--as", "privacy-officer"), permit.case)):
        told = peelian("watch", *words, cwd=tmp_path).stdout
        assert name in told and "destroyed on " in told
    acked = peelian("watch", "ack", alarm, "--as", "dispatcher", cwd=tmp_path)
    assert acked.returncode == 2 and "was destroyed on" in acked.stderr
    assert peelian("verify", "office/log", cwd=tmp_path).returncode == 0
