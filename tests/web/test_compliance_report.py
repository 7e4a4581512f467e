"""The compliance files stand by themselves, in both languages, with every requirement and what is missing first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from browser import gates, visit
from playwright.sync_api import Browser

from peelian.oversight.compliance.catalogue import catalogue
from peelian.oversight.compliance.standing import standings
from peelian.web.oversight.compliance_report import write_compliance


def test_every_requirement_stands_in_both_files(town: Any, tmp_path: Path, browser: Browser) -> None:
    files = write_compliance(town.desk.office, tmp_path, standings(town.desk.kernel))
    assert [file.name for file in files] == ["compliance-en.html", "compliance-fr.html"]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert all(requirement.id in text for requirement in catalogue())
        with visit(browser, file.as_uri(), reduced_motion="reduce") as seen:
            assert gates(seen, own=("file:",)) == {}, file.name
    english = files[0].read_text(encoding="utf-8")
    assert (
        english.index("Requirements not met") < english.index("Documents required") < english.index("Human decisions")
    )
