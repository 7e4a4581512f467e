"""Proves that text cells become numbers and words, and that the first bad cell is named by row, column and kind."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.faces.formats.reading import (
    admissible,
    finite_scores,
    numbers,
    one_of,
    option,
    whole,
    without,
    yes_or_no,
)


def test_numbers_read_blanks_as_missing(as_text):
    read = numbers(as_text({"score": [" 0.5 ", "", "-1e-3", "nan"]}), "score", accepted="a number")
    np.testing.assert_array_equal(read, [0.5, np.nan, -0.001, np.nan])


def test_numbers_that_the_reader_took_already_stay(as_text):
    table = Table(name="t", columns=(Column(name="score", kind=Kind.AMOUNT, values=np.array([0.25, 1.0])),))
    assert numbers(table, "score", accepted="").tolist() == [0.25, 1.0]


def test_a_cell_that_is_no_number_is_named_and_not_quoted(as_text):
    with pytest.raises(InputError) as error:
        numbers(as_text({"score": ["0.5", "secret"]}), "score", accepted="a number")
    assert (error.value.row, error.value.column) == (3, "score")
    assert "secret" not in str(error.value)


def test_the_hint_about_the_order_comes_only_with_the_first_row(as_text):
    with pytest.raises(InputError, match="Check the column order"):
        numbers(as_text({"s": ["x", "1"]}), "s", accepted="", hint="Check the column order")
    with pytest.raises(InputError) as error:
        numbers(as_text({"s": ["1", "x"]}), "s", accepted="", hint="Check the column order")
    assert "order" not in str(error.value)


@pytest.mark.parametrize(("score", "says"), [(np.inf, "infinite"), (-np.inf, "infinite"), (np.nan, "missing")])
def test_scores_that_are_not_finite_are_refused_unless_marked_as_failures(as_text, score, says):
    text = as_text({"score": ["1", "?"]})
    scores = np.array([1.0, score])
    with pytest.raises(InputError, match=says) as error:
        finite_scores(text, scores, np.array([False, False]), "score")
    assert error.value.row == 3
    finite_scores(text, scores, np.array([False, True]), "score")


def test_yes_and_no(as_text):
    assert yes_or_no(as_text({"f": ["1", "no", "", "TRUE"]}), "f").tolist() == [True, False, False, True]
    with pytest.raises(InputError, match="neither yes nor no"):
        yes_or_no(as_text({"f": ["1", "perhaps"]}), "f")


def test_words_of_a_list(as_text):
    assert one_of(as_text({"k": ["Genuine", "impostor"]}), "k", {"genuine": 1, "impostor": 0}).tolist() == [1, 0]
    with pytest.raises(InputError, match="not one of the accepted words"):
        one_of(as_text({"k": ["mated"]}), "k", {"genuine": 1})


@pytest.mark.parametrize("bad", ["1.5", "0", "", "x"])
def test_whole_numbers_from_a_least_one_on(as_text, bad):
    assert whole(as_text({"r": ["1", "2"]}), "r", least=1, accepted="").tolist() == [1, 2]
    with pytest.raises(InputError) as error:
        whole(as_text({"r": ["1", bad]}), "r", least=1, accepted="")
    assert error.value.row == 3


def test_an_option_must_be_one_of_its_choices():
    assert option({"kind": " Genuine "}, "kind", ("genuine", "impostor")) == "genuine"
    with pytest.raises(InputError, match="kind"):
        option({}, "kind", ("genuine", "impostor"))


def test_dropped_rows_are_counted_with_the_first(as_text):
    kept, dropped = without(as_text({"a": ["x", "y", "z"]}), np.array([True, False, False]), "Because.")
    assert kept["a"].tolist() == ["x"]
    assert (dropped[0].n, dropped[0].first_row, dropped[0].why) == (2, 3, "Because.")


def test_an_empty_file_is_refused(as_text):
    with pytest.raises(InputError, match="file has no rows"):
        admissible(as_text({"a": []}))
