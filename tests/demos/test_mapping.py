"""Predictive mapping in the town: refused first, proven, adopted, decided, published; a second forecast waits."""

from __future__ import annotations

from pathlib import Path

from demo_town import Built
from narration import in_french

from peelian.demos import mapping
from peelian.oversight.register import case_record


def test_the_whole_walk_on_real_incidents(built: Built, tmp_path: Path) -> None:
    record = built.record["mapping"]
    assert "Refused." in record["refused"][0]
    assert record["proof"]["criteria_met"] is True and record["proof"]["origins"] == 52
    with built.copy(tmp_path / "town") as office:
        decision = case_record(office.kernel, record["case"]).decision
        assert decision is not None and decision.choice == "change"
        assert case_record(office.kernel, record["waiting"]).decision is None
    assert "(Use refused)" in built.told and "board.invalid/demonstration did not cosign" in built.told
    assert "L’analyste demande une prévision" in "\n".join(map(in_french, built.said))
    assert "239,935 incidents" in built.told and "expose" in built.told and "long-run average" in built.told


def test_a_missing_figure_is_a_dash() -> None:
    assert [mapping._figure(value) for value in (float("nan"), 0.01234, 2_731_571, "everybody")] == [
        "–",
        "0.0123",
        "2,731,571",
        "everybody",
    ]
