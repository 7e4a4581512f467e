"""Predictive mapping in the town: refused first, proven, adopted, decided, published; a second forecast waits."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from demo_town import Built
from lengths import screens
from narration import in_french
from playwright.sync_api import Browser
from whole_case import whole_case

from peelian.demos import mapping
from peelian.kernel.gate import found_in
from peelian.operations.ground import ground_of, named_map
from peelian.operations.office import Office
from peelian.oversight.transparency.case_map import map_of_case
from peelian.oversight.transparency.register import case_record
from peelian.web.cases.case import case_report


def test_the_whole_walk_on_real_incidents(built: Built, tmp_path: Path, browser: Browser) -> None:
    record = built.record["mapping"]
    assert "Refused." in record["refused"][0]
    assert record["proof"]["criteria_met"] is True and record["proof"]["origins"] == 52
    with built.copy(tmp_path / "town") as office:
        decision = case_record(office.kernel, record["case"]).decision
        assert decision is not None and decision.choice == "change"
        assert case_record(office.kernel, record["waiting"]).decision is None
        assert any("all shifts" in line for line in record["refused"])
        long = screens(office, browser)
        assert long["mapping.forecast"] <= 3 and long["mapping.backtest"] <= 5
        assert all(n <= (4 if use == "risk.audit" else 5) for use, n in long.items())
        _streets_are_named(office, record["case"])
    assert "(Use refused)" in built.told and "board.invalid/demonstration did not cosign" in built.told
    assert "L’analyste demande une prévision" in "\n".join(map(in_french, built.said))
    assert "239,935 incidents" in built.told and "expose" in built.told and "long-run average" in built.told


def _streets_are_named(office: Office, case: str) -> None:
    """Beside cells, on pages and in files, with whom to credit; what was found and signed has no such column."""
    if find_spec("pyogrio") is None:
        assert ground_of(office) is None
        return
    found = found_in(office.kernel, case)
    assert found is not None and "near" not in found.table("advice")
    page = case_report(office, whole_case(office.kernel, case), "en")
    assert ">Near<" in page and "Street names: © OpenStreetMap contributors" in page and "Shuter St" in page
    shapes = named_map(office, case, map_of_case(office.kernel, case, office.say("en")))
    assert sum(map(bool, shapes.table["near"])) > 0.9 * len(shapes.table)
    assert "OpenStreetMap" in str(shapes.provenance["near_attribution"])


def test_a_missing_figure_is_a_dash() -> None:
    assert [mapping._figure(value) for value in (float("nan"), 0.01234, 2_731_571, "everybody")] == [
        "–",
        "0.0123",
        "2,731,571",
        "everybody",
    ]
