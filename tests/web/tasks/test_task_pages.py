"""Tasks at the pages: the list, each form, its faults at its fields, and who sees which."""

from __future__ import annotations

import re
from typing import Any

import pytest
from authentication import at_pages, form_of, logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from fastapi.testclient import TestClient
from playwright.sync_api import Browser
from toy import COUNT, TOY

from peelian.acts.retention import CLASSES
from peelian.forms import fields_of
from peelian.kernel.model.archive_partitions import DAYS
from peelian.kernel.model.capability import Role
from peelian.web.app import make_app
from peelian.web.tasks.pages import TASKS


@pytest.fixture(scope="module")
def town() -> Desk:
    town = desk((TOY,))
    town.authorizations(COUNT)
    town.ask(COUNT)
    return town


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


@pytest.fixture(scope="module")
def people(town: Desk, app: Any) -> dict[str, TestClient]:
    return {name: logged_on(app, town.office, name) for name in town.people}


def roles_of(town: Desk, name: str) -> frozenset[Role]:
    return town.people[name].person.roles


def test_everybody_sees_the_tasks_of_their_roles_and_no_others(people: dict[str, TestClient], town: Desk) -> None:
    for name, client in people.items():
        roles = roles_of(town, name)
        shown = set(re.findall(r'href="/en/tasks/([\w-]+)"', client.get("/en/tasks").text))
        assert shown == {task.id for task in TASKS.values() if task.roles & roles}, name
        hidden = [id for id in TASKS if id not in shown]
        assert {client.get(f"/en/tasks/{id}").status_code for id in hidden} <= {404}
        assert all(send(client, f"/en/tasks/{id}").status_code == 404 for id in hidden[:1])


def test_each_task_is_shown_to_somebody(people: dict[str, TestClient], town: Desk) -> None:
    for task in TASKS.values():
        client = next(one for name, one in people.items() if roles_of(town, name) & task.roles)
        assert client.get(f"/fr/tasks/{task.id}").status_code == 200, task.id


def test_nobody_without_a_session_sees_any(app: Any) -> None:
    for page in ("/en/tasks", *(f"/en/tasks/{id}" for id in TASKS)):
        assert at_pages(app).get(page).status_code == 401


@pytest.mark.parametrize("task", [task for task in TASKS.values() if task.params], ids=lambda task: task.id)
def test_an_empty_or_hostile_form_is_told_at_its_fields_and_does_nothing(
    people: dict[str, TestClient], town: Desk, task: Any
) -> None:
    client = next(one for name, one in people.items() if roles_of(town, name) & task.roles)
    page = client.get(f"/en/tasks/{task.id}").text
    names = set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page)) - {"form"}
    before, at, form = town.kinds(), f"/en/tasks/{task.id}", form_of(client)
    for text in ("", "<script>alert(1)</script>\x00", "9" * 400):
        got = client.post(at, data=dict.fromkeys(names, text) | {"form": form})
        assert got.status_code in (400, 403, 404, 409), (text, got.text)
        assert "<script>alert" not in got.text and 'role="alert"' in got.text
    assert client.post(at, data={"unknown": "x", "form": form}).status_code == 400
    assert client.post(at, data={"form": "not of this session"}).status_code == 403
    assert set(town.kinds()[len(before) :]) <= {"REFUSED"}


def test_a_hold_is_placed_and_released_and_what_was_typed_is_kept_after_a_slip(
    people: dict[str, TestClient], town: Desk
) -> None:
    clerk, dataset = people["clerk"], next(iter(town.kernel.state.datasets.values())).dataset
    slip = send(clerk, "/en/tasks/retention-hold", of=dataset, why="legal", reason="too short")
    assert slip.status_code in (400, 409) and ">too short</textarea>" in slip.text and f'value="{dataset}"' in slip.text
    held = send(clerk, "/en/tasks/retention-hold", of=dataset, why="legal", reason="a court asked for it")
    assert held.status_code == 200 and 'role="status"' in held.text and town.kinds()[-1] == "HELD"
    page = clerk.get("/en/tasks/retention-hold").text
    assert re.search(rf"<tr[^>]*><th[^>]*>[^<]+</th><td[^>]*>{dataset}</td><td[^>]*>Held</td>", page), "told by its id"
    of = re.search(r'<input id="of"[^>]* list="of-hints".*?</datalist>', page)
    assert of and all(f'<option value="{one.dataset}">' in of[0] for one in town.kernel.state.datasets.values())
    assert f": {dataset}</option>" in clerk.get("/en/tasks/retention-queue").text, "two may have the same title"
    page = clerk.get("/fr/tasks/retention-release").text
    name = re.search(rf'value="({dataset} [^"]+)"', page)
    assert name is not None
    own = send(clerk, "/fr/tasks/retention-release", hold=name[1], reason="the court has closed it")
    assert own.status_code == 403 and "Qui a posé un gel ne peut pas le lever." in own.text
    freed = send(
        people["privacy-officer"], "/fr/tasks/retention-release", hold=name[1], reason="the court has closed it"
    )
    assert freed.status_code == 200 and town.kinds()[-1] == "RELEASED"


def test_what_is_kept_and_held_is_listed_in_words_of_the_language(people: dict[str, TestClient], town: Desk) -> None:
    clerk, officer = people["clerk"], people["privacy-officer"]
    dataset = next(iter(town.kernel.state.datasets.values())).dataset
    words = "a court asked for it"
    assert send(clerk, "/en/tasks/retention-hold", of=dataset, why="case", reason=words).status_code == 200
    known = {"category": "informant", "days": "90", "access": "restricted", "reason": words}
    assert send(officer, "/en/tasks/retention-define", **known).status_code == 200
    assert "(Dossier ouvert)" in clerk.get("/fr/tasks/retention-hold").text
    assert ">Restreint</td>" in officer.get("/fr/tasks/retention-define").text
    classes = officer.get("/fr/tasks/retention-classes").text
    for title in ("Dossiers", "Refus", "Registre public", "Documents du bureau"):
        assert f">{title}</th>" in classes, title
    assert set(CLASSES) == set(DAYS)


def test_every_text_of_a_task_is_translated(town: Desk) -> None:
    french, texts = town.office.say("fr"), set()
    for task in TASKS.values():
        texts |= {task.group, task.title, task.about, task.empty}
        for field in fields_of(task.params) if task.params else ():
            texts |= {field.help, field.unit, *field.names.values()} - {""}
    assert [text for text in sorted(texts) if french(text) == text] == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, language: str) -> None:
    with served(app) as here:
        for page in ("tasks", "tasks/retention-define", "tasks/retention-hold"):
            with visit(browser, f"{here}/{language}/{page}", **seated(app, town.office, "privacy-officer")) as seen:
                assert not gates(seen, own=(here,)), page
