"""The demonstration on Toronto's incidents: refused first, proven, adopted, decided, published, verified."""

from __future__ import annotations

from pathlib import Path

from lengths import screens
from narration import in_french

from peelian.demos import mapping
from peelian.demos.demo import demonstrate
from peelian.oversight.register import published, refusals


def test_the_whole_walk_on_real_incidents(tmp_path: Path) -> None:
    said: list[str] = []
    office, record = demonstrate("mapping", tmp_path / "town", say=said.append, progress=lambda says, share: None)
    with office:
        assert "Refused." in record["refused"][0]
        assert record["proof"]["criteria_met"] is True and record["proof"]["origins"] == 52
        assert {case.choice for case in published(office.kernel)} == {"adopt", "change"}
        assert refusals(office.kernel)[("mapping.forecast", "the_authorizations_are_in_order")] == 1
        assert record["log"]["holds"]
        long = screens(office)
        assert long["mapping.forecast"] <= 3 and long["mapping.backtest"] <= 5
        assert len(record["pages"]) >= 6 and all(Path(page).is_file() for page in record["pages"])
    text = "\n".join(said)
    assert (
        "(Use refused)" in text and "The witness refuses the copy: board.invalid/demonstration did not cosign" in text
    )
    assert "L’analyste demande une prévision" in "\n".join(map(in_french, said))
    assert "239,935 incidents" in text and "expose" in text and "long-run average" in text


def test_a_missing_figure_is_a_dash() -> None:
    assert [mapping._figure(value) for value in (float("nan"), 0.01234, 2_731_571, "everybody")] == [
        "–",
        "0.0123",
        "2,731,571",
        "everybody",
    ]
