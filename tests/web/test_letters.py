"""Letters become files: whole in both languages, as HTML and as tagged PDF, for their owner only, named by no one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk import Desk
from precinct import person, precinct

from peelian.errors import InputError
from peelian.oversight.breach.channels import channels
from peelian.oversight.breach.incident import Incident, open_incident
from peelian.oversight.breach.letters import Contact
from peelian.oversight.breach.signals import signals_in
from peelian.oversight.review.people import lists_of
from peelian.pictures.panels import Picture
from peelian.pictures.words import english
from peelian.web.letters import FORMS, Letter, letters, missing_parts, written

CONTACT = Contact(office="Town", officer="Privacy officer", reach="+1 555 0100")
MADE = datetime(2026, 3, 3, tzinfo=UTC)


def told() -> tuple[Desk, Incident, list[Letter]]:
    at = precinct()
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), person(3), session="s", address="elsewhere")
    (signal,) = signals_in(at.desk.kernel)
    incident, _ = open_incident(at.desk.kernel, at.desk.people["clerk"], signal)
    lists = lists_of(at.desk.kernel)
    incident = replace(incident, telling=channels(lists, incident.subjects))
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
