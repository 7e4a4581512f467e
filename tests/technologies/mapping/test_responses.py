"""Every category that people report has an answer besides police, and the people there are asked first."""

from __future__ import annotations

from peelian.measure.categories import CATEGORIES
from peelian.technologies.mapping.responses import ASK, RESPONSES, SENTENCES, responses_to


def test_every_category_has_an_answer_and_asking_comes_first() -> None:
    for word in (*CATEGORIES, "all"):
        answers = responses_to(word)
        assert answers[0] == ASK and len(answers) >= 2
        assert len(set(answers)) == len(answers) and set(answers) <= SENTENCES


def test_answers_are_for_categories_of_the_published_list() -> None:
    assert set(RESPONSES) <= set(CATEGORIES)
