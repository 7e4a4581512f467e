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
from peelian.operations.witness_standing import witness_standing
from peelian.pictures.words import english
from peelian.web import content


def quiet(*_: object) -> None:
    """Says nothing, shows nothing."""


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError):
        demo.demonstrate("mapping", tmp_path, say=quiet, progress=quiet)
    assert (tmp_path / "letters.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_of_somebody_else_where_the_witness_would_be_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "town-witness").mkdir()
    (tmp_path / "town-witness" / "letters.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / demo.DIGEST).touch()
    with pytest.raises(InputError, match="town-witness"):
        demo.demonstrate("mapping", tmp_path / "town", say=quiet, progress=quiet)
    assert (tmp_path / "town-witness" / "letters.txt").exists() and (tmp_path / "town" / demo.DIGEST).exists()


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
        assert record["log"]["holds"]
        n = len(demo.SEATS) + 3 * 3 + 4 + 2 + 2  # four acts of two people, the witness, and a drill
        assert record["log"]["entries"] == record["witness"]["entries"] == n
        assert record["rewrite"]["passes_with_own_key"]
        assert "entries were rewritten" in record["rewrite"]["witness_says"]
        assert "no cosigned checkpoint" in record["rewrite"]["fails_with_its_key"]
        assert witness_standing(office).vouches
        home = content.home(office, english, "en")["witness"]
        assert "last cosigned" in home["says"] and "on the office's own machine" in home["remedy"]
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
