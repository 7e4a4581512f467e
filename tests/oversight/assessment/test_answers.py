"""Answers are complete or every gap, stranger and contradiction is named."""

from __future__ import annotations

import json

import pytest
from answer_sets import complete

from peelian.errors import InputError, NotEnoughData
from peelian.oversight.assessment.answers import SAYS, answers_as_json, checked, faults, read_answers
from peelian.oversight.assessment.questions import PHASE, shipped


def test_a_complete_set_has_no_fault() -> None:
    for phase in ("item1", "item2"):
        assert faults(shipped(), complete(phase)) == ()


def test_each_missing_answer_is_named_and_an_optional_one_is_not_missed() -> None:
    answers = complete("item2")
    for name in ("impact6", "fairnessImplementation2", "decisionSector1"):
        short = {k: v for k, v in answers.items() if k != name}
        assert [(f.kind, f.question) for f in faults(shipped(), short)] == [("missing", name)]
        with pytest.raises(NotEnoughData, match=name):
            checked(shipped(), short)
    assert not faults(shipped(), {k: v for k, v in answers.items() if k != "aboutAlgorithm5"})


def test_nothing_answered_names_only_the_first_few() -> None:
    with pytest.raises(NotEnoughData) as error:
        checked(shipped(), {})
    assert "and" in str(error.value) and "more" in str(error.value) and len(str(error.value)) < 700


@pytest.mark.parametrize(
    ("change", "kind", "question"),
    [
        ({"aboutDataSource1": "item2-0"}, "contradictory", "aboutDataSource9"),  # its follow-ups stay answered
        ({"aboutDataSource14": ("item1-0", "item2-1")}, "contradictory", "aboutDataSource14"),
        ({"impact6": ("item1-1", "item2-2")}, "contradictory", "impact6"),
        ({"impact6": "item9-9"}, "unknown", "impact6"),
        ({"decisionSector1": ("item1-1", "item1-1")}, "unknown", "decisionSector1"),
        ({"horoscope": "item1-3"}, "unknown", "horoscope"),
        ({"privacyDesign1": "item1-2"}, "contradictory", "privacyDesign1"),  # of the other phase
    ],
)
def test_strangers_and_contradictions_are_named(change: dict[str, object], kind: str, question: str) -> None:
    answers = {**complete("item2", most=True), **change}
    found = faults(shipped(), answers)
    assert (kind, question) in {(f.kind, f.question) for f in found}
    assert {f.says for f in found} <= set(SAYS)
    with pytest.raises(InputError, match=question):
        checked(shipped(), answers)


def test_texts_of_the_official_tool_that_weigh_nothing_are_left_alone() -> None:
    answers = {**complete("item1"), "projectDetailsTitle": "A title", "consultationDesign2": ("item1",)}
    assert faults(shipped(), answers) == ()


def test_files_of_ours_and_of_the_official_tool_are_read() -> None:
    answers = complete("item1")
    assert read_answers(answers_as_json(answers, title="x").encode()) == answers
    saved = json.dumps({"currentPage": 2, "data": {PHASE: "item1", "decisionSector1": ["item1-1"], "n": 3}})
    assert read_answers(saved.encode()) == {PHASE: "item1", "decisionSector1": ("item1-1",), "n": "3"}


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"answers": 3}', b'{"answers": {"a": {"b": 1}}}', b"\xff\xfe"]
)
def test_what_holds_no_answers_is_named_as_such(content: bytes) -> None:
    with pytest.raises(InputError, match=r"mine\.json"):
        read_answers(content, name="mine.json")
