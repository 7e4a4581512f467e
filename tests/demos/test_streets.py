"""Toronto's streets in a demonstration: brought as a town would, with the notices that their licences ask for."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from narration import in_french
from standing_office import office_at

from peelian.demos.streets import bring_streets
from peelian.operations.ground import ground_of


def test_they_lie_under_the_maps_with_their_notices(tmp_path: Path) -> None:
    said: list[str] = []
    office, desk = office_at(tmp_path / "town")
    with office:
        bring_streets(office, desk.people["custodian"], said.append, lambda says, share: None)
        found = ground_of(office)
    if find_spec("pyogrio") is None:
        assert not said and found is None
        pytest.skip("the extra `geo` is not installed")
    assert found is not None and found.counts["areas"] == 140 and found.counts["streets"] > 18_000
    assert "© OpenStreetMap contributors" in found.attribution and "Government Licence" in found.attribution
    assert "140 neighbourhoods" in said[0] and "rues" in in_french(said[0])
