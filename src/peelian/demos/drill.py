"""The end of a demonstration: a breach drill that its people play, and a self-test, in a few lines and as pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from peelian.errors import sentence
from peelian.kernel.model.people import Operator
from peelian.kernel.records.drill_records import DrillCourse, countersign_drill, course_of
from peelian.kernel.state.kernel import Kernel
from peelian.operations.drill.drill import Script, run_drill
from peelian.operations.drill.played_drill import open_played, report, sit, town_of
from peelian.operations.office import Office
from peelian.oversight.drills.cards import card_of
from peelian.oversight.drills.due import SelfTest
from peelian.oversight.drills.play import call, decide, end, move_on, play_of, read_letter, start
from peelian.web.letters import write_letters
from peelian.web.pages import LANGUAGES
from peelian.web.public.drills import self_test_report

SCENARIO, SEED = "stolen-session", 1
CARD, LEADER = "lost-laptop", "privacy"
PLAYERS = {"privacy": "privacy_officer", "custodian": "custodian", "clerk": "clerk", "council": "council"}
LETTER = {
    "who": "The town writes to me",
    "what": "A laptop with my data was stolen",
    "next": "I can call the town",
}


def play(office: Office, people: Mapping[str, Operator], say: Callable[[str], None]) -> DrillCourse:
    """The people of the town play a short drill to its end; two of them sign. Here a script plays them all."""
    leader = people[LEADER]
    course = open_played(office, leader, CARD)
    names = {role: sit(office, people[short], course.name, role) for short, role in PLAYERS.items()}
    with town_of(office, course.name) as town:
        kernel, at = town.kernel, {role: town.operator(name) for role, name in names.items()}
        start(kernel, at["privacy_officer"], 0)
        _decided(kernel, at)
        call(kernel, at["clerk"], "provider", reached=False, minutes=6)
        while coming := play_of(kernel).coming:
            move_on(kernel, at["privacy_officer"], coming[0])
            _decided(kernel, at)
        read_letter(kernel, at["custodian"], LETTER)
        end(kernel, at["privacy_officer"])
    until = (office.kernel.now() + timedelta(days=60)).date().isoformat()
    lesson = {"words": "Exports no longer leave the house", "owner": people["clerk"].person.token, "until": until}
    report(office, leader, course.name, [lesson])
    countersign_drill(office.kernel, people["custodian"], course.name)
    says = "\nBreach drill played by %(n)d roles in a drill town: %(title)s. Two of them signed its report."
    say(sentence(says, n=len(names), title=card_of(CARD).title["en"]))
    return course_of(office.kernel, course.name)


def _decided(kernel: Kernel, at: Mapping[str, Operator]) -> None:
    """Each role decides what waits for it."""
    for role, by in at.items():
        for one in play_of(kernel).open_for(role):
            decide(kernel, by, one.id, "Decided as the card asks for.")


def rehearse(office: Office, by: Operator, folder: Path, say: Callable[[str], None]) -> tuple[SelfTest, list[Path]]:
    """Run one self-test of the office and say what came of it; (the record, its page in each language)."""
    say("\nSelf-test of the breach protocol on a copy of this office, with invented people. Nothing is sent.")
    script = Script(scenario=SCENARIO, seed=SEED, folder=folder / "drills", write=write_letters)
    drill = run_drill(office, by, script)
    for line in self_test_lines(drill.body):
        say(sentence("  %(line)s", line=line))
    pages = []
    (folder / "pages").mkdir(exist_ok=True)
    for language in LANGUAGES:
        pages.append(folder / "pages" / f"drill-{drill.name}-{language}.html")
        pages[-1].write_text(self_test_report(office, drill, language), encoding="utf-8")
    return drill, pages


def self_test_lines(body: Mapping[str, Any]) -> list[str]:
    """A self-test in three lines."""
    seconds = {stage: float(value) for stage, value in body["seconds"].items()}
    met = "All targets met. The signed record is in the log."
    return [
        sentence(
            "%(title)s: %(affected)d people affected, %(found)d found "
            "(recall %(recall)g %%, wrongly included %(extra)g %%).",
            title=sentence(body["title"]),
            affected=body["affected"],
            found=body["found"],
            recall=body["recall_permille"] / 10,
            extra=body["extra_permille"] / 10,
        ),
        sentence(
            "Detected after %(detect).2f s, contained after %(contain).2f s, "
            "%(n)d letters in English and French after %(all).2f s in all.",
            detect=seconds["detect"],
            contain=seconds["detect"] + seconds["contain"],
            n=body["letters"],
            all=sum(seconds.values()),
        ),
        sentence(met if body["criteria_met"] else "A target was missed. The signed record is in the log."),
    ]
