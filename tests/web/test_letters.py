"""Letters become files: whole in both languages, as HTML and as tagged PDF, for their owner only, named by no one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from desk import Desk
from precinct import person, precinct

from peelian.acts.breach import letter_documents
from peelian.errors import InputError
from peelian.kernel.state.kernel import Kernel
from peelian.operations.letters import Letter, letters, local, missing_parts, outgoing, zone_of
from peelian.oversight.breach.account import Account
from peelian.oversight.breach.channels import channels
from peelian.oversight.breach.gaps import GAPS
from peelian.oversight.breach.incident import Incident, open_incident
from peelian.oversight.breach.letters import Contact
from peelian.oversight.breach.signals import signals_in
from peelian.oversight.review.people import lists_of
from peelian.pictures.panels import Picture
from peelian.pictures.words import english
from peelian.web.letters import FORMS, written

CONTACT = Contact(office="Town", officer="Privacy officer", reach="+1 555 0100")
MADE = datetime(2026, 3, 3, tzinfo=UTC)
WHY = {f"why_{name}": "a b c" for name in ("sensitivity", "likelihood", "mitigation")}
HARM = {
    "real_risk": True,
    "rule": "in_doubt_people_are_told",
    "exposure": "readable",
    "sensitivity": "high",
    "likelihood": "low",
    "mitigation": "low",
    **WHY,
}


def told() -> tuple[Desk, Incident, list[Letter]]:
    at = precinct()
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), person(3), session="s", address="elsewhere")
    (signal,) = signals_in(at.desk.kernel)
    incident, _ = open_incident(at.desk.kernel, at.desk.people["clerk"], signal)
    lists = lists_of(at.desk.kernel)
    incident = replace(incident, telling=channels(lists, incident.subjects), harm=HARM)
    return at.desk, incident, list(letters(at.desk.office, incident, CONTACT, lists.subjects))


def test_everybody_told_directly_has_one_letter_in_their_language() -> None:
    at, incident, made = told()
    assert [(x.to, x.language) for x in made[:4]] == [
        ("regulator", "en"),
        ("public", "en"),
        ("regulator", "fr"),
        ("public", "fr"),
    ]
    assert {x.to for x in made[4:]} == set(incident.subjects)
    assert sorted(x.language for x in made[4:]) == ["en", "fr"]
    assert all(missing_parts(x, at.office.say(x.language)) == () for x in made)


def test_a_part_with_nothing_under_it_is_missing() -> None:
    _, _, made = told()
    cut = replace(made[1], panels=made[1].panels[:4])
    assert "What you can do" in missing_parts(cut, english)


def test_a_letter_lacks_only_what_the_laws_of_its_incident_ask() -> None:
    """Quebec asks why there is a risk, the European laws do not; a late report says why to the latter."""
    at, incident, _ = told()
    bare = replace(incident, harm={})

    def lacking(*regimes: str, days: int = 0) -> set[str]:
        one, made = replace(bare, regimes=regimes), datetime.fromisoformat(bare.aware_at) + timedelta(days=days)
        every = letters(at.office, one, CONTACT, lists_of(at.kernel).subjects, made=made)
        return {part for x in every for part in missing_parts(x, at.office.say(x.language))}

    assert lacking("quebec") == {"Risk of harm"} == lacking() == lacking("ontario")
    assert lacking("gdpr") == lacking("led", days=2) == lacking("pipeda", days=9) == lacking("mfippa") == set()
    assert lacking("gdpr", days=4) == lacking("led", days=4) == {"Reason for a delay"}


def test_a_list_of_letters_says_how_many_go_out_and_what_each_lacks() -> None:
    at, incident, _ = told()
    subjects = lists_of(at.kernel).subjects
    every = outgoing(at.office, incident, subjects)
    assert {(x.to, x.language, x.n) for x in every} == {
        (to, language, 1) for to in ("regulator", "person") for language in ("en", "fr")
    }
    assert all({GAPS["event"], GAPS["measures"], GAPS["law"]} <= set(x.missing) for x in every)
    words = Account(what="A clerk's log-on was used from outside.", which="Two reports of May.")
    known = replace(incident, accounts={"en": words}, measures=("session_ended",), regimes=("quebec",), harm={})
    missing = {(x.to, x.language): set(x.missing) for x in outgoing(at.office, known, subjects)}
    assert missing["regulator", "en"] == {"Risk of harm"} and missing["person", "en"] == set()
    assert missing["person", "fr"] == {GAPS["event"], GAPS["which"]}
    public = [x.to for x in outgoing(at.office, replace(known, unlisted=frozenset({"d"})), subjects)]
    assert public.count("public") == 2, "where not everybody is known the notice goes out in both languages"
    assert outgoing(at.office, replace(incident, false_alarm=True), subjects) == ()


def test_words_of_the_office_stand_in_the_letters_of_their_language_only() -> None:
    at, incident, _ = told()
    words = {"en": Account(what="A clerk's log-on was used from outside.")}
    made = letters(at.office, replace(incident, accounts=words), CONTACT, lists_of(at.kernel).subjects)
    for letter in made:
        assert (words["en"].what in str(letter.panels)) == (letter.language == "en"), letter.to


def test_a_letter_without_anybody_to_ask_is_not_written() -> None:
    at, incident, _ = told()
    with pytest.raises(InputError, match="nobody to ask"):
        letter_documents(at.office, at.people["privacy-officer"], incident.id, officer="P", reach=" ", kind="html")


def test_times_are_the_towns_where_its_datasets_agree_on_a_zone_and_keep_apart_when_clocks_change() -> None:
    toronto, utc = local("en", "America/Toronto"), local("en", "")
    assert toronto("2026-03-08T06:30:00+00:00") == "8 March 2026 at 01:30 (local time)"
    assert toronto("2026-03-08T07:30:00+00:00") == "8 March 2026 at 03:30 (local time)"
    assert utc("2026-03-08T06:30:00+00:00") == "8 March 2026 at 06:30 UTC"
    assert toronto("2026-03-08") == "8 March 2026" and toronto("unknown") == "unknown"
    assert local("en", "America/St_Johns")("2026-12-02T12:00:00+00:00").endswith("at 08:30 (local time)")
    assert local("fr", "America/St_Johns")("2026-11-01T03:45:00+00:00").endswith("à 01 h 15 (heure locale, UTC−2:30)")
    hours = [toronto(f"2026-11-01T0{hour}:30:00+00:00").partition(" at ")[2] for hour in (4, 5, 6, 7)]
    shown = ["00:30 (local time)", "01:30 (local time, UTC−4)", "01:30 (local time, UTC−5)", "02:30 (local time)"]
    assert hours == shown, "the hour that comes twice"


def test_the_zone_is_that_of_the_datasets_and_none_where_they_differ() -> None:
    at = precinct().desk
    assert zone_of(at.kernel) == ""
    one = SimpleNamespace(facts={"zone": "America/Toronto"})
    other, none = SimpleNamespace(facts={"zone": "Europe/Paris"}), SimpleNamespace(facts={})

    def zone(*datasets: SimpleNamespace) -> str:
        state = SimpleNamespace(datasets=dict(enumerate(datasets)))
        return zone_of(cast(Kernel, SimpleNamespace(state=state)))

    assert zone(one, none, one) == "America/Toronto" and zone(one, other) == "" == zone(none)
    assert zone(SimpleNamespace(facts={"zone": "unstated"})) == ""


@pytest.mark.parametrize("form", FORMS)
def test_a_letter_is_a_file_for_its_owner_only(form: str, tmp_path: Path) -> None:
    at, _, made = told()
    file = written(made[-1], tmp_path / "out", form=form, say=at.office.say(made[-1].language), made=MADE)
    assert file.stat().st_mode & 0o077 == 0 and "First" not in file.name
    assert file.read_bytes().startswith(b"%PDF" if form == "pdf" else b"<!doctype html>")


def test_a_pdf_is_tagged_and_says_its_language(tmp_path: Path) -> None:
    from pypdf import PdfReader

    at, _, made = told()
    file = written(made[2], tmp_path, form="pdf", say=at.office.say("fr"), made=MADE)
    reader = PdfReader(file)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and str(root["/Lang"]).startswith("fr")
    assert "Circonstances et cause" in "".join(page.extract_text() for page in reader.pages)


def test_a_picture_without_a_text_and_an_unknown_form_are_refused(tmp_path: Path) -> None:
    _, _, made = told()
    bare = replace(made[0], panels=[Picture(svg="<svg/>", alternative=" ", caption="c")])
    with pytest.raises(InputError, match="alternative text"):
        written(bare, tmp_path, form="pdf", say=english)
    with pytest.raises(InputError, match="form"):
        written(made[0], tmp_path, form="fax", say=english)
