"""Proves that copies of every row are told from chance repeats, and failure codes from negative scores."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.faces.shapes import ScoreColumns
from peelian.technologies.faces.suspicions import examined


def columns(score, probe=None, ref=None, genuine=None):
    score = np.asarray(score, dtype=np.float64)
    genuine = np.arange(len(score)) % 2 == 0 if genuine is None else genuine
    return ScoreColumns(score=score, genuine=genuine, failed=np.isnan(score), probe=probe, ref=ref)


def test_copies_of_a_large_file_keep_one_of_each_in_the_file_s_order():
    rng = np.random.default_rng(1)
    n = 60_000
    score, probe, ref = rng.random(n), rng.integers(0, 2**62, n), rng.integers(0, 2**62, n)
    order = rng.permutation(3 * n)
    tripled = columns(
        np.tile(score, 3)[order], np.tile(probe, 3)[order], np.tile(ref, 3)[order], np.tile(score > 0.5, 3)[order]
    )
    kept, dropped = examined(tripled, 2)
    assert sorted(kept.score.tolist()) == sorted(score.tolist())
    assert kept.score[0] == tripled.score[0]
    assert [d.n for d in dropped] == [2 * n] and dropped[0].first_row > 2


def test_a_pair_with_two_equal_scores_of_its_own_keeps_both():
    score = [*np.linspace(0, 1, 30), 0.5, 0.5]
    kept, _ = examined(columns([*score, *score], genuine=np.tile(np.arange(32) % 2 == 0, 2)), 2)
    assert len(kept.score) == 32


def test_whole_number_scores_recur_by_chance_and_stay():
    rng = np.random.default_rng(2)
    few = rng.integers(0, 40, 5000)
    kept, dropped = examined(columns(few), 2)
    assert len(kept.score) == 5000 and not dropped


@pytest.mark.parametrize(("scores", "row"), [([0.4, 0.2, -1.0, 0.9], 4), ([0.4, -999.0, 0.2, -999.0], 3)])
def test_the_only_negative_score_is_a_code_for_failures(scores, row):
    with pytest.raises(InputError, match="failures") as caught:
        examined(columns(scores), 2)
    assert (caught.value.row, caught.value.column) == (row, "score")


@pytest.mark.parametrize("scores", [[0.4, -0.3, -1.0, 0.9], [-1.0, -2.0, -3.0], [-0.5, 0.2, 0.9]])
def test_scores_below_zero_are_scores(scores):
    assert len(examined(columns(scores), 2)[0].score) == len(scores)
