"""The public's page on recordings: numbers of acts, published audits, and the seal to compare a package with."""

from __future__ import annotations

import pytest
from browser import gates, served, visit
from deciding import read_and_decide
from desk import desk
from playwright.sync_api import Browser
from recordings import known_life
from starlette.testclient import TestClient

from peelian.catalogues import catalogue
from peelian.kernel import verbs
from peelian.oversight.verification.packages import fingerprint_of
from peelian.web.app import make_app
from peelian.web.footage.public import WHY_SMALL

WORDS = {"reasons": "it is to be published", "other_evidence": "document: complaints of the year"}


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(make_app(known_life().town.office, public=True), base_url="http://localhost")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_year_is_counted_and_the_seal_can_be_compared(client: TestClient, language: str) -> None:
    page = client.get(f"/{language}/recordings/2026").text
    certificate = client.get("/data/provenance.pem").content
    assert fingerprint_of(certificate) in page
    acts = client.get("/data/recordings/2026.json").json()["acts"]
    assert (acts["ADMITTED"], acts["DERIVED"]) == (2, 2)
    assert client.get(f"/{language}/recordings").status_code == 200
    assert client.get(f"/{language}/recordings/1066").status_code == 404
    assert known_life().item not in page, "no item is named in public"


def test_published_audits_are_listed_with_their_figure() -> None:
    town = desk()
    audit = town.kernel.capability("footage.activation")
    permit = town.ask(audit)
    evidence, _ = verbs.run(town.kernel, town.people[town.asker(audit)], permit)
    board = town.decider(audit, town.kernel.state.histories[permit.case].unit)
    decision = read_and_decide(town.kernel, board, evidence, choice="accept", **WORDS)
    verbs.publish(town.kernel, town.people["clerk"], decision)
    public = TestClient(make_app(town.office, public=True), base_url="http://localhost")
    page = public.get("/en/recordings/2026").text
    assert permit.case in page and "40 of 60 calls covered" in page
    audit_page = public.get(f"/en/register/{permit.case}").text
    assert ">east<" not in audit_page, "30 of 30 beside 40 would tell the 10 of the other unit"
    assert "By unit: no row is published. Rows that stand for fewer than 11" in audit_page


def test_the_sentence_about_small_numbers_has_its_french() -> None:
    assert WHY_SMALL in catalogue("fr", ("peelian.web",))


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate(browser: Browser, language: str) -> None:
    with (
        served(make_app(known_life().town.office, public=True)) as address,
        visit(browser, f"{address}/{language}/recordings/2026", reduced_motion="reduce") as seen,
    ):
        assert gates(seen, own=(address,)) == {}
