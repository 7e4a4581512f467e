"""Noisy answers are drawn once: a kept one is never overwritten, a damaged one never drawn again."""

from __future__ import annotations

import pytest

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.storage.database import Database
from peelian.storage.noise_answers import AnswerRows
from peelian.storage.schema import ANSWERS

QUESTION = "ab" * 32


def test_an_answer_is_kept_once(database: Database) -> None:
    answers = AnswerRows(database)
    assert answers.find(QUESTION) is None
    answers.keep(QUESTION, (3, -1, 0))
    answers.keep(QUESTION, (3, -1, 0))
    assert answers.find(QUESTION) == (3, -1, 0)
    with pytest.raises(OutOfOrder, match="drawn once"):
        answers.keep(QUESTION, (3, -1, 1))


@pytest.mark.parametrize("text", ["[1", '{"a": 1}', "[1.5]", "[true]", '["x"]'])
def test_a_damaged_answer_is_no_answer_and_none_is_drawn_instead(database: Database, text: str) -> None:
    answers = AnswerRows(database)
    answers.keep(QUESTION, (1,))
    with database.writing() as connection:
        connection.execute(ANSWERS.update().values(answer=text))
    with pytest.raises(IntegrityError, match="do not draw it again"):
        answers.find(QUESTION)


def test_what_is_no_question_is_refused(database: Database) -> None:
    for name in ("", "../x", "AB" * 32):
        with pytest.raises(InputError):
            AnswerRows(database).find(name)
