"""The pages of oversight: what they show in both languages, what the public sees of it, and nobody's name in public."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from authentication import logged_on, seated
from browser import gates, served, visit
from drill_record import DRILL
from fastapi.testclient import TestClient
from playwright.sync_api import Browser
from precinct import WEEK, Precinct, ordinary_week, person, precinct

from peelian.kernel.records.office_records import keep
from peelian.oversight.breach.harm import Worksheet
from peelian.oversight.breach.incident import open_incident
from peelian.oversight.breach.protocol import weigh_incident
from peelian.oversight.breach.signals import signals_in
from peelian.oversight.drills.due import self_test_of
from peelian.oversight.review.subjects import answer
from peelian.oversight.review.week import draw_week
from peelian.web.app import make_app
from peelian.web.breach.pages import _people, _sum
from peelian.web.identity.guards import POLICY
from peelian.web.public.drills import self_test_report

SHEET = Worksheet(
    exposure="readable",
    sensitivity="high",
    likelihood="medium",
    mitigation="low",
    why_sensitivity="Police records are sensitive.",
    why_likelihood="Nobody knows who has it.",
    why_mitigation="It cannot be unread.",
)


@pytest.fixture(scope="module")
def reviewed() -> tuple[Precinct, str]:
    """A week with a borrowed session, an incident from it, an answer to a person, and a self-test."""
    at = precinct()
    ordinary_week(at)
    at.look("anna", person(1), session="s", at="2026-03-06T15:00")
    at.look("anna", person(2), session="s", address="elsewhere", at="2026-03-06T15:05")
    at.week_over()
    kernel, people = at.desk.kernel, at.desk.people
    draw_week(kernel, people["auditor"], WEEK)
    (signal,) = signals_in(kernel)
    incident, _ = open_incident(kernel, people["clerk"], signal)
    weigh_incident(kernel, people["privacy-officer"], incident.id, SHEET, measures=("session_ended",))
    open_incident(kernel, people["clerk"], replace(signal, kind="records_taken", entries=()), drill=True)
    answer(kernel, people["clerk"], person(2), check="photo_id_seen")
    keep(kernel, people["auditor"], "self_test", DRILL, drill="snooping-1")
    return at, incident.id


@pytest.fixture(scope="module")
def client(reviewed: tuple[Precinct, str]) -> TestClient:
    office = reviewed[0].desk.office
    return logged_on(make_app(office), office, "auditor")


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("/en/accesses", WEEK),
        (f"/en/accesses/{WEEK}", "One session used from two places"),
        (f"/fr/accesses/{WEEK}", "Une session utilisée depuis deux endroits"),
        ("/en/incidents", "a staff member&#39;s log-on"),
        ("/fr/incidents", "Nous avons coupé l’accès utilisé"),
        ("/en/drills", "Next drill due by"),
        ("/fr/drills/snooping-1", "Membre du personnel qui épie une personne"),
        ("/en/whoaccessed", "Answers by month"),
        ("/fr/whoaccessed", "Comment demander"),
    ],
)
def test_a_page_says_what_it_is_for(client: TestClient, page: str, says: str) -> None:
    answered = client.get(page)
    assert answered.status_code == 200 and says in answered.text, answered.text[:500]


def test_one_incident_shows_its_clocks_and_worksheet(client: TestClient, reviewed: tuple[Precinct, str]) -> None:
    text = client.get(f"/en/incidents/{reviewed[1]}").text
    assert "To the regulator" in text and "Nobody knows who has it." in text and "running" in text


@pytest.mark.parametrize("page", ["/en/accesses/2026-W11", "/en/drills/no-1", "/en/incidents/b-0", "/de/drills"])
def test_what_there_is_not_is_not_found(client: TestClient, page: str) -> None:
    assert client.get(page).status_code == 404


def test_the_public_sees_incidents_and_drills_and_nobodys_name(reviewed: tuple[Precinct, str]) -> None:
    at, incident = reviewed
    public = TestClient(make_app(at.desk.office, public=True), base_url="http://127.0.0.1")
    assert public.get("/en/accesses").status_code == 404
    assert public.get(f"/en/incidents/{incident}").status_code == 404
    told = "".join(
        public.get(f"/en/{page}").text for page in ("incidents", "drills", "drills/snooping-1", "whoaccessed")
    )
    people = [p.name for p in at.desk.kernel.state.people.values() if p.name not in ("board", "council", "clerk")]
    assert not [name for name in people if f">{name}<" in told] and "Dubois" not in told
    assert "A staff member opened or printed" not in told, "a drill's incident is none"


def test_a_self_tests_record_is_a_page_of_its_own(reviewed: tuple[Precinct, str]) -> None:
    office = reviewed[0].desk.office
    page = self_test_report(office, self_test_of(office.kernel, "snooping-1"), "en")
    assert "all people are invented" in page and "Measured times" in page


@pytest.fixture(scope="module")
def site(reviewed: tuple[Precinct, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    office = reviewed[0].desk.office
    app = make_app(office)
    with served(app) as where:
        yield where, seated(app, office, "auditor")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "page", ["accesses", f"accesses/{WEEK}", "incidents", "drills", "drills/snooping-1", "whoaccessed"]
)
def test_every_page_passes_every_gate(
    browser: Browser, site: tuple[str, dict[str, Any]], page: str, language: str
) -> None:
    address, session = site
    with visit(browser, f"{address}/{language}/{page}", reduced_motion="reduce", **session) as seen:
        assert seen.policy == POLICY
        assert gates(seen, own=(address,)) == {}


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ([], "0"),
        ([(40, 0), (300, 0)], "340"),
        ([(40, 0), (3, 0)], "at least 40"),  # 43 would tell the 3
        ([(3, 0)], "at least 0"),
        ([(300, 4)], "at least 0"),  # 300 of 304 told: 4 were not
        ([(0, 0), (25, 0)], "25"),
    ],
)
def test_no_total_tells_how_few_people_an_incident_concerned(numbers: list[tuple[int, int]], says: str) -> None:
    assert _sum(numbers, lambda text, **values: text % values) == says
    assert _people(3, lambda text, **values: text % values) == "fewer than 20"
