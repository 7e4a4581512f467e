"""Conclusions: the sentences follow from the figures, are on the list, and say what cannot be told."""

from __future__ import annotations

from peelian.governance.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.words import english
from peelian.technologies.risk import vocabulary as v
from peelian.technologies.risk.params import AuditParams


def _values(findings: Findings, text: str) -> list[dict[str, object]]:
    return [dict(note.values) for note in findings.notes if note.text == text]


def test_every_sentence_is_listed_and_can_be_filled_in(found: Findings) -> None:
    for note in found.notes:
        assert note.text in v.MESSAGES
        assert "%(" not in english(note.text, **note.values)


def test_the_group_that_bears_more_stands_first(found: Findings) -> None:
    first = _values(found, v.FPR_RATIO)[0]
    assert (first["group"], first["other"]) == ("African-American", "Caucasian")
    assert 1 < float(str(first["low"])) < float(str(first["ratio"]))
    assert _values(found, v.FNR_RATIO)[0]["group"] == "Caucasian"


def test_the_towns_own_numbers_stand_in_the_impossibility(found: Findings) -> None:
    values = _values(found, v.IMPOSSIBLE)[0]
    assert round(float(str(values["p"])), 1) == 51.4
    assert round(float(str(values["q"])), 1) == 39.4
    assert float(str(values["f"])) > float(str(values["g"]))


def test_the_barenstein_error_is_found(windowed: Table, run_audit) -> None:
    values = _values(run_audit(windowed, AuditParams(cut=5, bootstraps=100)), v.ASYMMETRIC)[0]
    assert values["n"] == values["events"] == 998


def test_groups_alike_have_nothing_to_be_said_about(make_tally, run_audit) -> None:
    rows = [(s, o, 200 + 100 * (s == 2) * o, g) for g in "ab" for s in (1, 2) for o in (0, 1)]
    found = run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100))
    assert not _values(found, v.FPR_RATIO)
    assert any(note.text == v.NOTHING_FORCED for note in found.notes)
    assert any(note.text == v.CALIBRATION_HOLDS for note in found.notes)


def test_what_was_not_tested_is_said(race: Table, run_audit) -> None:
    texts = {note.text for note in run_audit(race).notes}
    assert {v.WINDOW_UNKNOWN, v.NO_FEATURES, v.NO_POINTS, v.NOT_EVENTS, v.CANNOT_WHY, v.NO_PERSON} <= texts
