"""The letters of an incident at the pages: in one archive, named by no one; nothing is sent."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from authentication import logged_on, seated, send
from browser import gates, served, visit
from playwright.sync_api import Browser
from precinct import Precinct, person, precinct
from told import told

from peelian.oversight.breach.harm import Worksheet
from peelian.oversight.breach.incident import open_incident
from peelian.oversight.breach.protocol import weigh_incident
from peelian.oversight.breach.signals import signals_in
from peelian.web.app import make_app

LETTERS = "/en/tasks/breach-letters"
CONTACT = {"officer": "Pia Roy", "reach": "+1 555 0100"}
WHY = "police records are sensitive"
SHEET = Worksheet(
    exposure="readable", sensitivity="high", likelihood="medium", mitigation="low",
    why_sensitivity=WHY, why_likelihood=WHY, why_mitigation=WHY,
)  # fmt: skip


@pytest.fixture(scope="module")
def at() -> Precinct:
    at = precinct()
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), person(3), session="s", address="elsewhere")
    return at


@pytest.fixture(scope="module")
def app(at: Precinct) -> Any:
    return make_app(at.desk.office)


def test_every_letter_of_an_incident_is_taken_along(at: Precinct, app: Any) -> None:
    kernel, people = at.desk.kernel, at.desk.people
    incident, _ = open_incident(kernel, people["clerk"], signals_in(kernel)[0])
    weigh_incident(kernel, people["privacy-officer"], incident.id, SHEET)
    officer = logged_on(app, at.desk.office, "privacy-officer")
    assert f'<option value="{incident.id}">' in officer.get(LETTERS).text
    shown = officer.get(LETTERS).text
    assert "Letters to send" in shown and "what happened; which information; what was done; which law applies" in shown
    got = send(officer, LETTERS, incident=incident.id, kind="html", **CONTACT)
    assert got.status_code == 200 and got.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        names = archive.namelist()
        assert {"regulator-en.html", "regulator-fr.html", "public-en.html", "public-fr.html"} < set(names)
        assert len(names) == 4 + len(incident.subjects) and b"Pia Roy" in archive.read("public-fr.html")
    (entry,) = [e for _, e in kernel.stores.log.read(kinds=["AMENDED"]) if e["step"] == "lettered"]
    assert entry["by"] == people["privacy-officer"].person.token and entry["incident"] == incident.id
    assert send(officer, LETTERS, incident="b-none", kind="html", **CONTACT).status_code == 409
    slip = send(officer, LETTERS, incident=incident.id, kind="fax", **CONTACT)
    assert slip.status_code == 400 and 'value="Pia Roy"' in slip.text and told(slip.text)
    for other in ("custodian", "auditor", "clerk"):
        assert send(logged_on(app, at.desk.office, other), LETTERS, incident=incident.id).status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate(browser: Browser, app: Any, at: Precinct, language: str) -> None:
    with served(app) as here:
        by = seated(app, at.desk.office, "privacy-officer")
        with visit(browser, f"{here}/{language}/tasks/breach-letters", **by) as seen:
            assert not gates(seen, own=(here,))
