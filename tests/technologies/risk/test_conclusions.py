"""Conclusions: the answer first, how sure it is, and what is not known; every sentence follows from the figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from peelian.kernel.model.capability import Findings, Note
from peelian.measure.table import Table
from peelian.pictures.words import english
from peelian.technologies.risk.audit import words as v
from peelian.technologies.risk.audit.conclusions import conclusions
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.verdicts import LEVEL
from peelian.technologies.risk.audit.words import BETTER, NO_BETTER, REVERSED, SEPARATES_LESS, TOO_FEW_TO_TELL


def values_of(notes: tuple[Note, ...], text: str) -> list[dict[str, Any]]:
    return [dict(note.values) for note in notes if note.text == text]


def test_every_sentence_is_listed_and_can_be_filled_in(found: Findings) -> None:
    for note in found.notes:
        assert note.text in v.MESSAGES
        assert "%(" not in english(note.text, **note.values)


def test_discrimination_stands_before_anything_else(found: Findings) -> None:
    assert found.notes[0].text == v.OVERALL[BETTER]
    assert found.notes[0].values["auc"] == pytest.approx(0.7022, abs=1e-4)
    told = {word: values_of(found.notes, text) for word, text in v.BY_GROUP.items()}
    assert told == {
        BETTER: [{"n": 9, "all": 11}], TOO_FEW_TO_TELL: [{"n": 2, "all": 11}], NO_BETTER: [], REVERSED: [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("share", "word"),
    [((0.5, 0.5, 0.5), NO_BETTER), ((0.3, 0.5, 0.7), BETTER), ((0.7, 0.5, 0.3), REVERSED)],
)
def test_chance_a_good_score_and_a_turned_scale_are_told_apart(
    make_tally, run_audit, share: tuple[float, ...], word: str
) -> None:
    rows = [(s, o, round(3_000 * (p if o else 1 - p))) for s, p in enumerate(share) for o in (0, 1)]
    assert run_audit(make_tally(rows)).notes[0].text == v.OVERALL[word]


def test_a_probability_that_overstates_everyones_risk_is_said_in_the_answer(make_tally, run_audit) -> None:
    rows = [(p, o, round(2000 * (0.71 * p if o else 1 - 0.71 * p))) for p in (0.2, 0.4, 0.6) for o in (0, 1)]
    found = run_audit(make_tally(rows), AuditParams(cut=0.4, probability=True, bootstraps=100))
    values = values_of(found.notes, v.OVERALL_MORE)[0]
    assert round(values["share"]) == 41 and (values["observed"], values["expected"]) == (1704, 2400)
    assert values["low"] < values["ratio"] < values["high"] < 1
    assert v.OWN_VALUE in {note.text for note in found.notes}


@pytest.mark.parametrize(("scale", "said"), [(1, True), (10, False)])
def test_scores_that_look_like_probabilities_are_said_where_they_were_not_declared(
    make_tally, run_audit, scale: int, said: bool
) -> None:
    rows = [(p * scale, o, 500) for p in (0.2, 0.4, 0.6) for o in (0, 1)]
    notes = run_audit(make_tally(rows), AuditParams(cut=0.4 * scale, bootstraps=100)).notes
    assert (v.LIKE_PROBABILITIES in {note.text for note in notes}) is said


def test_a_slope_of_everyone_is_said_with_its_ends_in_order(computed, crossed: Table) -> None:
    found = computed(crossed)
    words = (SEPARATES_LESS, *found.judged.calibration[1:])
    ends = tuple(np.full(len(words), end) for end in (0.4, 0.6))
    turned = replace(found, judged=replace(found.judged, calibration=words), held=replace(found.held, slope=ends))
    values = values_of(conclusions(turned), v.OVERALL_SLOPE_LESS)[0]
    assert (values["low"], values["high"]) == (0.4, 0.6)


def test_the_number_of_tests_and_the_level_are_said(computed, crossed: Table) -> None:
    found = computed(crossed)
    values = values_of(conclusions(found), v.CORRECTED)[0]
    assert values["n"] == sum(np.isfinite(p).sum() for p in found.judged.adjusted.values()) > 80
    assert values["most"] == 100 * LEVEL == 3


def test_what_the_score_is_held_against_is_said(found: Findings) -> None:
    assert v.RANK in {note.text for note in found.notes}


def test_groups_alike_have_nothing_to_be_said_about(make_tally, run_audit) -> None:
    rows = [(s, o, 200 + 100 * (s == 2) * o, g) for g in "ab" for s in (1, 2) for o in (0, 1)]
    texts = {n.text for n in run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100)).notes}
    assert {v.CALIBRATION_HOLDS, v.NOBODY, v.NOTHING_FORCED} <= texts
    assert not texts & {v.FPR_RATIO, v.FNR_RATIO, v.PPV_RATIO, v.CALIBRATION_DIFFERS, v.IMPOSSIBLE}


def test_the_barenstein_error_is_found_and_only_beyond_chance(windowed: Table, computed) -> None:
    found = computed(windowed)
    values = values_of(conclusions(found), v.ASYMMETRIC)[0]
    assert values["n"] == values["events"] == 998
    weak = replace(found.judged, adjusted={**found.judged.adjusted, "follow_up": np.array([0.031])})
    assert values_of(conclusions(replace(found, judged=weak)), v.SYMMETRIC)


def test_what_was_not_tested_is_said(race: Table, run_audit) -> None:
    texts = {note.text for note in run_audit(race).notes}
    assert {v.WINDOW_UNKNOWN, v.NO_FEATURES, v.NO_POINTS, v.NOT_EVENTS, v.CANNOT_WHY, v.NO_PERSON} <= texts


def test_the_difference_to_the_simple_model_stands_with_its_ends_in_order(found: Findings) -> None:
    values = values_of(found.notes, v.RIVAL)[0]
    assert values["low"] < values["rival"] - values["own"] < values["high"] < 0
