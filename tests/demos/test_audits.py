"""The audits of the town run on the shipped figures and end in the register."""

from __future__ import annotations

from pathlib import Path

import pytest
from demo_town import Built
from narration import in_french

from peelian.oversight.transparency.register import case_summary, published
from peelian.web.frame.titles import public_title


@pytest.mark.parametrize(("name", "cases"), [("risk", 1), ("faces", 2), ("vendor", 3)])
def test_an_audit_from_shipped_figures_to_the_register(built: Built, tmp_path: Path, name: str, cases: int) -> None:
    found = built.record[name]["cases"]
    with built.copy(tmp_path / "town") as office:
        assert set(found) <= {case.case for case in published(office.kernel)} and len(found) == cases
    assert any("caveat" in line for line in built.said)
    assert any("mise en garde" in line for line in map(in_french, built.said))


def test_the_public_can_tell_what_was_audited(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        cases = [case for name in ("risk", "faces", "vendor") for case in built.record[name]["cases"]]
        titles = [public_title(office, case_summary(office.kernel, case), "en") for case in cases]
    assert len(set(titles)) == 6, titles
    for word, title in zip(
        ("COMPAS", "NIST", "Fingerprint", "Elgin", "Jacksonville", "Los Angeles"), titles, strict=True
    ):
        assert word in title
