"""Proves that an audit says what it found and what it cannot tell, in listed sentences only."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.table import Table
from peelian.pictures.words import english
from peelian.technologies.faces.audit import sentences as answers
from peelian.technologies.faces.audit import sentences as notes
from peelian.technologies.faces.audit.audited import audited
from peelian.technologies.faces.audit.declared import AuditParams
from peelian.technologies.faces.audit.sentences import MESSAGES, findings_of
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.scores import built, oriented


@pytest.fixture(scope="module")
def tables():
    return example_tables(160)


def found(tables, *, people=True, named=True, **params):
    comparisons = tables[0] if named else Table(name="face_scores", columns=tables[0].columns[:3])
    scores = oriented(built([comparisons], tables[1] if people and named else None, by=("sex",), least=11), "auto")
    return findings_of(audited(AuditParams(**params), scores, seed=1))


def said(findings):
    return {note.text for note in findings.notes}


def test_every_sentence_is_listed_and_can_be_filled_in(tables):
    for findings in (found(tables, thresholds=(2.4,)), found(tables, thresholds=(4.5,)), found(tables, named=False)):
        assert said(findings) <= MESSAGES
        assert all(english(note.text, **note.values) for note in findings.notes)


def test_it_always_says_that_it_is_no_permission(tables):
    assert {notes.NO_USE, notes.CORPUS} <= said(found(tables))


def test_zero_false_matches_are_a_bound_in_words(tables):
    findings = found(tables, thresholds=(9.0,))
    assert answers.OVERALL_NONE in said(findings)
    assert notes.ZEROS in said(findings)
    assert answers.WORST_UNSURE in said(findings)


def test_unnamed_subjects_are_said_and_cost_the_intervals(tables):
    findings = found(tables, named=False)
    assert {answers.UNKNOWN_BARE, notes.NO_INTERVALS, notes.ROW_HALVES, answers.OVERALL_BARE} <= said(findings)
    assert findings.facts["subjects"] == 0
    rates = findings.table("rates")
    assert np.isnan(rates["low"][rates["errors"] > 0]).all()


def test_recurring_subjects_are_worth_fewer_comparisons(tables):
    one = next(n for n in found(tables, thresholds=(1.5,)).notes if n.text == notes.WIDER)
    assert one.values["effective"] < one.values["n"]


def test_a_digest_of_the_system_is_a_fact_only_when_given(tables):
    assert "system_digest" not in found(tables).facts
    assert found(tables, system_digest="ab" * 32).facts["system_digest"] == "ab" * 32


def test_subjects_without_pseudonyms_in_the_comparisons_are_an_error(tables):
    bare = Table(name="face_scores", columns=tables[0].columns[:3])
    with pytest.raises(InputError, match="comparisons without pseudonyms"):
        built([bare], tables[1], by=("sex",), least=11)
