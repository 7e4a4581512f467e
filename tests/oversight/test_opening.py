"""What a crash left halfway is ended when an office opens, once, and a second opening finds nothing to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy import TOY

import peelian.operations.office
from peelian.kernel.model.capability import Role
from peelian.operations.office import new_office, open_office


def test_an_intake_that_was_cut_off_is_turned_away_at_the_next_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    with new_office(tmp_path / "town", name="Town") as office:
        one = office.enrol("one", name="One", unit="a", roles=set(Role))
        office.kernel.append("KEEPING", dataset="wells-cut", by=one.person.token, format="toy-wells")
        with office.kernel.stores.vault.seal("wells-cut") as file:
            file.write(b"half of it")
    told = []
    for _ in range(2):
        with open_office(tmp_path / "town") as office:
            assert office.kernel.stores.vault.found("wells-cut") == () and not office.kernel.state.unfinished
            told.append([str(entry["kind"]) for _, entry in office.kernel.stores.log.read()].count("TURNED_AWAY"))
    assert told == [1, 1]
