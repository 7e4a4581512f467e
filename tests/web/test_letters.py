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

from peelian.errors import InputError
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.breach.channels import channels
from peelian.oversight.breach.incident import Incident, open_incident
from peelian.oversight.breach.letters import Contact
from peelian.oversight.breach.signals import signals_in
from peelian.oversight.review.people import lists_of
from peelian.pictures.panels import Picture
from peelian.pictures.words import english
from peelian.web.letters import FORMS, Letter, letters, local, missing_parts, written, zone_of

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


def test_times_are_the_towns_where_its_datasets_agree_on_a_zone_and_keep_apart_when_clocks_change() -> None:
    toronto, utc = local("en", "America/Toronto"), local("en", "")
    assert toronto("2026-03-08T06:30:00+00:00") == "8 March 2026 at 01:30 (local time, UTC−5)"
    assert toronto("2026-03-08T07:30:00+00:00") == "8 March 2026 at 03:30 (local time, UTC−4)"
    assert utc("2026-03-08T06:30:00+00:00") == "8 March 2026 at 06:30 UTC"
    assert toronto("2026-03-08") == "8 March 2026" and toronto("unknown") == "unknown"
    assert local("en", "America/St_Johns")("2026-12-02T12:00:00+00:00").endswith("at 08:30 (local time, UTC−3:30)")


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
