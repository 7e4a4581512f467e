"""Proves that no threshold is reported on what set it, and that a threshold keeps its target exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.scores import built, oriented
from peelian.technologies.faces.measure.thresholds import (
    HALF,
    HALF_OF_ROWS,
    OWN_GROUP,
    SECOND_FILE,
    WORST_GROUP,
    chosen,
    enough,
    operational,
    refuse_shared_subjects,
    split,
    strictest,
)


@pytest.fixture(scope="module")
def scores():
    comparisons, people = example_tables(200)
    return oriented(built([comparisons], people, by=("sex", "group"), least=11), "auto")


def test_the_two_sets_have_no_subject_in_common(scores):
    sets = split(scores, None, seed=3)
    assert sets.set_on == HALF
    rest = scores.take(sets.reported)
    probe, ref = rest.named()
    reported = set(probe.tolist()) | set(ref.tolist())
    assert len(reported) == 100
    assert len(sets.setting.score) == 100 * 99 // 2
    assert len(sets.setting.score) + int((~rest.genuine).sum()) + sets.crossing == 200 * 199 // 2
    assert np.bincount(scores.group_of[sorted(reported)]).tolist() == [25] * 4
    again = split(scores, None, seed=3)
    np.testing.assert_array_equal(again.setting.score, sets.setting.score)


def test_a_second_file_sets_and_the_first_reports(scores):
    sets = split(scores, scores, seed=3)
    assert (sets.set_on, sets.reported) == (SECOND_FILE, None)
    with pytest.raises(InputError, match="2 subjects are in both"):
        refuse_shared_subjects(np.array([1, 2, 3]), np.array([2, 3, 4]))


def test_without_subjects_the_rows_are_halved_and_said_so():
    comparisons, _ = example_tables(60)
    bare = comparisons.columns[:3]
    from peelian.measure.table import Table

    made = oriented(built([Table(name="face_scores", columns=bare)], None, by=("sex",), least=11), "auto")
    sets = split(made, None, seed=1)
    assert sets.set_on == HALF_OF_ROWS
    assert 0.4 < sets.reported.mean() < 0.6


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.floats(0.001, 0.999))
@example(list(range(10)), float(np.nextafter(0.3, 0)))
def test_at_most_the_target_matches_and_one_score_lower_is_too_many(values, target):
    ascending = np.sort(np.array(values, dtype=np.float64))
    threshold = strictest(ascending, target)
    assert (ascending >= threshold).mean() <= target * (1 + 1e-12)
    lower = np.nextafter(threshold, -np.inf)
    assert (ascending >= lower).mean() > target


def test_targets_are_set_as_the_trials_allow(scores):
    sets = split(scores, None, seed=3)
    made, left_out = chosen(sets.setting, sets.set_on, scores.cells, bar=0.05)
    policies = [t.policy for t in made]
    assert policies == ["FMR 1e-2", WORST_GROUP, *[OWN_GROUP] * 4]
    own = [t.value for t in made if t.policy == OWN_GROUP]
    assert next(t.value for t in made if t.policy == WORST_GROUP) == max(own)
    assert left_out == ()
    _, none = chosen(sets.setting, sets.set_on, scores.cells, bar=1e-3)
    assert none == (0, 1, 2, 3)
    assert enough(10_000, 1e-3) and not enough(9_999, 1e-3)


def test_thresholds_in_use_are_turned_with_the_scores():
    assert [(t.policy, t.value) for t in operational((0.4, 0.6), distance=True)] == [
        ("operational 1", -0.4),
        ("operational 2", -0.6),
    ]
