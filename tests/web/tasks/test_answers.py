"""A person is told at the pages who viewed their records; who they are is never shown again, nor kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authentication import at_pages, code_for, logged_on, seated, send
from browser import gates, served, visit
from desk import desk, entitle
from playwright.sync_api import Browser
from precinct import Precinct, person, precinct
from real_town import Town, real_town
from recordings import DECLARED

from peelian.catalogues import say_in
from peelian.forms import fields_of
from peelian.kernel.model.technology import OTHER_RECORDS, personal_shapes, records_said
from peelian.kernel.verbs import custody
from peelian.operations.office import technologies
from peelian.technologies.footage.example import example_clip
from peelian.web.app import make_app
from peelian.web.auth_middleware import UNKEPT
from peelian.web.tasks.pages import TASKS

PAGE = "/en/tasks/accesses-who-viewed"


@pytest.fixture(scope="module")
def at() -> Precinct:
    made = precinct()
    made.look("anna", person(3))
    return made


@pytest.fixture(scope="module")
def app(at: Precinct) -> Any:
    return make_app(at.desk.office)


@pytest.fixture(scope="module")
def clerk(at: Precinct, app: Any) -> Any:
    return logged_on(app, at.desk.office, "clerk")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with real_town(tmp_path / "office") as made:
        yield made


def test_the_answer_stands_on_the_page_and_names_no_staff(at: Precinct, clerk: Any) -> None:
    done = send(clerk, PAGE, identifier=person(3), check="photo_id_seen", answer="page", language="fr")
    assert done.status_code == 200 and at.desk.kinds()[-1] == "ANSWERED"
    assert "Consultations de dossiers" in done.text and person(3) not in done.text and "Anna" not in done.text


@pytest.mark.parametrize(("form", "begins"), [("html", b"<!doctype html>"), ("pdf", b"%PDF")])
def test_a_letter_is_taken_along_as_a_file(clerk: Any, form: str, begins: bytes) -> None:
    got = send(clerk, PAGE, identifier=person(3), check="known_in_person", answer=form, language="fr")
    assert got.status_code == 200 and got.content.lower().startswith(begins.lower())
    assert f'-fr.{form}"' in got.headers["content-disposition"] and got.headers["cache-control"] == "no-store"
    assert person(3).encode() not in got.content


def test_who_they_are_is_not_shown_again_after_a_slip(at: Precinct, clerk: Any) -> None:
    before = at.desk.kinds()
    for fault in ({"check": ""}, {"check": "trust"}, {"answer": "fax"}, {"identifier": " "}):
        told = {"identifier": person(3), "check": "photo_id_seen", "answer": "page", "language": "en"}
        slip = send(clerk, PAGE, **told | fault)
        assert slip.status_code == 400 and person(3) not in slip.text, fault
    assert person(3) not in clerk.get(f"{PAGE}?identifier={person(3)}").text
    assert at.desk.kinds() == before


def test_nor_kept_while_a_key_is_unlocked_or_a_session_is_begun(town: Town) -> None:
    told = {"identifier": person(3), "check": "photo_id_seen", "answer": "page", "language": "en"}
    outside = at_pages(town.app).post(PAGE, data=told)
    assert outside.status_code == 401 and "photo_id_seen" in outside.text and person(3) not in outside.text
    clerk = at_pages(town.app)
    clerk.post("/en/log-on", data={"code": code_for(town.app, town.desk.office, "clerk")})
    locked = send(clerk, PAGE, **told)
    assert locked.status_code == 403 and "Unlock your signing key" in locked.text
    assert "photo_id_seen" in locked.text and person(3) not in locked.text


def test_every_hidden_field_of_a_task_is_one_that_is_not_kept() -> None:
    hidden = {
        name
        for task in TASKS.values()
        if task.params
        for name, field in task.params.__dataclass_fields__.items()
        if field.metadata.get("kind") == "password"
    }
    assert hidden and hidden <= UNKEPT
    assert {one.name for one in fields_of(TASKS["accesses-who-viewed"].params or type)} >= hidden


def test_an_answer_at_the_page_counts_what_lacks_a_list_and_searches_by_time_and_place() -> None:
    town = desk(technologies())
    options = {"recorded_at": "2026-03-01T12:30:00Z", "place": "City Hall"}
    clip = io.BytesIO(example_clip())
    entitle(town.kernel, town.people["council"])
    custody.keep(town.kernel, town.people["clerk"], DECLARED, clip, format="video", options=options)
    client = logged_on(make_app(town.office), town.office, "clerk")
    asked = {"identifier": "P-1", "check": "photo_id_seen", "answer": "page", "language": "en"}
    page = send(client, PAGE, **asked).text
    assert "What we could not search" in page and "No one viewed" not in page and "P-1" not in page
    then = {"starts": "2026-03-01T12:00:00Z", "ends": "2026-03-01T13:00:00Z", "place": "city hall"}
    page = send(client, PAGE, **asked, **then).text
    assert "Accesses to these recordings" in page and "do not know whether they show you" in page
    wrong = send(client, PAGE, **asked, **then | {"ends": "2026-03-05T13:00:00Z"})
    assert wrong.status_code == 400 and "at most 24 hours" in wrong.text


def test_every_kind_of_personal_records_has_words() -> None:
    known = technologies()
    for shape in personal_shapes(known):
        own = f"peelian.technologies.{shape.partition('.')[0]}"
        say = say_in("fr", ["peelian.pictures", "peelian.web", own], strict=True)
        assert records_said(known, shape) != OTHER_RECORDS and say(records_said(known, shape))
    assert records_said(known, "toy.wells") == OTHER_RECORDS


def test_the_incidents_of_each_year_are_counted(app: Any, at: Precinct) -> None:
    page = logged_on(app, at.desk.office, "auditor").get("/fr/tasks/breach-yearly").text
    assert str(at.desk.kernel.now().year) in page and "Personnes concernées" in page


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, at: Precinct, language: str) -> None:
    with served(app) as here:
        for page in ("tasks/accesses-who-viewed", "tasks/breach-yearly"):
            with visit(browser, f"{here}/{language}/{page}", **seated(app, at.desk.office, "privacy-officer")) as seen:
                assert not gates(seen, own=(here,)), page
