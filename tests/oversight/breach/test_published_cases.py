"""Twenty cases that commissioners published, each entered as an incident and given the letter it should have had.

`tests/data/breach/cases.json` names the source of each and tells its facts in our words. `regime` is the law of ours
whose kind the case is of: police cases of the United Kingdom stand under the Law Enforcement Directive, which its law
carried over; older cases stand under the law of today. `exposure` is what was known when people should have been told.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from incidents import incident as incident_with

from peelian.catalogues import say_in
from peelian.oversight.breach.channels import Told
from peelian.oversight.breach.circumstances import CIRCUMSTANCES, TO_YOU
from peelian.oversight.breach.incident_entry import Incident
from peelian.oversight.breach.information import INFORMATION, known
from peelian.oversight.breach.letters import (
    NOTICE,
    REPORT,
    Contact,
    parts_lacking,
    personal_notice,
    public_notice,
    regulator_report,
)
from peelian.oversight.breach.regimes import authorities, clocks, regimes, strictest
from peelian.oversight.review.people import Subject
from peelian.pictures.panels import Panels, Paragraph
from peelian.pictures.words import english

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "breach" / "cases.json").read_text(encoding="utf-8")
)
AWARE = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
CONTACT = Contact(office="Town", officer="Privacy officer", reach="+1 555 0100")
PERSON = Subject(token="t", name="Jane Roe", surname="roe", gender="f", mail=True)
WORST = {"real_risk": True, "rule": "in_doubt_people_are_told", "exposure": "readable"} | {
    name: value
    for question, value in {"sensitivity": "high", "likelihood": "high", "mitigation": "low"}.items()
    for name, value in ((question, value), (f"why_{question}", "as the commissioner found"))
}
ADDRESSEE = {"mfippa": "ipc", "ontario": "ipc", "pipeda": "opc", "quebec": "cai", "gdpr": "eu", "led": "eu"}
HOURS = {"gdpr": 72, "led": 72}


def entered(case: dict[str, Any]) -> Incident:
    return incident_with(
        kind=case["kind"],
        ended=AWARE.isoformat(),
        known_since=AWARE.isoformat(),
        information=(case["shape"],),
        exposure={"d": case["exposure"]},
        subjects=("t",),
        regimes=(case["regime"],),
        harm=WORST,
        telling={"t": Told(channel="letter", reason="direct_by_default")},
    )


def text_of(panels: Panels) -> str:
    return "\n".join(panel.text for panel in panels if isinstance(panel, Paragraph))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_published_case_gets_the_letter_it_should_have_had(case: dict[str, Any]) -> None:
    incident, law = entered(case), regimes()[case["regime"]]
    panels = personal_notice(incident, PERSON, CONTACT, english, str)
    letter, (shape,) = text_of(panels), known([case["shape"]])
    assert parts_lacking(panels, law.notice, NOTICE, english) == ()
    assert TO_YOU[case["kind"]] in letter and INFORMATION[shape] in letter
    assert [words for words in case["says"] if words not in letter] == []
    assert [words for words in case["never"] if words in letter] == []
    commissioner = authorities()[ADDRESSEE[case["regime"]]]
    assert commissioner.name in letter and commissioner.web in letter


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_its_report_is_whole_addressed_and_due_when_the_law_says(case: dict[str, Any]) -> None:
    incident, law = entered(case), regimes()[case["regime"]]
    late = case.get("days", 0) * 24 > (law.regulator_hours or 10**6)
    report = regulator_report(incident, CONTACT, english, str, late=late)
    assert parts_lacking(report, law.report, REPORT, english) == (("Reason for a delay",) if late else ())
    assert authorities()[ADDRESSEE[case["regime"]]].name in text_of(report)
    due = {clock.what: clock.due for clock in clocks(strictest([law.id]), aware=AWARE, now=AWARE, done={}, harm=True)}
    hours = HOURS.get(law.id)
    assert due.get("regulator") == (AWARE + timedelta(hours=hours) if hours else None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_its_letters_are_whole_in_french_and_the_public_notice_names_nobody(case: dict[str, Any]) -> None:
    incident, law = entered(case), regimes()[case["regime"]]
    say = say_in("fr", ["peelian.pictures", "peelian.web"], strict=True)
    french, public = personal_notice(incident, PERSON, CONTACT, say, str), public_notice(incident, CONTACT, say, str)
    assert parts_lacking(french, law.notice, NOTICE, say) == () == parts_lacking(public, law.notice, NOTICE, say)
    assert say(INFORMATION[known([case["shape"]])[0]]) in text_of(french)
    assert "Jane" not in text_of(public) and say(CIRCUMSTANCES[case["kind"]]) in text_of(public)


def test_there_are_twenty_each_with_its_source_and_facts() -> None:
    assert len({case["case"] for case in CASES}) == len(CASES) == 20
    assert all(case["source"].startswith("http") and len(case["facts"].split()) >= 5 for case in CASES)
    assert {case["kind"] for case in CASES} >= {"misdirected", "device_lost", "paper_lost", "vendor_breach"}
