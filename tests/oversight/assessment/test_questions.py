"""The shipped questions: counts, maxima and conditions of the official set, in our own words in both languages."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from peelian.errors import InputError
from peelian.oversight.assessment.questions import PHASE, Choice, Question, official, shipped


def test_seventy_raw_questions_weigh_167_and_each_phase_mitigates_77() -> None:
    questions = shipped()
    assert sum(q.counts == "raw" for q in questions.questions) == 70
    assert questions.most("raw") == 167
    for phase in ("Design", "Implementation"):
        assert sum(q.most for q in questions.questions if q.counts == "mitigation" and phase in q.id) == 77


def test_every_question_and_choice_is_worded_in_both_languages() -> None:
    for question in shipped().questions:
        for worded in (question, *question.choices):
            assert len(worded.en) >= 2 and len(worded.fr) >= 2
        assert question.en != question.fr and question.en.endswith(("?", ")")) and "?" in question.fr
        assert len({choice.en for choice in question.choices}) == len(question.choices), question.id


def test_a_question_refers_only_to_questions_before_it() -> None:
    before: set[str] = set()
    for question in shipped().questions:
        for condition in question.asked_if:
            assert any(f"{{{name}}}" in condition for name in before), question.id
        before.add(question.id)


def test_conditions_join_by_or_and_and() -> None:
    yes = Choice(value="item1-1", en="yes", fr="oui")
    one = Question(id="q", counts="raw", many=False, en="?", fr="?", choices=(yes,))
    either = dataclasses.replace(one, asked_if=("{a} = 'x' or {b} contains 'y' and {c} = 'z'",))
    assert either.asked({"a": "x"})
    assert either.asked({"b": ("y", "w"), "c": "z"})
    assert not either.asked({"b": ("y",)}) and not either.asked({})
    with pytest.raises(InputError):
        dataclasses.replace(one, asked_if=("{a} > 3",)).asked({"a": "4"})


def test_the_phase_decides_which_measures_are_asked_about() -> None:
    planned, running = ({q.id for q in shipped().asked({PHASE: item})} for item in ("item1", "item2"))
    assert "privacyDesign1" in planned - running and "privacyImplementation1" in running - planned


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"pages": [3]}', b'{"pages": []}', b"\xff"])
def test_what_is_no_question_set_is_named_as_such(content: bytes) -> None:
    with pytest.raises(InputError) as error:
        official(content, name="wrong.json")
    assert "wrong.json" in str(error.value)


def test_a_small_file_in_the_official_shape_is_read() -> None:
    radio = {"type": "radiogroup", "title": {"default": "Why?", "fr": "Pourquoi?"}}
    risk = {
        **radio,
        "name": "r1",
        "choices": [{"value": "item1-3", "text": {"default": "Yes", "fr": "Oui"}}, "item2-0"],
    }
    phase = {**radio, "name": PHASE, "choices": ["item1", "item2"]}
    plain = {"type": "comment", "name": "why", "title": "Why"}
    pages = [
        {"name": "p", "elements": [{"type": "panel", "name": "panel-NS", "elements": [phase]}]},
        {"name": "q", "visibleIf": "{a} = 'b'", "elements": [{"name": "x-RS", "elements": [risk, plain]}]},
    ]
    read = official(json.dumps({"pages": pages}).encode())
    assert [q.id for q in read.questions] == [PHASE, "r1"]
    assert read.most("raw") == 3 and read.questions[1].asked_if == ("{a} = 'b'",)
    assert "why" in read.uncounted and read.questions[1].choices[0].fr == "Oui"


def test_ids_weights_and_conditions_are_the_official_ones(shared_data: Path) -> None:
    read = {q.id: q for q in official((shared_data / "aia" / "survey-enfr.json").read_bytes()).questions}
    ours = {q.id: q for q in shipped().questions}
    for name, question in ours.items():
        theirs = read[name]
        assert [c.value for c in question.choices] == [c.value for c in theirs.choices], name
        assert (question.counts, question.many) == (theirs.counts, theirs.many), name
        assert question.asked_if == tuple(c.replace('"', "'") for c in theirs.asked_if), name
        assert question.en.casefold() != theirs.en.casefold(), "the wording is ours"
    assert not any(read[name].most for name in set(read) - set(ours)), "what is left out weighs nothing"
    assert set(read) - set(ours) <= shipped().uncounted
