"""A demonstration ends with a drill that its people play, and a self-test: told in a few lines and as pages."""

from __future__ import annotations

from pathlib import Path

from peelian.demos.drill import play, rehearse, self_test_lines
from peelian.kernel.model.capability import Role
from peelian.operations.office import new_office
from peelian.oversight.drills.due import self_tests


def test_a_self_test_is_run_and_told(tmp_path: Path) -> None:
    said: list[str] = []
    with new_office(tmp_path / "town", name="Town") as office:
        officer = office.enrol("pia", name="Pia", unit="privacy", roles={Role.PRIVACY_OFFICER, Role.CUSTODIAN})
        drill, pages = rehearse(office, officer, tmp_path, said.append)
        assert self_tests(office.kernel) == (drill,) and drill.criteria_met
    assert "Nothing is sent" in said[0] and "recall 100 %" in said[1] and "All targets met" in said[3]
    assert [page.name[-7:] for page in pages] == ["en.html", "fr.html"]
    assert "drills" in {path.name for path in tmp_path.iterdir()}
    assert "A target was missed" in self_test_lines({**drill.body, "criteria_met": False})[2]


def test_the_people_of_a_town_play_a_drill_that_counts(tmp_path: Path) -> None:
    said: list[str] = []
    with new_office(tmp_path / "town", name="Town") as office:
        first = office.enrol("custodian", name="Ida", unit="it", roles={Role.CUSTODIAN})
        people = {"custodian": first}
        for short, role in (("council", Role.COUNCIL), ("privacy", Role.PRIVACY_OFFICER), ("clerk", Role.CLERK)):
            second = people.get("council")
            people[short] = office.enrol(short, name=short, unit=short, roles={role}, by=first, second=second)
        course = play(office, people, said.append)
        assert course.counts and office.kernel.state.duties.drilled and course.report is not None
    assert [made["id"] for made in course.report.body["decisions"] if made["minute"] < 0] == ["what"], (
        "no analyst plays"
    )
    assert "played by 4 roles" in said[0]
