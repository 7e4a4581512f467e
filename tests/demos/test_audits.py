"""The audits' demonstrations run on the shipped figures and end in the register."""

from __future__ import annotations

from pathlib import Path

import pytest
from lengths import screens
from narration import in_french

from peelian.demos.demo import demonstrate
from peelian.oversight.register import published


@pytest.mark.parametrize(("name", "cases"), [("risk", 1), ("faces", 2), ("vendor", 3)])
def test_an_audit_from_shipped_figures_to_the_register(tmp_path: Path, name: str, cases: int) -> None:
    said: list[str] = []
    office, record = demonstrate(name, tmp_path / "town", say=said.append, progress=lambda says, share: None)
    with office:
        assert [case.case for case in published(office.kernel)][::-1] == record["cases"]
        assert len(record["cases"]) == cases and record["log"]["holds"]
        assert all(long <= (4 if use == "risk.audit" else 5) for use, long in screens(office).items())
    assert any("caveat" in line for line in said)
    assert any("mise en garde" in line for line in map(in_french, said))
