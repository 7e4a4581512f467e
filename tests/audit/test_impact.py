"""The annexes follow the rules' own numbering, answer what an audit can, and leave the rest open."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from audited import comparisons, compas, matcher

import peelian.audit
from peelian.audit import Audit
from peelian.audit.model_card import face_rows
from peelian.oversight.assessment.questions import shipped


def test_the_fria_has_the_six_letters_and_its_figures_under_c() -> None:
    for audit, groups in ((compas(), 21), (matcher(), 7)):
        parts = audit.fria().parts
        assert [part.id for part in parts] == list("abcdef") and all(part.open for part in parts)
        assert [len(part.rows) for part in parts] == [0, 0, groups, 0, 0, 0]
        assert parts[3].says == (*audit.conclusions, *audit.caveats)


@pytest.mark.parametrize("audit", [compas, matcher])
def test_every_question_of_the_aia_is_one_of_canadas_and_every_answer_one_it_offers(
    audit: Callable[[], Audit],
) -> None:
    known = {question.id: question for question in shipped().questions}
    *asked, rest = audit().aia().parts
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


def test_a_matchers_annex_says_of_how_many_groups_its_rates_are_undetermined() -> None:
    audit = matcher()
    groups = [row for row in face_rows(audit.findings) if row["group"] != "all"]
    few = sum("undetermined" in (row["fmr_adequacy"], row["fnmr_adequacy"]) for row in groups)
    parts = {part.id: part for part in audit.aia().parts}
    assert 0 < few <= len(groups) == 6 and parts["aboutDataSource15"].says[0].startswith(f"In {few} of 6 groups, ")
    assert parts["impact23"].says == audit.conclusions
    assert (
        "Supported answer" in parts["dataQualityDesign5"].says[1] and "item1-2" in parts["dataQualityDesign5"].says[1]
    )


def test_without_groups_nothing_was_compared() -> None:
    scores, _ = comparisons(60)
    parts = {part.id: part for part in peelian.audit.faces(scores).aia().parts}
    assert parts["impact18"].says == ("The audit has no groups. Nothing was compared between groups.",)
    assert "item2-0" in parts["dataQualityDesign5"].says[1]
