"""Look-ups in tables give None for what is hidden."""

from __future__ import annotations

from audited import compas, matcher

from peelian.audit.figures import by_group, having, own_groups, rows_of


def test_rows_by_group_at_a_score() -> None:
    rates = rows_of(compas().findings, "rates")
    fpr = by_group(rates, "fpr", at=5.0)
    assert round(fpr["race", "Caucasian"], 4) == 0.2345 and fpr["race", "Native American"] is None
    assert by_group(rates, "base_rate", "den")["everyone", "everyone"] == 7_214
    assert rows_of(compas().findings, "nothing") == [] and having(rates, metric="none") == []


def test_own_groups_are_comparisons_within_a_group() -> None:
    trials = rows_of(matcher().findings, "trials")
    assert len(own_groups(trials)) == 7 and len(trials) > 7
