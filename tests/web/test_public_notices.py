"""The page of a public notice: for everybody, in both languages, with nobody named, and gone when it is ended."""

from __future__ import annotations

import pytest
from authentication import at_pages, logged_on, send
from precinct import Precinct, person, precinct

from peelian.oversight.breach.incident import open_incident
from peelian.oversight.breach.public_notice import end_notice, publish_notice
from peelian.oversight.breach.signals import signals_in
from peelian.oversight.transparency.contact import Contact, state_contact
from peelian.web.app import make_app
from peelian.web.pages import LANGUAGES


@pytest.fixture
def at() -> Precinct:
    at = precinct()
    state_contact(at.desk.kernel, at.desk.people["clerk"], Contact(telephone="+1 555 0100"))
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), person(3), session="s", address="elsewhere")
    return at


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_reads_a_notice_while_it_stands_and_finds_it_beside_the_incidents(
    at: Precinct, language: str
) -> None:
    kernel, officer = at.desk.kernel, at.desk.people["privacy-officer"]
    incident, _ = open_incident(kernel, officer, signals_in(kernel)[0])
    anybody = at_pages(make_app(at.desk.office))
    here = f"/{language}/incidents/{incident.id}/notice"
    assert anybody.get(here).status_code == 404 and here not in anybody.get(f"/{language}/incidents").text
    publish_notice(kernel, officer, incident.id, reason="not_in_lists")
    page = anybody.get(here)
    assert page.status_code == 200 and here in anybody.get(f"/{language}/incidents").text
    say = at.desk.office.say(language)
    for title in ("What happened", "What it may mean for you", "What you can do", "Where to complain"):
        assert f"{say(title)}</h2>" in page.text
    assert "+1 555 0100" in page.text and "www.ipc.on.ca" in page.text
    assert not any(token in page.text for token in incident.subjects)
    end_notice(kernel, officer, incident.id, reason="false_alarm")
    assert anybody.get(here).status_code == 404 and here not in anybody.get(f"/{language}/incidents").text


def test_the_officer_publishes_and_ends_it_from_their_tasks(at: Precinct) -> None:
    kernel, people = at.desk.kernel, at.desk.people
    incident, _ = open_incident(kernel, people["privacy-officer"], signals_in(kernel)[0])
    app = make_app(at.desk.office)
    officer, anybody = logged_on(app, at.desk.office, "privacy-officer"), at_pages(app)
    here = f"/en/incidents/{incident.id}/notice"
    assert f'value="{incident.id}"' not in officer.get("/en/tasks/breach-notice-end").text
    done = send(officer, "/en/tasks/breach-notice", incident=incident.id, reason="more_harm")
    assert done.status_code in (200, 303) and anybody.get(here).status_code == 200
    assert f'value="{incident.id}"' not in officer.get("/en/tasks/breach-notice").text
    done = send(officer, "/en/tasks/breach-notice-end", incident=incident.id, reason="all_told")
    assert done.status_code in (200, 303) and anybody.get(here).status_code == 404
    for other in ("custodian", "auditor", "clerk"):
        assert logged_on(app, at.desk.office, other).get("/en/tasks/breach-notice").status_code == 404
