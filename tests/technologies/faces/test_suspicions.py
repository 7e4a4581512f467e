"""What only a whole score file shows: copied rows, failure codes, one score for all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.faces.formats.parts import REPEATED, examined
from peelian.technologies.faces.formats.shapes import ScoreColumns


def columns(score: Any, people: Any = None) -> ScoreColumns:
    n = len(score)
    pairs = np.arange(n, dtype=np.int64) if people is None else people
    return ScoreColumns(
        score=np.asarray(score, dtype=np.float64),
        genuine=np.arange(n) % 2 == 0,
        failed=np.zeros(n, dtype=np.bool_),
        probe=pairs,
        ref=pairs + 1,
    )


def test_a_file_copied_three_times_counts_once() -> None:
    score, people = np.tile(np.linspace(0, 1, 50), 3), np.tile(np.arange(50, dtype=np.int64), 3)
    once, (dropped,) = examined(columns(score, people), 2)
    assert len(once.score) == 50 and (dropped.why, dropped.n, dropped.first_row) == (REPEATED, 100, 52)


def test_scores_that_recur_by_chance_stay() -> None:
    whole, dropped = examined(columns(np.random.default_rng(1).integers(0, 5, 400)), 2)
    assert len(whole.score) == 400 and dropped == ()


def test_one_negative_number_among_scores_is_a_code_and_two_are_scores() -> None:
    score = np.linspace(0, 1, 60)
    score[7] = -1
    with pytest.raises(InputError, match=r"row 9, column score: .*code for failures"):
        examined(columns(score), 2)
    score[8] = -0.5
    assert len(examined(columns(score), 2)[0].score) == 60


def test_one_score_for_all_is_refused() -> None:
    with pytest.raises(InputError, match="all scores are equal"):
        examined(columns(np.ones(60)), 2)
