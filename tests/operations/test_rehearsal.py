"""A rehearsal: a recorded day tells what would have been raised, and the office's log keeps its own time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from standing_office import lines_of, office_at, stands, watch_of

from peelian.errors import InputError, OutOfOrder
from peelian.operations.office import open_office
from peelian.operations.rehearsal import rehearse


def test_a_recorded_day_is_rehearsed_beside_the_log(tmp_path: Path) -> None:
    office, town = office_at(tmp_path / "office")
    with office:
        example = watch_of(office, "crowd.density").reducer().example()
        permit = stands(office, town, "crowd.density", sensors=dict(example.sensors), exercise=True)
        file = lines_of(tmp_path / "day.jsonl", example.readings)
        before = sum(1 for _ in office.kernel.stores.log.read())
        record = rehearse(office, permit.case, file)
        assert record["readings"] == {"taken": len(example.readings)}
        steps = [(step["step"], step["kind"]) for step in record["steps"]]
        assert ("raised", "exercise") in steps and ("cleared", "exercise") in steps
        assert all(step["at"].startswith("2024-06-01T20:0") for step in record["steps"] if step["step"] == "raised")
        (entry,) = (dict(e) for _, e in office.kernel.stores.log.read(before))
        assert entry["kind"] == "REHEARSED" and entry["steps"] == record["moves"]
        assert datetime.fromisoformat(str(entry["t"])) <= office.kernel.now(), "the log's clock was not moved"
        assert not office.kernel.state.alarms.floor.alarms and not (office.path / "watch").exists()  # type: ignore[operator]
        assert rehearse(office, permit.case, file)["moves"] == record["moves"], "it remembers nothing"
    with open_office(tmp_path / "office") as again:
        assert again.verdict().ok


def test_only_a_drill_is_rehearsed_and_a_bad_line_is_named(tmp_path: Path) -> None:
    office, town = office_at(tmp_path / "office")
    with office:
        real = stands(office, town, sensors={"meter-9": "park"})
        file = tmp_path / "day.jsonl"
        file.write_text("{}\n")
        with pytest.raises(OutOfOrder, match="Only drills"):
            rehearse(office, real.case, file)
        drill = stands(office, town, sensors={"meter-9": "park"}, exercise=True)
        with pytest.raises(InputError, match="row 1"):
            rehearse(office, drill.case, file)
        with pytest.raises(OutOfOrder, match="Unknown watch"):
            rehearse(office, "w-none", file)
