"""The demonstration on Toronto's incidents: refused first, proven, adopted, decided, published, verified."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from lengths import screens
from narration import in_french

from peelian.demos import mapping
from peelian.demos.demo import demonstrate
from peelian.operations.ground import ground_of, named
from peelian.operations.office import Office
from peelian.oversight.case_map import map_of_case
from peelian.oversight.register import case_record, published, refusals
from peelian.web.cases import case_report


def test_the_whole_walk_on_real_incidents(tmp_path: Path) -> None:
    said: list[str] = []
    office, record = demonstrate("mapping", tmp_path / "town", say=said.append, progress=lambda says, share: None)
    with office:
        assert "Refused." in record["refused"][0]
        assert any("all shifts" in line for line in record["refused"])
        assert record["proof"]["criteria_met"] is True and record["proof"]["origins"] == 52
        assert {case.choice for case in published(office.kernel)} == {"adopt", "change"}
        assert refusals(office.kernel)[("mapping.forecast", "the_authorizations_are_in_order")] == 1
        assert record["log"]["holds"]
        long = screens(office)
        assert long["mapping.forecast"] <= 3 and long["mapping.backtest"] <= 5
        _streets_are_named(office, record["case"])
        assert len(record["pages"]) >= 6 and all(Path(page).is_file() for page in record["pages"])
    text = "\n".join(said)
    assert (
        "(Use refused)" in text and "The witness refuses the copy: board.invalid/demonstration did not cosign" in text
    )
    assert "L’analyste demande une prévision" in "\n".join(map(in_french, said))
    assert "239,935 incidents" in text and "expose" in text and "long-run average" in text


def _streets_are_named(office: Office, case: str) -> None:
    """Beside cells, on pages and in files, with whom to credit; what was found and signed has no such column."""
    if find_spec("pyogrio") is None:
        assert ground_of(office) is None
        return
    found = case_record(office.kernel, case).findings
    assert found is not None and "near" not in found.table("advice")
    page = case_report(office, case, "en")
    assert ">Near<" in page and "Street names: © OpenStreetMap contributors" in page and "Shuter St" in page
    shapes = named(office, case, map_of_case(office.kernel, case, office.say("en")))
    assert sum(map(bool, shapes.table["near"])) > 0.9 * len(shapes.table)
    assert "OpenStreetMap" in str(shapes.provenance["near_attribution"])


def test_a_missing_figure_is_a_dash() -> None:
    assert [mapping._figure(value) for value in (float("nan"), 0.01234, 2_731_571, "everybody")] == [
        "–",
        "0.0123",
        "2,731,571",
        "everybody",
    ]
