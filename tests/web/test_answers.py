"""The answer letter: every access with what explains it, in both languages; an empty one is as clear; no name in it."""

from __future__ import annotations

import pytest
from precinct import person, precinct

from peelian.acts import answers
from peelian.acts.answers import answer_document
from peelian.catalogues import say_in
from peelian.errors import InputError
from peelian.kernel.records.office_records import ACTIONS, subject_token
from peelian.oversight.review.subjects import subject_report
from peelian.web.documents import drawn

MADE = "2026-03-09T09:00:00+00:00"


@pytest.mark.parametrize(("language", "says"), [("en", "Unexplained"), ("fr", "Inexpliqué")])
def test_a_letter_tells_every_access_and_what_explains_it(language: str, says: str) -> None:
    at = precinct()
    at.look("anna", person(3))
    at.look("bela", person(3), case="", action="print")
    report = subject_report(at.desk.kernel, subject_token(at.desk.kernel, person(3)))
    page = drawn(answer_document(at.desk.office, report, language, name="answer.html"), at.desk.office).decode()
    assert says in page and "unit-analyst" in page and "Anna" not in page and person(3) not in page
    pdf = drawn(answer_document(at.desk.office, report, language, name="answer.pdf"), at.desk.office)
    assert pdf.startswith(b"%PDF")


def test_nobody_looked_is_said_as_clearly_and_an_unknown_form_refused() -> None:
    at = precinct()
    report = subject_report(at.desk.kernel, subject_token(at.desk.kernel, "P-9999"))
    page = drawn(answer_document(at.desk.office, report, "fr", name="answer.html"), at.desk.office).decode()
    assert "Personne n’a consulté" in page
    with pytest.raises(InputError, match="form"):
        drawn(answer_document(at.desk.office, report, "en", name="answer.fax"), at.desk.office)


def test_every_action_and_ground_can_be_said_in_french() -> None:
    say = say_in("fr", ["peelian.pictures", "peelian.acts", "peelian.web"], strict=True)
    told = (*answers.ACTIONS.values(), *answers.GROUNDS.values(), *answers.OUTCOMES.values())
    assert all(say(text) for text in told) and set(answers.ACTIONS) >= ACTIONS
