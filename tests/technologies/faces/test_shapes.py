"""Proves that audit labels are labels: bands instead of ages, few groups, crossed in every way that occurs."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.measure.coded import coded
from peelian.measure.table import Kind
from peelian.technologies.faces.formats.shapes import (
    ScoreColumns,
    admitted_scores,
    admitted_subjects,
    age_band,
    crossed_labels,
    group_labels,
    sex,
)


def test_scores_without_subjects_hold_no_pseudonym_column():
    made = admitted_scores(ScoreColumns(score=np.array([0.5]), genuine=np.array([True]), failed=np.array([False])))
    assert made.table.names == ("score", "genuine", "failed")
    check_at_intake(made)


def test_subjects_stay_pseudonyms_and_groups_are_listed():
    digest = np.array([3, 4])
    no = np.array([False, False])
    made = admitted_scores(
        ScoreColumns(
            score=np.array([0.5, 0.1]),
            genuine=np.array([True, False]),
            failed=no,
            probe=digest,
            ref=digest,
            probe_group=coded(np.array(["b", "a"], dtype=object)),
            ref_group=coded(np.array(["b", "b"], dtype=object)),
        )
    )
    kinds = {c.name: c.kind for c in made.table.columns}
    assert kinds["probe"] is kinds["ref"] is Kind.PSEUDONYM
    assert made.facts["groups"] == "a,b"


def test_subjects_with_every_crossed_label():
    made = admitted_subjects(np.array([1, 2]), {"sex": ["female", "male"], "age_band": ["18-24", "65+"]})
    assert made.facts["groups"].split(",") == ["18-24", "65+", "female", "female / 18-24", "male", "male / 65+"]
    check_at_intake(made)
    assert len(crossed_labels({"sex": ["female"], "age_band": ["18-24"], "group": ["x"]})) == 7


@pytest.mark.parametrize("attributes", [{}, {"sex": ["female", "female"]}])
def test_subjects_twice_or_without_a_label_are_refused(attributes):
    with pytest.raises(InputError):
        admitted_subjects(np.array([1, 1]), attributes)


@pytest.mark.parametrize(("word", "label"), [("F", "female"), ("homme", "male"), ("", "unknown"), ("x", "another")])
def test_sex_labels(word, label):
    assert sex(word) == label


@pytest.mark.parametrize("word", ["34", "1980-05-01", "young"])
def test_an_exact_age_or_a_date_is_no_age_band(word):
    with pytest.raises(InputError) as error:
        age_band(word)
    assert word not in str(error.value)
    assert age_band("25–34") == "25-34"


def test_labels_are_few_short_and_without_commas():
    assert group_labels(["a", ""], "group") == ["a", "unknown"]
    for bad in ([f"g{i}" for i in range(51)], ["a,b"], ["a / b"], ["x" * 41], ["ann", "bob", "John S", "Mei", "Omar"]):
        with pytest.raises(InputError):
            group_labels(bad, "group")
    with pytest.raises(InputError):
        sex("male-ish")
