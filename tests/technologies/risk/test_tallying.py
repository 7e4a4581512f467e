"""Tallying: people become counts at the door, however the file arrives, and nothing of a person is kept."""

from __future__ import annotations

import doctest
from collections.abc import Iterator

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk.formats import tallying
from peelian.technologies.risk.formats.layout import layout_of
from peelian.technologies.risk.formats.tally import COHORT, TALLY
from peelian.technologies.risk.formats.tallying import BEFORE, LATE, LEFT_OUT, NO_SCORE, ROUNDED, tallied

Row = dict[str, str]


def _text(rows: list[Row], first: int = 2) -> Table:
    columns = [Column(name="row", kind=Kind.COUNT, values=np.arange(first, first + len(rows)))]
    for name in rows[0]:
        values = np.array([row[name] for row in rows], dtype=object)
        columns.append(Column(name=name, kind=Kind.PERSONAL, values=values))
    return Table(name="text", columns=tuple(columns))


def _cohort(size: int = 400, seed: int = 1) -> list[Row]:
    rng = np.random.default_rng(seed)
    return [
        {"score": str(rng.integers(1, 5)), "outcome": str(rng.integers(0, 2)), "race": str(rng.choice(["a", "b, c"]))}
        for _ in range(size)
    ]


def _parts(rows: list[Row], size: int) -> Iterator[Table]:
    for begin in range(0, len(rows), size):
        yield _text(rows[begin : begin + size], first=begin + 2)


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(tallying).failed == 0


def test_parts_and_the_whole_give_the_same_tally(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _cohort()
    layout = layout_of(list(rows[0]), {}, COHORT)
    whole = tallied([_text(rows)], layout)
    monkeypatch.setattr(tallying, "PILE", 10)
    parts = tallied(_parts(rows, 37), layout)
    assert whole.table.digest() == parts.table.digest()
    assert whole.facts["people"] == 400
    assert len(whole.table) <= 16


def test_labels_with_commas_do_not_break_the_list_of_words() -> None:
    taken = tallied([_text(_cohort())], layout_of(["score", "outcome", "race"], {}, COHORT))
    assert set(taken.table["race"].tolist()) == {"a", "b; c"}
    assert str(taken.facts["groups"]).split(",") == ["race", "everyone", "crossed", "a", "b; c"]


def test_rows_without_a_score_are_dropped_and_counted_unknown_outcomes_kept() -> None:
    rows = [
        {"score": "", "outcome": "1", "race": "a"},
        {"score": "1", "outcome": "", "race": "a"},
        {"score": "1", "outcome": "1", "race": "a"},
    ]
    taken = tallied([_text(rows)], layout_of(list(rows[0]), {}, COHORT))
    assert [(d.why, d.n, d.first_row) for d in taken.dropped] == [(NO_SCORE, 1, 2)]
    assert sorted(taken.table["outcome_known"].tolist()) == [0, 1]


def test_late_outcomes_do_not_count_early_ones_are_dropped_and_short_windows_marked() -> None:
    base = {"outcome": "1", "score": "2", "score_date": "2013-01-01"}
    rows = [
        {**base, "outcome_date": "2013-06-01"},
        {**base, "outcome_date": "2016-01-01"},
        {**base, "outcome_date": "2012-01-01"},
        {**base, "score_date": "2014-12-01", "outcome_date": "2014-12-05"},
    ]
    options = {"window_days": "730", "data_until": "2016-03-01"}
    taken = tallied([_text(rows)], layout_of(list(rows[0]), options, COHORT))
    assert [(d.why, d.first_row) for d in taken.dropped] == [(BEFORE, 4)]
    assert [note.text for note in taken.notes] == [LATE]
    by = {
        (o, w): n for o, w, n in zip(*(taken.table[c].tolist() for c in ("outcome", "full_window", "n")), strict=True)
    }
    assert by == {(0, 1): 1, (1, 1): 1, (1, 0): 1}


def test_follow_up_days_tell_who_was_watched_for_the_whole_window() -> None:
    rows = [{"score": "1", "outcome": "0", "follow_up_days": d} for d in ("800", "100")]
    taken = tallied([_text(rows)], layout_of(list(rows[0]), {"window_days": "730"}, COHORT))
    assert sorted(taken.table["full_window"].tolist()) == [0, 1]


def test_a_point_table_is_recomputed_at_the_door_and_its_items_are_gone() -> None:
    rows = [{"score": "2", "outcome": "0", "priors": "4"}, {"score": "2", "outcome": "1", "priors": "0"}]
    taken = tallied([_text(rows)], layout_of(list(rows[0]), {"points": "priors: 0=0; 1+=2"}, COHORT))
    assert sorted(taken.table["recomputed"].tolist()) == [0, 2]
    assert "priors" not in taken.table


def test_weights_are_summed_with_their_squares() -> None:
    rows = [{"score": "2", "outcome": "0", "weight": w} for w in ("1", "3")]
    taken = tallied([_text(rows)], layout_of(list(rows[0]), {}, COHORT))
    assert taken.table["weight"].tolist() == [4]
    assert taken.table["weight_squares"].tolist() == [10]


def test_a_column_marks_rows_to_be_left_out() -> None:
    rows = [{"score": "2", "outcome": "0", "n": "5", "keep": k} for k in "01"]
    taken = tallied([_text(rows)], layout_of(list(rows[0]), {"only": "keep"}, TALLY))
    assert taken.facts["people"] == 5
    assert [d.why for d in taken.dropped] == [LEFT_OUT]


def test_scores_that_are_all_different_are_cut_so_that_they_fit_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallying, "EXACT_SCORES", 50)
    rng = np.random.default_rng(1)
    rows = [{"score": f"{rng.random():.9f}", "outcome": str(i % 2)} for i in range(300)]
    taken = tallied([_text(rows)], layout_of(list(rows[0]), {}, COHORT))
    assert [note.text for note in taken.notes] == [ROUNDED]
    scores = taken.table["score"]
    assert np.allclose(scores, np.round(scores, 7))
    exact = sum(float(row["score"]) >= 0.5 for row in rows)
    assert taken.table["n"][scores >= 0.5].sum() == exact, "a cut of four digits divides people as before"


@pytest.mark.parametrize("n", ["-1", "1.5", ""])
def test_a_number_of_people_that_is_none_is_refused_with_its_row(n: str) -> None:
    rows = [{"score": "1", "outcome": "0", "n": "3"}, {"score": "1", "outcome": "0", "n": n}]
    with pytest.raises(InputError) as error:
        tallied([_text(rows)], layout_of(list(rows[0]), {}, TALLY))
    assert (error.value.row, error.value.column) == (3, "n")


def test_no_score_at_all_is_not_enough() -> None:
    with pytest.raises(NotEnoughData):
        tallied([_text([{"score": "", "outcome": "0"}])], layout_of(["score", "outcome"], {}, COHORT))


def test_a_group_column_that_names_people_is_refused() -> None:
    rows = [{"score": "1", "outcome": "0", "group": f"Jane Roe {i}"} for i in range(80)]
    with pytest.raises(InputError, match="names of people") as error:
        tallied([_text(rows)], layout_of(list(rows[0]), {}, COHORT))
    assert "Roe" not in str(error.value)
