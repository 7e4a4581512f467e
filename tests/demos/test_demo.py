"""The town has every technology at work and states to act on; it is marked, verified, and touches no other folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from demo_town import Built
from narration import in_french

from peelian.demos import demo
from peelian.demos.crowd import LASTS
from peelian.errors import InputError
from peelian.kernel.state.demonstration import is_demonstration
from peelian.operations.office import Office
from peelian.operations.watch_service import replay_of
from peelian.operations.witness_standing import witness_standing
from peelian.oversight.transparency.register import published, refusals
from peelian.oversight.verification.verifier import verify_log
from peelian.pictures.words import english
from peelian.web.public.home import home


def quiet(*_: object) -> None:
    """Says nothing, shows nothing."""


def test_every_technology_of_the_town_is_at_work_and_published(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        assert {case.capability.partition(".")[0] for case in published(office.kernel)} == {
            "mapping", "risk", "faces", "footage", "sensors", "crowd",
        }  # fmt: skip
        titles = {str(one.declaration["title"]) for one in office.kernel.state.datasets.values()}
        assert "PredPol predictions, Elgin, Illinois" in titles
        assert not [title for title in titles if title.endswith((".csv", ".geojson", ".gz"))], "real names, no files"
    assert all(walk in built.record for walk in demo.DEMONSTRATIONS)


def test_what_waits_in_the_town(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        kernel = office.kernel
        waiting = {history.case: history.capability for history in kernel.state.histories.in_state("RAN")}
        assert waiting[built.record["mapping"]["waiting"]] == "mapping.forecast"
        assert waiting[built.record["footage"]["under_review"]] == "footage.propose"
        assert refusals(kernel)[("mapping.forecast", "the_authorizations_are_in_order")] == 1
        (alarm,) = kernel.state.alarms.floor.queue()
        assert alarm.id == built.record["crowd"]["waiting"][0] and alarm.kind == "exercise"
        ends = [datetime.fromisoformat(paper.ends) - kernel.now() for paper in kernel.state.authorizations.values()]
        assert any(timedelta(days=1) < left < timedelta(days=8) for left in ends)
        times = [str(entry["t"]) for _, entry in kernel.stores.log.read()]
        assert times == sorted(times), "one clock for the whole town"
        assert datetime.fromisoformat(times[-1]) - datetime.fromisoformat(times[0]) > timedelta(days=9)


def test_it_is_marked_first_and_on_every_authorization_and_page(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        assert is_demonstration(office.kernel)
        papers = office.kernel.state.authorizations.values()
        assert len(papers) > 5 and all(paper.body["demonstration"] == 1 for paper in papers)
    assert verify_log(built.folder / "log").played
    reports = [Path(page).read_text(encoding="utf-8") for page in built.record["pages"] if "/c-" in page]
    assert reports and all("Demonstration town: people" in text or "Ville de démonstration" in text for text in reports)


def test_it_ends_with_a_log_that_holds_a_drill_and_a_rewrite_that_was_caught(built: Built, tmp_path: Path) -> None:
    record = built.record
    assert record["log"]["holds"] and record["log"]["entries"] == record["witness"]["entries"]
    assert record["drill"]["counts"] and record["self_test"]["criteria_met"]
    assert record["rewrite"]["passes_with_own_key"]
    assert "entries were rewritten" in record["rewrite"]["witness_says"]
    assert "no cosigned checkpoint" in record["rewrite"]["fails_with_its_key"]
    assert len(record["pages"]) > 20 and all(Path(page).is_file() for page in record["pages"])
    with built.copy(tmp_path / "town") as office:
        assert witness_standing(office).vouches
        assert "on the office's own machine" in home(office, english, "en")["witness"]["remedy"]
    assert [in_french(line) for line in built.said], "every line has its French"


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError):
        demo.demonstrate(tmp_path, say=quiet, progress=quiet)
    assert (tmp_path / "letters.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_of_somebody_else_where_the_witness_would_be_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "town-witness").mkdir()
    (tmp_path / "town-witness" / "letters.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / demo.DIGEST).touch()
    with pytest.raises(InputError, match="town-witness"):
        demo.demonstrate(tmp_path / "town", say=quiet, progress=quiet)
    assert (tmp_path / "town-witness" / "letters.txt").exists() and (tmp_path / "town" / demo.DIGEST).exists()


def test_one_alone_replaces_an_earlier_one_and_a_long_one_begins_long_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[timedelta] = []

    def walk(office: Office, people: object, say: object, progress: object) -> dict[str, Any]:
        began.append(datetime.now(UTC) - replay_of(office)())
        return {}

    short = demo.Demonstration(shows="", days_ago=1, walk=walk)
    long = demo.Demonstration(shows="", days_ago=1, walk=walk, alone=walk, lasts=LASTS)
    monkeypatch.setattr(demo, "DEMONSTRATIONS", {"short": short, "long": long})
    for only, age in ((["short"], timedelta(days=1)), (["long"], LASTS)):
        office, record = demo.demonstrate(tmp_path / "town", only=only, say=quiet, progress=quiet)
        office.close()
        assert set(record) >= {*only, "log"} and record["log"]["holds"]
        assert timedelta(0) <= began.pop() - age < timedelta(minutes=1) and not began
