"""A demonstration's assessment goes every step and comes to the level its answers give."""

from __future__ import annotations

import json
from importlib import resources

import pytest
from desk import desk

from peelian.demos.assessment import assessed
from peelian.kernel.model.capability import Purpose
from peelian.oversight.assessment.answers import faults, read_answers
from peelian.oversight.assessment.obligations import BY_LEVEL
from peelian.oversight.assessment.questions import shipped
from peelian.oversight.assessment.scoring import scored

FOLDER = resources.files("peelian.demos") / "assessments"
FILES = sorted(file.name for file in FOLDER.iterdir() if file.name.endswith(".json"))


@pytest.mark.parametrize("name", FILES)
def test_shipped_answers_are_complete_and_their_texts_fit_the_level(name: str) -> None:
    content = (FOLDER / name).read_bytes()
    answers = read_answers(content)
    assert faults(shipped(), answers) == ()
    assert set(BY_LEVEL[scored(shipped(), answers).level].texts) <= set(json.loads(content)["explanation"])


def test_the_mapping_assessment_is_signed_at_level_two() -> None:
    town = desk()
    seats = {**town.people, "privacy": town.people["privacy-officer"]}
    uses = (("mapping.forecast", town.kernel.capability("mapping.forecast").arithmetic().example().params),)
    authorization = assessed(town.office, seats, "mapping", uses=uses, purposes=(Purpose.ADVICE,))
    assert (
        authorization.body["raw"],
        authorization.body["mitigation"],
        authorization.body["score"],
        authorization.body["level"],
    ) == (52, 68, 44, 2)
