"""The trial of a detector tells its bars and figures, and a board's criteria never lower what ships."""

from __future__ import annotations

import dataclasses

import pytest
from plans import Bench

from peelian.errors import InputError
from peelian.kernel.model.capability import AuthorizationKind
from peelian.technologies.footage.declarations.detector_trial import (
    DETECTOR_TRIAL,
    FALSE_A_FIND,
    MIN_RECALL,
    DetectorTrialParams,
    report_body,
)
from peelian.technologies.footage.detector_trial import NO_PROOF, SELECTIVE, bars_of, run
from peelian.technologies.footage.example import example_detector


def test_a_detector_of_one_place_is_refused_with_every_figure() -> None:
    criteria = {AuthorizationKind.ACCEPTANCE_CRITERIA: {"min_recall": 0.95}}
    context = dataclasses.replace(Bench().context(), authorizations=criteria)
    detector = example_detector()
    found = run(DetectorTrialParams(finds="face"), {"detector": detector}, context)
    assert found.facts["criteria_met"] is False and found.facts["detector_sha256"] == detector.digest
    assert found.table("bars")["needed"].tolist()[0] == 0.95 and found.table("recall")["n"].tolist()[0] == 360
    assert {SELECTIVE, NO_PROOF} <= {note.text for note in found.notes}
    body = report_body(DetectorTrialParams(finds="face"), found)
    assert (body["detector_sha256"], body["finds"], body["threshold"]) == (detector.digest, "face", 0.3)


def test_criteria_only_raise_the_bars() -> None:
    low = bars_of({"min_recall": 0.1, "min_group_recall": 0.0, "max_false_per_find": 99})
    assert (low.recall, low.false_a_find) == (MIN_RECALL, FALSE_A_FIND)
    high = bars_of({"min_recall": 0.99, "max_false_per_find": 0.5})
    assert (high.recall, high.false_a_find) == (0.99, 0.5)
    for wrong in ({}, {"beauty": 1}, {"min_recall": "much"}):
        with pytest.raises(InputError):
            bars_of(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "value"), [("finds", "person"), ("threshold", 0.0), ("threshold", 0.95)])
def test_a_parameter_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(InputError) as told:
        DETECTOR_TRIAL.asks.check(DetectorTrialParams(**{name: value}))  # type: ignore[arg-type]
    assert told.value.column == name
