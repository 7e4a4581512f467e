"""A self-test that missed a bar says on its page which, and that it is no drill; in both languages."""

from __future__ import annotations

from desk import desk
from drill_record import DRILL

from peelian.kernel.records.office_records import keep
from peelian.oversight.drills import CRITERIA, self_test_of
from peelian.pictures.panels import Grid, Paragraph
from peelian.web.drills import drills_panels, self_test_panels

MISSED = {**DRILL, "criteria_met": False, "missed": list(CRITERIA)}


def test_a_missed_self_test_says_what_it_missed_and_that_it_is_no_drill() -> None:
    at = desk()
    keep(at.kernel, at.people["auditor"], "self_test", MISSED, drill="snooping-1", met=0)
    for language, word in (("en", "does not count as a drill"), ("fr", "ne compte pas comme exercice")):
        say = at.office.say(language)
        panels = [*self_test_panels(self_test_of(at.kernel, "snooping-1"), say, language)]
        one = [p.text for p in panels if isinstance(p, Paragraph)]
        assert len([text for text in one if word in text]) == 1
        assert all(any(say(wrong)[1:] in text for text in one) for wrong in CRITERIA.values())
        assert language == "en" or not any(wrong in text for wrong in CRITERIA.values() for text in one)
        every = [p for p in drills_panels(at.office, say, language) if isinstance(p, Grid)]
        assert [grid.rows[0][-1] for grid in every] == [say("missed")]
