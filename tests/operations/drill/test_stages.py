"""The stages' first worksheet follows the exposure, and nothing in them is told which scenario is played."""

from __future__ import annotations

import dataclasses

from peelian.operations.drill import stages
from peelian.operations.drill.stages import OUTSIDE, Place, worksheet_for
from peelian.oversight.breach.course import opened
from peelian.oversight.breach.harm import weighed
from peelian.oversight.breach.incident_entry import Incident
from peelian.oversight.breach.report import SEEN, Report


def incident(exposure: dict[str, str], subjects: tuple[str, ...] = ("a",)) -> Incident:
    report = Report(kind="copy_lost", exposure=exposure, subjects=frozenset(subjects))
    return opened("b", report, at="2026-03-02T00:00:00+00:00")


def test_the_worksheet_is_complete_and_follows_the_exposure() -> None:
    assert weighed(worksheet_for(incident({"d": "readable", "e": "encrypted"}))).real_risk
    assert weighed(worksheet_for(incident({"d": "encrypted"}))).rule == "the_keys_are_safe"
    assert weighed(worksheet_for(incident({}, ()))).rule == "nothing_left_the_office"


def test_no_stage_is_told_the_scenario_or_the_truth() -> None:
    names = {field.name for field in dataclasses.fields(Place)}
    assert not names & {"scenario", "seed", "truth"} and set(OUTSIDE) <= set(SEEN)
    assert "drill_scenarios" not in vars(stages)
