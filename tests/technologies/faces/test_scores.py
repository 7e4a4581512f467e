"""Proves how comparisons get their subjects, groups and direction, and what is refused on the way."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.measure.coded import coded
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.formats.shapes import ScoreColumns, admitted_scores, admitted_subjects
from peelian.technologies.faces.measure.scores import built, digests_of, genuine_above, labels_of, oriented


def table_of(score, genuine, probe=None, ref=None, groups=None):
    score = np.asarray(score, dtype=np.float64)
    sides = [None if side is None else np.asarray(side, dtype=np.int64) for side in (probe, ref)]
    named = [None if groups is None else coded(np.array(side, dtype=object)) for side in (groups or (None, None))]
    columns = ScoreColumns(
        score=score,
        genuine=np.asarray(genuine, dtype=np.bool_),
        failed=np.isnan(score),
        probe=sides[0],
        ref=sides[1],
        probe_group=named[0],
        ref_group=named[1],
    )
    return admitted_scores(columns).table


def test_subjects_get_numbers_and_groups_from_their_table():
    scores, people = example_tables(60)
    made = built([scores], people, by=("sex",), least=11)
    assert made.subjects == 60
    assert made.cells.groups == ("female", "male")
    probe, ref = made.named()
    assert ((probe == ref) == made.genuine).all()
    sexes = dict(zip(people["subject"].tolist(), people["sex"].tolist(), strict=True))
    first = made.cells.groups[made.group_of[probe[0]]]
    assert first == sexes[int(scores["probe"][0])]


def test_files_join_into_one():
    first = table_of([0.9, 0.8], [True, True], [1, 2], [1, 2])
    second = table_of([0.1], [False], [1], [2])
    made = built([first, second], None, by=("sex",), least=11)
    assert (len(made), made.subjects, made.cells.groups) == (3, 2, ())
    assert digests_of([first, second]).tolist() == [1, 2]


def test_groups_in_the_rows_must_not_contradict_each_other():
    sides = (["a", "a"], ["a", "b"])
    made = built([table_of([0.9, 0.1], [True, False], [1, 1], [1, 2], sides)], None, by=("sex",), least=1)
    assert set(made.cells.groups) == {"a", "b"}
    with pytest.raises(InputError, match="two different groups"):
        built(
            [table_of([0.9, 0.1], [True, False], [1, 1], [1, 2], (["a", "b"], ["a", "b"]))], None, by=("sex",), least=1
        )


def test_without_subjects_groups_come_from_the_rows_and_small_ones_are_closed():
    genuine = [True] * 40 + [False] * 5
    groups = (["a"] * 14 + ["b"] * 16 + ["c"] * 10 + ["a"] * 5, ["a"] * 14 + ["b"] * 16 + ["c"] * 10 + ["b"] * 5)
    made = built([table_of(np.linspace(0, 1, 45), genuine, groups=groups)], None, by=("sex",), least=11)
    assert made.cells.groups == ("b",)
    assert made.suppressed == ("a", "c")
    with pytest.raises(InputError, match="no subject pseudonyms"):
        made.named()


def test_a_subject_missing_from_the_table_is_outside_every_group():
    people = admitted_subjects(np.array([1, 2]), {"sex": ["female", "male"]}).table
    assert labels_of(np.array([1, 7]), people, ("sex",)) == ["female", ""]
    with pytest.raises(InputError, match="no requested attribute"):
        labels_of(np.array([1]), people, ("age_band",))


def test_distances_are_told_from_similarities_and_negated():
    score, genuine = [1.0, 2.0, 8.0, 9.0], [True, True, False, False]
    made = oriented(built([table_of(score, genuine)], None, by=("sex",), least=11), "auto")
    assert made.distance
    assert made.score.tolist() == [-1.0, -2.0, -8.0, -9.0]
    with pytest.raises(InputError, match="run as a distance"):
        oriented(built([table_of(score, genuine)], None, by=("sex",), least=11), "similarity")


@pytest.mark.parametrize("genuine", [[True, True], [False, False]])
def test_one_class_only_is_not_enough(genuine):
    with pytest.raises(NotEnoughData, match=r"no (genuine|impostor) comparison"):
        oriented(built([table_of([0.1, 0.2], genuine)], None, by=("sex",), least=11), "auto")


def test_a_group_whose_scores_run_the_other_way_is_named():
    rng = np.random.default_rng(1)
    good, bad = rng.normal(0, 1, 400), rng.normal(0, 1, 100)
    genuine = np.concatenate([np.arange(400) < 200, np.arange(100) < 50])
    score = np.concatenate([good + 4 * (np.arange(400) < 200), bad - 4 * (np.arange(100) < 50)])
    side = ["a"] * 400 + ["b"] * 100
    with pytest.raises(InputError, match="group b run in the opposite direction"):
        oriented(built([table_of(score, genuine, groups=(side, side))], None, by=("sex",), least=11), "auto")


def test_kinds_and_subjects_that_disagree_are_refused():
    with pytest.raises(InputError, match="disagree") as error:
        built([table_of([0.9, 0.1], [True, True], [1, 1], [1, 2])], None, by=("sex",), least=11)
    assert error.value.row == 3


def test_ties_count_one_half_in_the_share_above():
    made = built([table_of([0.5, 0.5], [True, False])], None, by=("sex",), least=11)
    assert genuine_above(made) == 0.5
