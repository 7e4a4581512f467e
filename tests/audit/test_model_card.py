"""The card has the sections of Mitchell et al. and the figures of the audit."""

from __future__ import annotations

from audited import compas, matcher

SECTIONS = ["details", "use", "factors", "metrics", "evaluation", "training", "unitary", "crossed", "ethics", "caveats"]


def test_a_risk_card_has_every_section_in_order_and_golden_figures() -> None:
    parts = {part.id: part for part in compas().model_card().parts}
    assert list(parts) == SECTIONS
    (row,) = [row for row in parts["unitary"].rows if row["group"] == "African-American"]
    assert [round(row[name], 4) for name in ("fpr", "fnr", "ppv")] == [0.4485, 0.2799, 0.6297]
    assert row["n"] == 3_696 and round(row["auc"], 4) == 0.6918 and round(row["slope"], 3) == 0.986
    assert all(row["axis"] == "crossed" for row in parts["crossed"].rows) and len(parts["crossed"].rows) == 12
    assert parts["training"].says == () and parts["training"].open, "an audit does not see training data"
    assert parts["unitary"].says == compas().conclusions and parts["caveats"].says == compas().caveats


def test_a_matchers_card_has_rates_with_their_intervals_and_comparisons() -> None:
    parts = {part.id: part for part in matcher().model_card().parts}
    assert list(parts) == [name for name in SECTIONS if name != "crossed"]
    rows = {row["group"]: row for row in parts["unitary"].rows}
    assert len(rows) == 7 and rows["all"]["subjects"] == 120
    every = rows["all"]
    assert every["fmr_low"] < every["fmr"] < every["fmr_high"] and every["fmr_n"] > 1_000
    assert rows["female / group 01"]["fnmr_adequacy"]
