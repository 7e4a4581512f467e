"""What the pages say of self-tests and drills: what was missed, in both languages; and the reminder a month before."""

from __future__ import annotations

from datetime import timedelta

from desk import desk
from drill_record import DRILL, counted_drill, opened_drill

from peelian.kernel.records.drill_records import abandon_drill
from peelian.kernel.records.office_records import keep
from peelian.operations.status import _of_drills
from peelian.oversight.drills.due import CRITERIA, REMINDED, next_drill, self_test_of
from peelian.pictures.panels import Grid, Paragraph
from peelian.web.desk.duties import DUTIES
from peelian.web.public.drills import drills_panels, self_test_panels

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


def test_the_drill_is_called_to_mind_a_month_before_on_the_page_and_in_the_status_and_lessons_by_their_owner() -> None:
    at = desk()
    people = at.people
    (drill,) = (one for one in DUTIES if "drills) due" in one.says)
    (lessons,) = (one for one in DUTIES if "lessons) of drills" in one.says)
    pia, board = people["privacy-officer"].person, people["board"].person
    at.trained("2030-01-01")

    def counted() -> tuple[int, int, list[str]]:
        lines = [one.says for one in _of_drills(at.kernel)]
        return drill.count(at.office, pia), lessons.count(at.office, board), lines

    assert counted() == (0, 0, [])
    at.clock.now = next_drill(at.kernel).by - REMINDED + timedelta(minutes=1)
    assert counted()[0] == 1 and "due by" in counted()[2][0]
    players = {"privacy_officer": people["privacy-officer"], "board": people["board"], "clerk": people["clerk"]}
    opened_drill(at.kernel, players)
    assert counted()[0] == 0 and "is being played" in counted()[2][0]
    abandon_drill(at.kernel, people["board"], "lost-laptop-drill-1", reason="a real incident came")
    counted_drill(at.kernel, players, name="another")
    assert counted() == (0, 1, [])
