"""A drill that missed a bar says on its page which, and that it does not count; in both languages."""

from __future__ import annotations

from desk import desk
from drill_record import DRILL

from peelian.kernel.records.office_records import keep
from peelian.oversight.drills import CRITERIA, drill_of
from peelian.pictures.panels import Paragraph
from peelian.web.drills import drill_panels, drills_panels

MISSED = {**DRILL, "criteria_met": False, "missed": list(CRITERIA)}


def test_a_missed_drill_says_what_it_missed_and_that_it_does_not_count() -> None:
    at = desk()
    keep(at.kernel, at.people["auditor"], "drill", MISSED, drill="snooping-1", met=0)
    for language, word in (("en", "does not count"), ("fr", "ne compte pas")):
        say = at.office.say(language)
        one = [
            p.text for p in drill_panels(drill_of(at.kernel, "snooping-1"), say, language) if isinstance(p, Paragraph)
        ]
        assert len([text for text in one if word in text]) == 1
        assert all(any(say(wrong)[1:] in text for text in one) for wrong in CRITERIA.values())
        assert language == "en" or not any(wrong in text for wrong in CRITERIA.values() for text in one)
        every = [p.text for p in drills_panels(at.office, say, language) if isinstance(p, Paragraph)]
        assert any(word in text for text in every)
