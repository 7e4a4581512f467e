"""A demonstration ends with a drill: told in a few lines, its record a page in each language."""

from __future__ import annotations

from pathlib import Path

from peelian.demos.drill import rehearse, told
from peelian.kernel.model.capability import Role
from peelian.operations.office import new_office
from peelian.oversight.drills import self_tests


def test_a_drill_is_gone_through_and_told(tmp_path: Path) -> None:
    said: list[str] = []
    with new_office(tmp_path / "town", name="Town") as office:
        officer = office.enrol("pia", name="Pia", unit="privacy", roles={Role.PRIVACY_OFFICER, Role.CUSTODIAN})
        drill, pages = rehearse(office, officer, tmp_path, said.append)
        assert self_tests(office.kernel) == (drill,) and drill.criteria_met
    assert "Nothing is sent" in said[0] and "recall 100 %" in said[1] and "All drill targets met" in said[3]
    assert [page.name[-7:] for page in pages] == ["en.html", "fr.html"]
    assert "drills" in {path.name for path in tmp_path.iterdir()}
    assert "A drill target was missed" in told({**drill.body, "criteria_met": False})[2]
