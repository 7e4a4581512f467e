"""The switch opens a marked office only, answers this machine only, and brings nobody in by a way of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import gates, served, visit
from demo_town import Built
from desk import desk
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from peelian.catalogues import say_in
from peelian.demos.switch import TITLES, make_switch, playing
from peelian.errors import OutOfOrder
from peelian.kernel.model.capability import Role
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.state.demonstration import mark
from peelian.operations.office import Office, new_office

HERE = "http://localhost"


def at(office: Office, base: str = HERE, client: tuple[str, int] = ("127.0.0.1", 5_000), **headers: str) -> TestClient:
    """A browser on this machine, or wherever a test says."""
    said = {"origin": base, **headers}
    return TestClient(make_switch(office), base_url=base, follow_redirects=False, headers=said, client=client)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Office]:
    """A marked office with two of its people."""
    with new_office(tmp_path / "office", name="Town") as office:
        mark(office.kernel)
        by = office.enrol("custodian", name="Custodian", unit="it", roles={Role.CUSTODIAN})
        office.enrol("analyst", name="Analyst", unit="crime analysis", roles={Role.ANALYST}, by=by)
        yield office


def play(client: TestClient, **fields: str) -> Any:
    """Press a button of the bar."""
    return client.post("/en/play", data=fields)


def test_a_real_office_is_never_played() -> None:
    town = desk()
    with pytest.raises(OutOfOrder, match="began as a demonstration"):
        make_switch(town.office)
    town.kernel.append("DEMONSTRATION")
    with pytest.raises(OutOfOrder, match="began as a demonstration"), playing(town.office):
        pass


@pytest.mark.parametrize(
    ("base", "client", "headers", "status"),
    [
        (HERE, ("127.0.0.1", 5_000), {}, 200),
        (HERE, ("::1", 5_000), {}, 200),
        (HERE, ("192.0.2.7", 5_000), {}, 403),
        (HERE, ("testclient", 5_000), {}, 403),
        ("http://town.example", ("127.0.0.1", 5_000), {}, 421),
        (HERE, ("127.0.0.1", 5_000), {"x-forwarded-for": "192.0.2.7"}, 403),
        (HERE, ("127.0.0.1", 5_000), {"forwarded": "for=192.0.2.7"}, 403),
        (HERE, ("127.0.0.1", 5_000), {"via": "1.1 proxy"}, 403),
    ],
)
def test_it_answers_this_machine_only(
    small: Office, base: str, client: tuple[str, int], headers: dict[str, str], status: int
) -> None:
    there = at(small, base, client, **headers)
    assert there.get("/en/").status_code == status
    assert (there.post("/en/play", data={"person": "analyst"}).status_code == 303) is (status == 200)


def test_somebody_is_played_with_their_own_code_and_steps_up_and_nobody_after_that(small: Office) -> None:
    client = at(small)
    assert client.get("/en/desk").status_code == 401
    assert play(client, person="analyst").headers["location"] == "/en/desk"
    page = client.get("/en/desk").text
    assert "You play: Analyst" in page and "people and acts are played" in page
    kinds = [str(entry["kind"]) for _, entry in small.kernel.stores.log.read()]
    assert kinds[0] == "DEMONSTRATION" and kinds[-2:] == ["PROVED", "SESSION_BEGAN"]
    assert play(client, person="custodian").status_code == 303
    kinds = [str(entry["kind"]) for _, entry in small.kernel.stores.log.read()]
    assert kinds[-3:] == ["SESSION_ENDED", "PROVED", "SESSION_BEGAN"], "one session ends before another begins"
    assert play(client, person="nobody").status_code == 303
    assert client.get("/en/desk").status_code == 401


def test_what_comes_from_elsewhere_or_names_nobody_is_refused(small: Office) -> None:
    client = at(small)
    assert at(small, origin="http://evil.example").post("/en/play", data={"person": "analyst"}).status_code == 403
    assert at(small, **{"sec-fetch-site": "cross-site"}).post("/en/play", data={"person": "analyst"}).status_code == 403
    for person in ("", "mallory", "../custodian", "<script>"):
        assert play(client, person=person).status_code == 404
    assert client.post("/de/play", data={"person": "analyst"}).status_code == 404
    assert client.post("/en/play", content=b"x" * 600_000).status_code == 400
    assert client.post("/en/play", content=b"\xff\xfe=1").status_code == 400
    assert client.get("/en/play").status_code == 404
    entries = [str(entry["kind"]) for _, entry in small.kernel.stores.log.read()]
    assert "SESSION_BEGAN" not in entries


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("/en/cases/c-1", "/en/cases/c-1"),
        ("/en/ask/mapping.forecast?param.category=robbery", "/en/ask/mapping.forecast?param.category=robbery"),
        ("//evil.example/en/", "/en/desk"),
        ("https://evil.example", "/en/desk"),
        ("javascript:alert(1)", "/en/desk"),
        ("/en/ask/x?a=1\r\nset-cookie: b=1", "/en/ask/x"),
        ("/en/log?x=<script>", "/en/log"),
    ],
)
def test_where_it_leads_is_a_page_of_the_town(small: Office, to: str, location: str) -> None:
    assert play(at(small), person="analyst", to=to).headers["location"] == location


def test_the_guide_can_be_closed_and_shown_again(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        client = at(office)
        assert "Guide: step 1 of 8" in client.get("/en/").text
        assert play(client, guide="closed", to="/en/register").headers["location"] == "/en/register"
        page = client.get("/en/").text
        assert "Guide: step" not in page and "Show the guide" in page
        play(client, guide="open", to="/en/")
        assert "étape 1 sur 8" in client.get("/fr/").text


def test_everybody_of_the_town_can_be_played(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        client = at(office)
        for short in TITLES:
            assert play(client, person=short).status_code == 303
            assert office.operator(short).person.name in client.get("/en/desk").text
        assert {office.kernel.office.token(short, of=PERSON) for short in TITLES} == set(office.kernel.state.people)
    french = say_in("fr", ["peelian.demos"], strict=True)
    assert len({french(title) for title in TITLES.values()}) == len(TITLES)


def test_the_sound_meter_speaks_while_the_town_is_played(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office, playing(office) as app:
        client = TestClient(app, base_url=HERE, headers={"origin": HERE}, client=("127.0.0.1", 5_000))
        client.post("/en/play", data={"person": "kay"})
        page = client.get("/en/console").text
        assert "EXERCISE" in page and "Acknowledge" in page and "people and acts are played" in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_bar_passes_every_gate(built: Built, tmp_path: Path, browser: Browser, language: str) -> None:
    with built.copy(tmp_path / "town") as office, served(make_switch(office)) as address:
        with visit(browser, f"{address}/{language}/") as seen:
            assert gates(seen, own=(address,)) == {}
        with visit(browser, f"{address}/{language}/", script=False) as seen:
            seen.page.locator("button[value=board]").click()
            assert (
                seen.page.locator(".play summary")
                .first.inner_text()
                .endswith("Change" if language == "en" else "Changer")
            )
