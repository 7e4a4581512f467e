"""The annexes follow the rules' own numbering, answer what an audit can, and leave the rest open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from audited import compas, matcher

from peelian.errors import InputError
from peelian.oversight.assessment.questions import shipped


def test_the_fria_has_the_six_letters_and_its_figures_under_c() -> None:
    for audit, groups in ((compas(), 21), (matcher(), 7)):
        parts = audit.fria().parts
        assert [part.id for part in parts] == list("abcdef") and all(part.open for part in parts)
        assert [len(part.rows) for part in parts] == [0, 0, groups, 0, 0, 0]
        assert parts[3].says == (*audit.conclusions, *audit.caveats)


def test_every_question_of_the_aia_is_one_of_canadas_and_every_answer_one_it_offers() -> None:
    known = {question.id: question for question in shipped().questions}
    parts = compas().aia().parts
    *asked, rest = parts
    assert len(asked) == 11 and rest.id == "rest" and str(len(known) - 11) in rest.open[0]
    for part in asked:
        assert known[part.id].en in part.title and part.open
        offered = {choice.value for choice in known[part.id].choices}
        told = [said for said in part.says if said.startswith("Supported answer")]
        assert all(any(f"({value})" in said for value in offered) for said in told)


def test_the_official_file_has_these_questions_too() -> None:
    file = Path("/work/shared/data/aia/survey-enfr.json")
    if not file.exists():
        pytest.skip("the official question set is not on this machine")
    text = json.dumps(json.loads(file.read_text(encoding="utf-8")))
    assert all(f'"{part.id}"' in text for part in compas().aia().parts[:-1])


def test_without_features_proxies_are_left_open() -> None:
    (proxies,) = [part for part in compas().aia().parts if part.id == "aboutAlgorithm11"]
    assert "Supported answer: Yes (item1-0)." in proxies.says, "the preset of COMPAS names two features"


def test_a_matcher_has_no_aia_annex_yet() -> None:
    with pytest.raises(InputError, match="no annex for this technology"):
        matcher().aia()
