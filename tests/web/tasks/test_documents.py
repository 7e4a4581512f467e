"""Documents at the pages: what a requirement asks for, a rights assessment, a vendor's clauses."""

from __future__ import annotations

from typing import Any

import pytest
from authentication import logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from playwright.sync_api import Browser
from toy import TOY

from peelian.oversight.assessment.documents import CLAUSES, SECTIONS, kept_of
from peelian.oversight.compliance.catalogue import to_produce
from peelian.web.app import make_app


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk((TOY,))


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


@pytest.fixture(scope="module")
def officer(town: Desk, app: Any) -> Any:
    return logged_on(app, town.office, "privacy-officer")


def test_a_required_document_is_recorded_and_the_compliance_page_names_it(town: Desk, officer: Any) -> None:
    one = next(iter(to_produce().values()))
    assert one.human is not None and one.human.fr in officer.get("/fr/tasks/oversight-produce").text.replace(
        "&#39;", "'"
    )
    told = {"requirement": one.id, "title": "Yearly training plan", "text": "It lies in the archive, shelf four."}
    assert send(officer, "/en/tasks/oversight-produce", **told | {"requirement": "XXX-99"}).status_code == 400
    assert send(officer, "/en/tasks/oversight-produce", **told).status_code == 200
    assert town.kinds()[-1] == "PRODUCED" and "recorded on" in officer.get("/en/compliance").text


def test_a_rights_assessment_takes_all_six_sections(town: Desk, officer: Any) -> None:
    sections = dict.fromkeys(SECTIONS, "said in a few words")
    slip = send(officer, "/en/tasks/oversight-rights", serves="toy.*", **sections | {"harms": "none"})
    assert slip.status_code == 400 and 'id="harms-fault"' in slip.text and "said in a few words" in slip.text
    assert send(officer, "/en/tasks/oversight-rights", serves="moon.*", **sections).status_code == 400
    done = send(officer, "/en/tasks/oversight-rights", serves="toy.*", **sections)
    assert done.status_code == 200 and town.kinds()[-1] == "RIGHTS_ASSESSED"
    (kept,) = kept_of(town.kernel, "rights")
    assert kept.body["sections"] == sections


def test_a_vendor_is_recorded_with_every_clause_that_somebody_found(town: Desk, officer: Any) -> None:
    clauses = dict.fromkeys(CLAUSES, "section 4.2")
    told = {"vendor": "Acme Sensors", "found": "yes", **clauses}
    slip = send(officer, "/en/tasks/oversight-vendor", **told | {"leaving": " "})
    assert slip.status_code == 400 and 'id="leaving-fault"' in slip.text
    assert send(officer, "/en/tasks/oversight-vendor", **told | {"found": "no"}).status_code == 400
    done = send(officer, "/fr/tasks/oversight-vendor", **told)
    assert done.status_code == 200 and "Acme Sensors" in done.text.partition("<table")[2]
    assert town.kinds()[-1] == "VENDOR_BOUND"
    (kept,) = kept_of(town.kernel, "vendor")
    assert kept.body == {"vendor": "Acme Sensors", "clauses": clauses}


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, language: str) -> None:
    with served(app) as here:
        for page in ("tasks/oversight-produce", "tasks/oversight-vendor"):
            with visit(browser, f"{here}/{language}/{page}", **seated(app, town.office, "privacy-officer")) as seen:
                assert not gates(seen, own=(here,)), page
