"""The compliance page shows every requirement, links its evidence, and says what a person must produce."""

from __future__ import annotations

import re
from typing import Any

import pytest
from authentication import logged_on
from starlette.testclient import TestClient

from peelian.oversight.compliance.catalogue import catalogue
from peelian.oversight.compliance.checks import Proof
from peelian.pictures.words import english
from peelian.web.app import make_app
from peelian.web.oversight.compliance import Kept, proof_text

LOCAL = "http://127.0.0.1"


@pytest.fixture(scope="module")
def client(town: Any) -> TestClient:
    return logged_on(make_app(town.desk.office), town.desk.office, "auditor")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_requirement_stands_on_the_page_in_both_languages(client: TestClient, language: str) -> None:
    page = client.get(f"/{language}/compliance").text
    for requirement in catalogue():
        assert f'id="{requirement.id}"' in page
        assert requirement.words.of(language).split(":")[0][:30].replace("'", "&#39;") in page
    assert client.get("/de/compliance").status_code == 404


def test_evidence_in_the_log_is_linked_and_the_links_lead_somewhere(client: TestClient) -> None:
    links = set(re.findall(r'href="(/en/log/\d+)"', client.get("/en/compliance").text))
    assert links and all(client.get(link).status_code == 200 for link in links)


def test_the_public_sees_statuses_but_no_names_of_tests(town: Any, client: TestClient) -> None:
    public = TestClient(make_app(town.desk.office, public=True), base_url=LOCAL).get("/en/compliance").text
    assert "tests/promises" not in public and "tests/promises" in client.get("/en/compliance").text
    assert all(f'id="{r.id}"' in public for r in catalogue())


def test_the_data_hold_the_same(client: TestClient) -> None:
    data = client.get("/data/compliance.json").json()
    assert data["schema"] == "peelian-compliance/1" and len(data["requirements"]) == 81
    assert sum(data["tally"].values()) == 81
    for one in data["requirements"]:
        assert one["status"] in ("pass", "built", "fail", "human")
        assert one["status"] != "pass" or one["evidence"] or one["produced"]
        assert one["status"] != "human" or one["to_produce"]["fr"]


def test_it_is_worked_out_again_only_when_something_happened(town: Any) -> None:
    kept = Kept(town.desk.office)
    first = kept()
    assert kept() is first
    town.desk.kernel.append("SUSPENDED", technology="toy", by=town.desk.people["board"].person.token)
    town.desk.kernel.append("RESUMED", technology="toy", by=town.desk.people["board"].person.token)
    assert kept() is not first


def test_evidence_is_told_in_written_days_titles_and_right_plurals(town: Any, client: TestClient) -> None:
    titles = {"toy.*": "Wells", "toy.prove": "Test of wells"}
    values = {"serves": "toy.*", "until": "2027-11-28"}
    proof = Proof(
        holds=True,
        kind="document",
        ref="",
        says="a case earned the report for %(serves)s, valid until %(until)s",
        values=values,
    )
    assert (
        proof_text(proof, (english, "en", titles)) == "a case earned the report for Wells, valid until 28 November 2027"
    )
    for language in ("en", "fr"):
        page = client.get(f"/{language}/compliance").text
        text = re.sub(r"<[^>]+>", " ", page)
        assert not re.search(r"\b1 (people|tests|decisions|need|personnes|décisions|respectées|prévues)\b", text)
        assert not re.search(r"\b20\d\d-\d\d-\d\d\b", text)
    assert "went against the system" not in page and "Met by the software" not in page
