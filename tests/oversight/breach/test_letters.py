"""Letters: six parts to a person, seven to the regulator, plain, in both languages; a drill says that it is one."""

from __future__ import annotations

import re

import pytest
from incidents import changed
from incidents import incident as incident_with

from peelian.catalogues import say_in
from peelian.oversight.breach import letters as texts
from peelian.oversight.breach.channels import Told
from peelian.oversight.breach.letters import PERSONAL, REGULATOR, Contact, personal_notice, regulator_report
from peelian.oversight.breach.report import SEEN
from peelian.oversight.review.people import Subject
from peelian.pictures.panels import Grid, Heading, Paragraph

INCIDENT = incident_with(
    started="2026-03-02T09:00:00+00:00",
    ended="2026-03-02T11:00:00+00:00",
    information=("records",),
    exposure={"d": "readable"},
    subjects=("a", "b"),
    entries=(1, 2),
    measures=("session_ended",),
    telling={"a": Told(channel="letter", reason="direct_by_default")},
    harm={
        "real_risk": True,
        "rule": "in_doubt_people_are_told",
        "exposure": "readable",
        "sensitivity": "high",
        "likelihood": "low",
        "mitigation": "low",
        "why_sensitivity": "a b c",
        "why_likelihood": "a b c",
        "why_mitigation": "a b c",
    },
)
CONTACT = Contact(office="Town", officer="Privacy officer", reach="+1 555 0100")
JANE = Subject(token="a", name="Jane Roe", surname="roe", gender="f", mail=True)


def plain(text: str) -> str:
    return text[:10]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", SEEN)
def test_a_letter_has_all_its_parts_in_both_languages(kind: str, language: str) -> None:
    say = say_in(language, ["peelian.pictures", "peelian.web"], strict=True)
    incident = changed(INCIDENT, kind=kind)
    for panels, parts in (
        (personal_notice(incident, JANE, CONTACT, say, plain), PERSONAL),
        (regulator_report(incident, CONTACT, say_in(language, ["peelian.pictures", "peelian.web"]), plain), REGULATOR),
    ):
        titles = [panel.text for panel in panels if isinstance(panel, Heading)]
        assert titles[: len(parts)] == [say(part) for part in parts]
        for i, panel in enumerate(panels):
            if isinstance(panel, Heading):
                assert isinstance(panels[i + 1], (Paragraph, Grid))


def test_every_sentence_a_letter_may_use_has_its_french() -> None:
    say = say_in("fr", ["peelian.pictures", "peelian.web"], strict=True)
    maps = (
        texts.CIRCUMSTANCES,
        texts.INFORMATION,
        texts.MEASURES,
        texts.QUESTIONS,
        texts.LEVELS,
        texts.EXPOSED,
        texts.OF_PEOPLE,
    )
    told = [s for m in (*maps, texts.RULES, texts.CHANNELS, texts.REASONS) for s in m.values()]
    told += [s for steps in texts.STEPS.values() for s in steps]
    assert all(say(sentence) != sentence or sentence in ("Question",) for sentence in told)
    assert set(texts.CIRCUMSTANCES) == set(SEEN)


def test_a_notice_is_plain() -> None:
    """Short sentences and short words: on average at most 20 words a sentence and 5 letters a word."""
    from peelian.pictures.words import english

    panels = personal_notice(INCIDENT, JANE, CONTACT, english, plain)
    text = " ".join(panel.text for panel in panels if isinstance(panel, Paragraph))
    sentences = [s for s in re.split(r"[.:;!?]\s", text) if s.strip()]
    words = re.findall(r"[A-Za-z’']+", text)
    assert len(words) / len(sentences) <= 20 and sum(map(len, words)) / len(words) <= 5


def test_a_drill_says_so_first_and_a_real_incident_does_not() -> None:
    from peelian.pictures.words import english

    drill = personal_notice(changed(INCIDENT, drill=True), JANE, CONTACT, english, plain)
    assert isinstance(drill[0], Paragraph) and "DRILL" in drill[0].text
    real = personal_notice(INCIDENT, JANE, CONTACT, english, plain)
    assert not any("DRILL" in panel.text for panel in real if isinstance(panel, Paragraph))


def test_a_letter_to_one_person_names_nobody_else_and_the_report_nobody() -> None:
    from peelian.pictures.words import english

    letter = str(personal_notice(INCIDENT, JANE, CONTACT, english, plain))
    report = str(regulator_report(INCIDENT, CONTACT, english, plain))
    assert "Jane Roe" in letter and "Jane" not in report and "Number of people known so far: 2" in report


def test_what_was_found_without_a_beginning_says_so() -> None:
    from peelian.pictures.words import english

    told = str(personal_notice(changed(INCIDENT, started=""), JANE, CONTACT, english, plain))
    assert "We do not know yet when it began. It was discovered on 2026-03-02." in told
    assert "about you" in told and "about you" not in str(regulator_report(INCIDENT, CONTACT, english, plain))
