"""The demonstrations end in pages and a log that holds, and touch no folder that is not theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from peelian.demos import demo
from peelian.demos.crowd import LASTS
from peelian.errors import InputError
from peelian.operations.office import Office
from peelian.operations.watch_service import replay_of


def quiet(*_: object) -> None:
    """Says nothing, shows nothing."""


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError):
        demo.demonstrate("mapping", tmp_path, say=quiet, progress=quiet)
    assert (tmp_path / "letters.txt").read_text(encoding="utf-8") == "mine"


def test_an_earlier_demonstration_is_replaced_and_a_failed_one_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def walk(office: object, people: dict[str, object], say: object, progress: object) -> dict[str, object]:
        seen.append(sorted(people))
        return {}

    monkeypatch.setattr(demo, "DEMONSTRATIONS", {"short": walk})
    for _ in range(2):
        office, record = demo.demonstrate("short", tmp_path / "town", say=quiet, progress=quiet)
        assert (
            record["log"]["holds"] and record["log"]["entries"] == len(demo.SEATS) + 3 * 3 + 2
        )  # three by two people, and a drill
        office.close()
    assert len(seen) == 2 and seen[0] == sorted(demo.SEATS)


def test_a_demonstration_that_replays_months_begins_months_ago(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = []

    def walk(office: Office, people: object, say: object, progress: object) -> dict[str, object]:
        began.append(replay_of(office)())
        return {}

    monkeypatch.setattr(demo, "DEMONSTRATIONS", {"crowd": walk})
    office, _ = demo.demonstrate("crowd", tmp_path / "town", say=quiet, progress=quiet)
    office.close()
    assert timedelta(0) <= datetime.now(UTC) - LASTS - began[0] < timedelta(minutes=1)
