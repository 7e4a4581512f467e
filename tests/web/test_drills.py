"""A drill that missed a bar says on its page which, and that it does not count; in both languages."""

from __future__ import annotations

from typing import Any

from desk import desk

from peelian.governance.records import keep
from peelian.oversight.drills import BARS, drill_of
from peelian.pictures.panels import Paragraph
from peelian.web.drills import drill_panels, drills_panels

DRILL: dict[str, Any] = {
    "drill": "snooping-1",
    "scenario": "snooping",
    "title": "somebody snoops on one person",
    "seed": 1,
    "began": "2026-03-02T09:00:00+00:00",
    "ended": "2026-03-02T09:01:00+00:00",
    "milliseconds": 900,
    "recall_permille": 1000,
    "extra_permille": 0,
    "bars_met": True,
    "affected": 1,
    "found": 1,
    "contained": True,
    "letters": 5,
    "sent": 0,
    "log_holds": True,
    "seconds": {"build": "0.4", "detect": "0.1", "contain": "0.1", "assess": "0.1", "report": "0.2"},
    "measures": ["account_closed", "session_ended"],
}
MISSED = {**DRILL, "bars_met": False, "missed": list(BARS)}


def test_a_missed_drill_says_what_it_missed_and_that_it_does_not_count() -> None:
    at = desk()
    keep(at.house, at.people["auditor"], "drill", MISSED, drill="snooping-1", met=0)
    for language, word in (("en", "does not count"), ("fr", "ne compte pas")):
        say = at.office.say(language)
        one = [
            p.text for p in drill_panels(drill_of(at.house, "snooping-1"), say, language) if isinstance(p, Paragraph)
        ]
        assert len([text for text in one if word in text]) == 1
        assert all(any(say(wrong)[1:] in text for text in one) for wrong in BARS.values())
        assert language == "en" or not any(wrong in text for wrong in BARS.values() for text in one)
        every = [p.text for p in drills_panels(at.office, say, language) if isinstance(p, Paragraph)]
        assert any(word in text for text in every)
