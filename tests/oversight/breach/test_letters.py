"""Letters say what happened, whose information, what may come of it and what now, by the shape of the data; plain, in
both languages; a drill says that it is one."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from incidents import changed
from incidents import incident as incident_with

from peelian.catalogues import say_in
from peelian.kernel.model.technology import personal_shapes
from peelian.operations.office import technologies
from peelian.oversight.breach import circumstances, information, worksheet
from peelian.oversight.breach import letters as texts
from peelian.oversight.breach.account import Account
from peelian.oversight.breach.channels import Told
from peelian.oversight.breach.circumstances import CIRCUMSTANCES
from peelian.oversight.breach.gaps import GAPS, gaps_of
from peelian.oversight.breach.incident_entry import Incident
from peelian.oversight.breach.letters import (
    NOTICE,
    PERSONAL,
    REGULATOR,
    Contact,
    parts_lacking,
    personal_notice,
    public_notice,
    regulator_report,
)
from peelian.oversight.breach.regimes import authorities, regimes
from peelian.oversight.breach.report import SEEN
from peelian.oversight.review.people import Subject
from peelian.pictures.panels import Grid, Heading, Panels, Paragraph
from peelian.pictures.words import english

ROOMS = ["peelian.pictures", "peelian.web"]

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
@pytest.mark.parametrize("kind", CIRCUMSTANCES)
def test_a_letter_has_all_its_parts_in_both_languages(kind: str, language: str) -> None:
    say = say_in(language, ROOMS, strict=True)
    incident = changed(INCIDENT, kind=kind)
    for panels, parts in (
        (personal_notice(incident, JANE, CONTACT, say, plain), PERSONAL),
        (public_notice(incident, CONTACT, say, plain), PERSONAL),
        (regulator_report(incident, CONTACT, say_in(language, ROOMS), plain), REGULATOR),
    ):
        titles = [panel.text for panel in panels if isinstance(panel, Heading)]
        assert titles[: len(parts)] == [say(part) for part in parts]
        for i, panel in enumerate(panels):
            if isinstance(panel, Heading):
                assert isinstance(panels[i + 1], (Paragraph, Grid))


PERSONAL_SHAPES = sorted(personal_shapes(technologies()))


def text_of(panels: Panels) -> str:
    return "\n".join(panel.text for panel in panels if isinstance(panel, Paragraph))


def told_of(incident: Incident, language: str = "en") -> str:
    return text_of(personal_notice(incident, JANE, CONTACT, say_in(language, ROOMS), plain))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("shape", PERSONAL_SHAPES)
def test_every_personal_shape_has_its_sentences(shape: str, language: str) -> None:
    """None is told as records of which nothing is known; each says what may come of it, to a person and of people."""
    bare, say = shape.rpartition(".")[2], say_in(language, ROOMS, strict=True)
    incident = changed(INCIDENT, information=(shape,), kind="device_lost", harm={})
    letter = told_of(incident, language)
    report = text_of(regulator_report(incident, CONTACT, say, plain))
    assert say(information.INFORMATION[bare]) in letter and say(information.OF_PEOPLE[bare]) in report
    assert say(information.INFORMATION["records"]) not in letter and say(texts.NOT_KNOWN) not in letter
    assert say(information.OF_PEOPLE["records"]) not in report
    if language == "fr":
        assert information.INFORMATION[bare] not in letter


def test_every_shape_either_tells_of_people_or_names_nobody() -> None:
    """The words agree with what the technologies declare, and with what offices hold of an earlier version."""
    impersonal = {shape for one in technologies() for shape in one.impersonal}
    assert impersonal | {"box_detector"} == information.COUNTED
    assert {shape.rpartition(".")[2] for shape in PERSONAL_SHAPES} == information.INFORMATION.keys() - {"records"}
    assert information.INFORMATION.keys() == information.OF_PEOPLE.keys()


def test_a_film_of_a_home_is_told_as_images_and_sound_and_not_as_a_name() -> None:
    letter = told_of(changed(INCIDENT, information=("footage.footage",)))
    assert "images and sound" in letter and "your home" in letter and "your name" not in letter


def test_data_that_nobody_can_name_are_told_as_records_and_no_data_as_none() -> None:
    assert "It may hold your name" in told_of(changed(INCIDENT, information=("toy.secrets",)))
    assert "which information it is" in told_of(changed(INCIDENT, information=()))
    nobody = changed(INCIDENT, information=(), exposure={}, subjects=())
    assert "No personal information." in told_of(nobody) and texts.NOBODYS in told_of(nobody)


KEYS, SEEN_BY = "its keys are safe", texts.EXPOSURES_TOLD["viewed"]


@pytest.mark.parametrize(
    ("exposure", "says"),
    [
        ({"a": "encrypted", "b": "encrypted"}, KEYS),
        ({"a": "encrypted", "b": "readable"}, "Part of it is encrypted"),
        ({"a": "encrypted", "b": "unknown"}, "Part of it is encrypted"),
        ({"a": "encrypted", "b": "none"}, "What left the office is encrypted"),
        ({"a": "readable", "b": "none"}, "Whoever has this information can read or view it"),
        ({"a": "unknown"}, "We do not know yet whether others can read or view it"),
        ({"a": "none"}, "It did not leave the office"),
        ({}, "We do not know yet whether others can read or view it"),
    ],
)
def test_the_keys_are_called_safe_only_where_every_dataset_is_encrypted(exposure: dict[str, str], says: str) -> None:
    lost = changed(INCIDENT, kind="copy_lost", exposure=exposure)
    letter, report = told_of(lost), text_of(regulator_report(lost, CONTACT, english, plain))
    assert says in letter and says in report
    assert (KEYS in letter) == (says == KEYS)
    safe = set(exposure.values()) <= {"encrypted", "none"} and bool(exposure)
    assert (texts.NO_CONSEQUENCES in letter) == safe


def test_what_somebody_saw_has_consequences_wherever_the_data_lie_now() -> None:
    letter = told_of(changed(INCIDENT, exposure={"d": "none"}))
    assert SEEN_BY in letter and texts.NO_CONSEQUENCES not in letter


@pytest.mark.parametrize("exposure", ["none", "unknown", "readable", "encrypted"])
def test_data_that_could_not_be_reached_are_not_called_read(exposure: str) -> None:
    shut = changed(INCIDENT, kind="availability_lost", exposure={"a": exposure})
    letter = told_of(shut)
    assert "could not be reached" in letter and texts.LATE_ANSWERS in letter and texts.UNREACHED_STEP in letter
    assert SEEN_BY not in letter
    assert ("nobody read it" in letter) == (exposure == "none")
    assert texts.UNREACHED_STEP not in told_of(INCIDENT) and SEEN_BY in told_of(INCIDENT)
    assert "nous avons pu répondre" not in told_of(shut, "fr")  # it would say that we were able to answer


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("standing", texts.STANDINGS)
def test_who_acts_for_a_person_is_addressed_and_told_whom_the_letter_is_about(standing: str, language: str) -> None:
    say = say_in(language, ROOMS, strict=True)
    first, second, *_ = personal_notice(INCIDENT, replace(JANE, standing=standing), CONTACT, say, plain)
    assert isinstance(first, Paragraph) and isinstance(second, Paragraph)
    assert first.text.endswith("Jane Roe") and first.text != "Jane Roe" and second.text.count("Jane Roe") == 2
    assert {"en": "“your” stand for Jane Roe", "fr": "désignent Jane Roe"}[language] in second.text
    named = personal_notice(INCIDENT, replace(JANE, standing=standing, to="Max Roe"), CONTACT, say, plain)
    assert [panel.text for panel in named[:2] if isinstance(panel, Paragraph)] == ["Max Roe", first.text]


@pytest.mark.parametrize(
    ("law", "names"),
    [
        ("ontario", {"ipc"}),
        ("mfippa", {"ipc"}),
        ("quebec", {"cai"}),
        ("pipeda", {"opc"}),
        ("gdpr", {"eu"}),
        ("led", {"eu"}),
        ("cjis", set()),
    ],
)
def test_a_letter_gives_the_commissioner_of_its_law_with_an_address(law: str, names: set[str]) -> None:
    letter = told_of(changed(INCIDENT, regimes=(law,)))
    assert {id for id, one in authorities().items() if one.name in letter and one.web in letter} == names
    assert all(authorities()[id].postal in letter for id in names)
    assert ("oversight board of this town" in letter) == (not names)
    report = str(regulator_report(changed(INCIDENT, regimes=(law,)), CONTACT, english, plain))
    assert all(one.name in report for one in regimes()[law].reports_to) and "No law was chosen" not in report


def test_a_report_counts_people_of_the_province_only_where_the_law_asks() -> None:
    def titles(*laws: str) -> set[str]:
        panels = regulator_report(changed(INCIDENT, regimes=laws), CONTACT, english, plain)
        return {panel.text for panel in panels if isinstance(panel, Heading)}

    assert "People in the province" in titles() & titles("quebec")
    assert "People in the province" not in titles("gdpr") | titles("ontario")


def test_without_a_law_every_commissioner_is_named_and_the_report_says_that_none_was_chosen() -> None:
    assert all(authorities()[id].name in told_of(INCIDENT) for id in ("opc", "cai", "ipc", "eu"))
    assert "No law was chosen" in str(regulator_report(INCIDENT, CONTACT, english, plain))


def test_the_public_notice_tells_no_person_and_no_number() -> None:
    panels = public_notice(changed(INCIDENT, subjects=tuple(map(str, range(347)))), CONTACT, english, plain)
    text = text_of(panels)
    assert "347" not in text and "about you" not in text and "opened records" in text
    assert parts_lacking(panels, NOTICE, NOTICE, english) == ()
    leaked = public_notice(changed(INCIDENT, kind="account_leaked"), CONTACT, english, plain)
    assert "and opened records" in text_of(leaked)


def test_every_sentence_a_letter_may_use_has_its_french() -> None:
    say = say_in("fr", ROOMS, strict=True)
    by_word = (
        circumstances.CIRCUMSTANCES,
        circumstances.TO_YOU,
        circumstances.CAUSES,
        information.INFORMATION,
        information.OF_PEOPLE,
        *(texts.NOTICE, texts.REPORT, texts.MEASURES, worksheet.QUESTIONS, worksheet.LEVELS, worksheet.EXPOSED),
        *(texts.RULES, texts.CHANNELS, texts.REASONS, texts.EXPOSURES_TOLD, texts.UNREACHED_TOLD),
    )
    told = [s for m in by_word for s in m.values()] + [s for pair in texts.STANDINGS.values() for s in pair]
    families = (*information.CONSEQUENCES, *information.CONSEQUENCES_OF_PEOPLE, *information.STEPS)
    told += [s for _, s in families] + [*texts.ALWAYS_STEPS, *texts.PLACES.values(), *GAPS.values()]
    told += [information.ONLY_COUNTS, texts.UNREACHED_STEP, texts.LATE_ANSWERS, texts.NOBODYS, texts.NOT_KNOWN]
    told += [texts.YOURS, texts.THEIRS, texts.EVERYBODYS, texts.AGAIN, texts.NO_STEP, texts.UNDECIDED]
    told += [texts.NOT_KNOWN_WHICH]
    told += [texts.NO_CONSEQUENCES, texts.NO_CONSEQUENCES_FOR_PEOPLE]
    same = {"Contact"}
    assert all(say(sentence, name="N", office="O") != sentence or sentence in same for sentence in told)
    assert [say(one.name) for one in authorities().values()]


def test_every_kind_is_told_to_the_public_to_a_person_and_to_the_regulator() -> None:
    assert set(SEEN) <= circumstances.CIRCUMSTANCES.keys()
    assert circumstances.CIRCUMSTANCES.keys() == circumstances.TO_YOU.keys() == circumstances.CAUSES.keys()
    assert circumstances.CIRCUMSTANCES.keys() >= circumstances.UNREACHED | circumstances.VIEWED
    assert texts.MEASURES.keys() >= texts.LASTING


def test_a_notice_is_plain() -> None:
    """Short sentences and short words: on average at most 20 words a sentence and 5 letters a word."""
    panels = personal_notice(INCIDENT, JANE, CONTACT, english, plain)
    text = " ".join(panel.text for panel in panels if isinstance(panel, Paragraph))
    sentences = [s for s in re.split(r"[.:;!?]\s", text) if s.strip()]
    words = re.findall(r"[A-Za-z’']+", text)
    assert len(words) / len(sentences) <= 20 and sum(map(len, words)) / len(words) <= 5


def test_a_drill_says_so_first_and_a_real_incident_does_not() -> None:
    drill = personal_notice(changed(INCIDENT, drill=True), JANE, CONTACT, english, plain)
    assert isinstance(drill[0], Paragraph) and "DRILL" in drill[0].text
    real = personal_notice(INCIDENT, JANE, CONTACT, english, plain)
    assert not any("DRILL" in panel.text for panel in real if isinstance(panel, Paragraph))


def test_a_letter_to_one_person_names_nobody_else_and_the_report_nobody() -> None:
    letter = str(personal_notice(INCIDENT, JANE, CONTACT, english, plain))
    report = str(regulator_report(INCIDENT, CONTACT, english, plain))
    assert "Jane Roe" in letter and "Jane" not in report and "Number of people known so far: 2" in report


def test_what_was_found_without_a_beginning_says_so() -> None:
    told = str(personal_notice(changed(INCIDENT, started=""), JANE, CONTACT, english, plain))
    assert "It happened on 2026-03-02 or before. We do not know yet when it began." in told
    assert "about you" in told and "about you" not in str(regulator_report(INCIDENT, CONTACT, english, plain))


@pytest.mark.parametrize(
    ("started", "ended", "says"),
    [
        ("2026-03-01T09:00:00+00:00", "", "It began on 2026-03-01T09:00."),
        ("", "", "We do not know yet when it happened."),
        ("2026-03-01T09:00:00+00:00", "2026-03-01T09:00:40+00:00", "On 2026-03-01T09:00."),
        ("2026-03-01T09:00:00+00:00", "2026-03-01T10:00:00+00:00", "From 2026-03-01T09:00 until 2026-03-01T10:00."),
    ],
)
def test_when_it_was_learned_of_is_not_told_as_when_it_ended(started: str, ended: str, says: str) -> None:
    """An end that nobody reported is not known, and is not made up from the time of discovery."""
    incident = changed(INCIDENT, started=started, ended=ended)
    panels = personal_notice(incident, JANE, CONTACT, english, lambda text: text[:16])
    assert f"{says}\nWe learned of it on 2026-03-02T12:00." in text_of(panels)


OWN = Account(what="On Sunday a letter went to the house beside yours.", which="It held your complaint of May.")


def test_the_offices_own_words_stand_in_the_letter_the_notice_and_the_report() -> None:
    lost = changed(INCIDENT, kind="misdirected")
    for panels in (
        personal_notice(lost, JANE, CONTACT, english, plain, account=OWN),
        public_notice(lost, CONTACT, english, plain, account=OWN),
        regulator_report(lost, CONTACT, english, plain, account=OWN),
    ):
        assert OWN.what in text_of(panels) and OWN.which in text_of(panels)


def test_of_data_that_the_office_does_not_know_only_its_own_words_say_which_they_are() -> None:
    """A letter on paper is of no dataset: "it may hold your name" would be a guess beside what is known."""
    paper, kept = changed(INCIDENT, kind="paper_lost", exposure={}), changed(INCIDENT, kind="paper_lost")
    guess = information.INFORMATION["records"]
    for incident, account, guessed in ((paper, OWN, False), (kept, OWN, True), (paper, Account(what="x"), True)):
        assert (guess in text_of(personal_notice(incident, JANE, CONTACT, english, plain, account=account))) == guessed


def test_papers_that_are_back_are_not_told_as_still_with_others() -> None:
    paper = changed(INCIDENT, kind="paper_lost", exposure={}, measures=("papers_found",))
    back, out = texts.EXPOSURES_TOLD["taken_back"], texts.EXPOSURES_TOLD["unknown"]
    assert back in told_of(paper) and out not in told_of(paper)
    for other in (
        changed(paper, measures=()),
        changed(paper, kind="device_lost"),
        changed(paper, exposure={"d": "readable"}),
    ):
        assert back not in told_of(other)


def test_where_nobody_can_read_it_nothing_is_asked_of_the_person() -> None:
    film = changed(INCIDENT, kind="device_lost", information=("footage",))
    safe, open_ = told_of(changed(film, exposure={"d": "encrypted"})), told_of(film)
    step = information.STEPS[0][1]
    assert texts.NO_STEP in safe and step not in safe
    assert step in open_ and texts.NO_STEP not in open_


def test_figures_that_name_nobody_are_left_out_of_a_letter_about_somebody() -> None:
    both = changed(INCIDENT, information=("incidents", "counts"))
    assert information.ONLY_COUNTS not in told_of(both)
    assert information.ONLY_COUNTS in text_of(regulator_report(both, CONTACT, english, plain))
    assert information.ONLY_COUNTS in told_of(changed(INCIDENT, information=("counts",)))


def test_a_company_is_named_to_whom_it_concerns_and_not_to_the_public() -> None:
    hacked = changed(INCIDENT, kind="vendor_breach", vendor="Acme Records")
    assert "Company: Acme Records." in told_of(hacked)
    assert "Acme" in text_of(regulator_report(hacked, CONTACT, english, plain))
    assert "Acme" not in text_of(public_notice(hacked, CONTACT, english, plain))


def test_what_letters_do_not_say_yet_is_named() -> None:
    bare = incident_with(kind="other", people_known=False)
    assert set(gaps_of(bare, "en")) == GAPS.keys() - {"which"}
    whole = replace(INCIDENT, accounts={"en": OWN}, regimes=("mfippa",))
    assert gaps_of(whole, "en") == () and gaps_of(whole, "fr") == ("event", "which")
    assert gaps_of(replace(whole, accounts={"en": Account(what=OWN.what)}), "en") == ("which",)
    assert gaps_of(changed(whole, exposure={"d": "unknown"}), "en") == ("exposure",)
    assert gaps_of(changed(whole, exposure={"d": "unknown", "e": "none"}), "en") == ()
