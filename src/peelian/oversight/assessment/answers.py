"""Answers to the impact assessment: read from files, and every one that is missing, unknown or contradictory named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.oversight.assessment.questions import Answers, Question, Questionnaire, given

MOST_NAMED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one answer: kind (missing, unknown, contradictory), the question, and a message id."""

    kind: str
    question: str
    says: str


MISSING = "not answered"
NO_QUESTION = "unknown question"
NO_CHOICE = "not one of the answers offered"
ONLY_ONE = "only one answer allowed"
NOT_ASKED = "answered, but another answer makes this question not applicable"
ALONE = "one answer excludes the others"
SAYS = (MISSING, NO_QUESTION, NO_CHOICE, ONLY_ONE, NOT_ASKED, ALONE)


def faults(questions: Questionnaire, answers: Answers) -> tuple[Fault, ...]:
    """Everything wrong with the answers, in the order of the questions; empty where they are complete. O(questions).

    An answer to a question that another answer rules out is a contradiction: one of the two is not meant.
    """
    known = {q.id for q in questions.questions} | questions.uncounted
    strange = [Fault(kind="unknown", question=n[:60], says=NO_QUESTION) for n in answers if n not in known]
    return (*strange, *(fault for q in questions.questions for fault in _faults_of(q, answers)))


def checked(questions: Questionnaire, answers: Answers) -> Answers:
    """The answers, once nothing is wrong with them; NotEnoughData where some are missing, else InputError."""
    found = faults(questions, answers)
    wrong = [fault for fault in found if fault.kind != "missing"]
    if wrong:
        says = sentence("answers conflict: %(names)s", names=_named(wrong))
        raise InputError(says, accepted="the values of each question")
    if found:
        says = sentence("%(n)d questions without an answer: %(names)s", n=len(found), names=_named(list(found)))
        raise NotEnoughData(says, accepted="an answer to every applicable question")
    return answers


def read_answers(content: bytes, *, name: str = "answers") -> dict[str, str | tuple[str, ...]]:
    """Answers from a file of ours ({"answers": …}) or saved by the official tool ({"data": …}).

    InputError: no JSON, or values that are neither text nor lists of texts.
    """
    wrong = InputError("file without answers", file=name, accepted='{"answers": {"question": "value"}}')
    try:
        data = json.loads(content)
        found = data.get("answers", data.get("data"))
        return {str(key): _value(value) for key, value in found.items() if value is not None}
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise wrong from None


def _value(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    if isinstance(value, (int, float)):
        return str(value)  # the official tool keeps some unscored fields as numbers
    raise TypeError("neither text nor a list of texts")


def _faults_of(question: Question, answers: Answers) -> Iterator[Fault]:
    name, values = question.id, given(answers, question.id)
    if not question.asked(answers):
        if values:
            yield Fault(kind="contradictory", question=name, says=NOT_ASKED)
    elif name not in answers:
        if not question.optional:
            yield Fault(kind="missing", question=name, says=MISSING)
    elif not set(values) <= {choice.value for choice in question.choices} or len(set(values)) < len(values):
        yield Fault(kind="unknown", question=name, says=NO_CHOICE)
    elif not question.many and len(values) != 1:
        yield Fault(kind="contradictory", question=name, says=ONLY_ONE)
    elif len(values) > 1 and question.alone & set(values):
        yield Fault(kind="contradictory", question=name, says=ALONE)


def _named(found: list[Fault]) -> str:
    names = ", ".join(f"{fault.question} ({fault.says})" for fault in found[:MOST_NAMED])
    more = len(found) - MOST_NAMED
    return sentence("%(names)s and %(n)d more", names=names, n=more) if more > 0 else names


def answers_as_json(answers: Answers, **more: Any) -> str:
    """Answers as a file that `read_answers` reads again."""
    plain: Mapping[str, Any] = {k: v if isinstance(v, str) else list(v) for k, v in answers.items()}
    return json.dumps({**more, "answers": plain}, ensure_ascii=False, indent=1)
