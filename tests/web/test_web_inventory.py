"""The inventory page and the register's exports: valid, in both languages, and nobody's name in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from desk import desk
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from peelian.oversight.assessment.tools import report
from peelian.web.app import make_app

LOCAL = "http://127.0.0.1"


@pytest.fixture(scope="module")
def public(town: Any) -> TestClient:
    return TestClient(make_app(town.desk.office, public=True), base_url=LOCAL)


@pytest.mark.parametrize("shape", ["atrs", "register"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_exports_validate_against_the_schemas_beside_them(public: TestClient, shape: str, language: str) -> None:
    schema = public.get(f"/data/inventory/{shape}.schema.json").json()
    told = public.get(f"/data/inventory/{shape}-{language}.json")
    Draft202012Validator(schema).validate(told.json())
    assert f'"{LOCAL}/"' in told.text, "the address under which it was asked for"


@pytest.mark.parametrize("address", ["sphere-en.json", "atrs-de.json", "sphere.schema.json"])
def test_there_is_no_other_shape_or_language(public: TestClient, address: str) -> None:
    assert public.get(f"/data/inventory/{address}").status_code == 404


def test_the_page_shows_uses_roles_data_and_the_year(public: TestClient) -> None:
    page = public.get("/en/inventory").text
    for words in ("Wells", "Data received", "analyst (enrolled: 1)", "Authorizations needed", "Uses in 20"):
        assert words in page
    assert "Inventaire" in public.get("/fr/inventory").text


def test_uses_are_narrowed_by_the_address(public: TestClient) -> None:
    page = public.get("/en/inventory").text
    n = page.count('<h3 class="entry">')
    assert n > 1 and f"Found: {n}" in page and f"Wells ({n})" in page
    one = public.get("/en/inventory?q=prove&technology=toy&sort=title").text
    assert "Found: 1" in one and one.count('<h3 class="entry">') == 1 and 'value="toy" selected' in one
    assert "No use matches." in public.get("/en/inventory?state=suspended").text
    assert public.get("/en/inventory?sort=worst").status_code == 400


def test_tools_reported_before_approval_are_shown(public: TestClient, town: Any) -> None:
    desk = town.desk
    day = (desk.kernel.now() + timedelta(days=20)).date().isoformat()
    told = {"technology": "toy", "level": "high", "reason": "bought years ago", "plan": "stop it by summer"}
    report(desk.kernel, desk.people["custodian"], "Well finder", pause_by=day, **told)
    page = public.get("/en/inventory").text
    assert "Well finder" in page and "in use before approval" in page and "bought years ago" not in page


def test_a_watch_raises_alarms_and_releases_no_table_and_what_needs_no_assessment_says_so() -> None:
    with TestClient(make_app(desk().office, public=True), base_url=LOCAL) as client:
        english, french = (client.get(f"/{language}/inventory?q=watch").text for language in ("en", "fr"))
        assert "Alarms it can raise" in english and "Many fewer people than usual; Many more people than us" in english
        assert "if there were more people" not in english and "Alarmes possibles" in client.get("/fr/inventory").text
        assert english.count("No use needs an impact assessment") == 3, "faces, footage and risk"
        assert english.count("Impact not assessed") == 3 and "Aucun usage n’exige d’évaluation d’incidence" in french
        assert "Density watch" in english[english.index('id="yearly"') :], "watches are uses of the year, too"
