"""The app without a browser: addresses, languages, downloads, what the public cannot see, hostile requests."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from authentication import at_pages, logged_on
from starlette.testclient import TestClient

from peelian.errors import IntegrityError
from peelian.web import app as app_module
from peelian.web.app import make_app
from peelian.web.identity.guards import HEADERS

LOCAL = "http://127.0.0.1"


@pytest.fixture(scope="module")
def client(town: Any) -> TestClient:
    return logged_on(make_app(town.desk.office), town.desk.office, "auditor")


@pytest.fixture(scope="module")
def stranger(town: Any) -> TestClient:
    return at_pages(make_app(town.desk.office))


@pytest.fixture(scope="module")
def public(town: Any) -> TestClient:
    return TestClient(make_app(town.desk.office, public=True), base_url=LOCAL, follow_redirects=False)


@pytest.mark.parametrize(
    ("accepted", "language"), [("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("en-GB", "en"), ("de", "en"), ("fr;q=x,,", "en")]
)
def test_the_authentication_leads_to_the_readers_language(client: TestClient, accepted: str, language: str) -> None:
    got = client.get("/", headers={"accept-language": accepted})
    assert got.status_code == 303 and got.headers["location"] == f"/{language}/"


@pytest.mark.parametrize(
    "address",
    [
        "/en/none",
        "/de/",
        "/fr/register/c-none",
        "/en/cases/..%2f..",
        "/static/%2e%2e/app.py",
        "/static/app.py",
        "/en/log/99999",
        "/en/log/-1",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(client: TestClient, address: str) -> None:
    got = client.get(address)
    assert got.status_code == 404 and "<h1>" in got.text
    assert {k: got.headers[k] for k in HEADERS} == HEADERS


@pytest.mark.parametrize("address", ["/en/log/one", "/en/log?before=x", "/en/log/1e3"])
def test_what_cannot_be_read_is_a_page_that_says_so(client: TestClient, address: str) -> None:
    got = client.get(address)
    assert got.status_code == 400 and "Request not understood" in got.text and "x" * 50 not in got.text


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_pages_can_only_be_read(client: TestClient, method: str) -> None:
    assert getattr(client, method)("/en/register").status_code == 405


def test_a_page_and_its_head_have_the_same_answer(client: TestClient) -> None:
    assert (
        client.head("/en/about").headers["content-security-policy"]
        == client.get("/en/about").headers["content-security-policy"]
    )


def test_no_cookie_is_set_and_nothing_is_kept_but_the_style(stranger: TestClient) -> None:
    page, style = stranger.get("/en/"), stranger.get("/static/peelian.css")
    assert "set-cookie" not in page.headers and page.headers["cache-control"] == "no-store"
    assert "immutable" in style.headers["cache-control"] and style.headers["content-type"].startswith("text/css")


def test_tables_come_as_csv_and_json_by_link(client: TestClient, town: Any) -> None:
    page = client.get(f"/en/register/{town.published}").text
    address = f"/data/register/{town.published}/wells"
    assert f'href="{address}.csv"' in page and f'href="{address}.json"' in page
    assert client.get(f"{address}.csv").text.splitlines()[0] == "area,category,n"
    assert json.loads(client.get(f"{address}.json").content)["table"] == "wells"
    assert "attachment" in client.get(f"{address}.csv").headers["content-disposition"]
    for wrong in (f"{address}.xlsx", f"/data/register/{town.published}/none.csv", "/data/register/c-none/wells.csv"):
        got = client.get(wrong)
        assert got.status_code == 404 and got.json()["status"] == 404


def test_the_register_and_the_refusals_come_as_data(client: TestClient, town: Any) -> None:
    register = json.loads(client.get("/data/register.json").content)
    assert [row[0] for row in register["rows"]] == [town.published]
    assert client.get("/data/refusals.csv").text.splitlines()[1] == "toy.count,the_authorizations_are_in_order,1"


def test_the_log_is_there_for_anybodys_tools(client: TestClient, town: Any) -> None:
    checkpoint = client.get("/data/log/checkpoint").text
    assert int(checkpoint.splitlines()[1]) == len(town.desk.kinds())
    assert client.get("/data/log/3/receipt").text.startswith("c2sp.org/tlog-proof@v1\nindex 3\n")
    assert "+" in client.get("/data/log/key").text
    for wrong in (-1, 10**6):
        assert client.get(f"/data/log/{wrong}/receipt").status_code == 404


def test_a_case_can_be_kept_as_one_file(client: TestClient, town: Any) -> None:
    got = client.get(f"/fr/cases/{town.published}/report")
    assert f'filename="{town.published}-fr.html"' in got.headers["content-disposition"]
    assert "Content-Security-Policy" in got.text


def test_the_public_sees_published_cases_and_the_log_only(public: TestClient, town: Any) -> None:
    assert public.get(f"/en/register/{town.published}").status_code == 200
    assert 'href="/en/cases"' not in public.get("/en/").text
    for address in (
        "/en/cases",
        f"/en/cases/{town.published}",
        f"/en/cases/{town.published}/report",
        f"/en/register/{town.waiting}",
        f"/en/register/{town.waiting}/report",
        f"/data/cases/{town.published}/wells.csv",
        f"/data/register/{town.waiting}/wells.csv",
    ):
        assert public.get(address).status_code == 404, address


def test_a_public_page_holds_no_name_and_no_reasons(public: TestClient, town: Any) -> None:
    page = public.get(f"/en/register/{town.published}").text
    report = public.get(f"/en/register/{town.published}/report").text
    for text in (page, report):
        assert "Acceptance criteria not met." not in text and "residents twice" not in text


def test_a_foreign_host_is_refused(client: TestClient) -> None:
    assert client.get("/en/", headers={"host": "evil.example"}).status_code == 421


def test_an_error_tells_its_kind_and_not_its_message(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Jane Doe, 12 Main Street")

    monkeypatch.setattr(app_module, "home_page", fail)
    got = TestClient(make_app(town.desk.office), base_url=LOCAL).get("/fr/")
    assert got.status_code == 500 and "Jane" not in got.text and "Erreur inattendue" in got.text


def test_damage_shuts_the_page_that_rests_on_it(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise IntegrityError("the log does not hold")

    monkeypatch.setattr(app_module, "home_page", fail)
    client = TestClient(make_app(town.desk.office), base_url=LOCAL)
    assert client.get("/en/").status_code == 503
    assert "Damaged record" in client.get("/en/").text
    assert client.get("/en/about").status_code == 200 and client.get("/data/register.csv").status_code == 200


def test_the_interface_for_programs_is_described(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert "/data/register.{kind}" in paths and all(path.startswith(("/data/", "/api/")) for path in paths)


def test_every_table_of_the_findings_is_linked_and_comes(client: TestClient, town: Any) -> None:
    for scope in ("register", "cases"):
        page = client.get(f"/fr/{scope}/{town.published}").text
        assert "Tous les tableaux" in page
        links = sorted(set(re.findall(rf'href="(/data/{scope}/[^"]+)"', page)))
        assert len(links) == 2 and all(client.get(link).status_code == 200 for link in links)


@pytest.mark.parametrize("address", ["/fr/", "/en/register", "/data/compliance.json", "/static/peelian.css"])
def test_text_is_compressed_for_those_who_take_it_so(stranger: TestClient, address: str) -> None:
    packed, plain = (stranger.get(address, headers={"accept-encoding": how}) for how in ("gzip", "identity"))
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert "Accept-Encoding" in packed.headers["vary"]


def test_what_is_compressed_already_is_sent_as_it_is(client: TestClient, town: Any) -> None:
    got = client.get(f"/en/register/{town.published}/pdf", headers={"accept-encoding": "gzip"})
    assert got.content.startswith(b"%PDF") and "content-encoding" not in got.headers
