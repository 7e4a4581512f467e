"""The assessment pages: explanation and notice are public once signed, the form works out a level and keeps nothing."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from answer_sets import Answers, complete
from authentication import logged_on
from desk import Desk, desk
from starlette.testclient import TestClient

from peelian.demos.assessment import assessed
from peelian.oversight.assessment import signing
from peelian.oversight.assessment.answers import read_answers
from peelian.web.app import make_app

LOCAL = "http://127.0.0.1"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk()


@pytest.fixture(scope="module")
def digest(town: Desk) -> str:
    seats = {**town.people, "privacy": town.people["privacy-officer"]}
    params = town.kernel.capability("mapping.forecast").arithmetic().example().params
    return assessed(town.office, seats, "mapping", uses=(("mapping.forecast", params),), purposes=("advice",)).before


@pytest.fixture(scope="module")
def public(town: Desk) -> TestClient:
    return TestClient(make_app(town.office, public=True), base_url=LOCAL)


def sent(public: TestClient, answers: Answers, address: str = "/en/assessment/form") -> str:
    got = public.post(address, content=urlencode(answers, doseq=True), headers=FORM)
    assert got.status_code == 200
    return got.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_explanation_and_its_notice_are_public(public: TestClient, digest: str, town: Desk, language: str) -> None:
    page = public.get(f"/{language}/assessment/{digest}").text
    texts = signing.assessment(town.kernel, digest).explanation
    assert len(texts) >= 9
    for part in texts.values():
        assert part[language].split(".")[0].replace("'", "&#39;") in page
    notice = public.get(f"/{language}/inventory").text
    assert texts["notice"][language].split(".")[0] in notice and f"/{language}/assessment/{digest}" in notice


def test_what_is_not_signed_is_for_the_office_only(public: TestClient, town: Desk, digest: str) -> None:
    params = town.kernel.capability("mapping.forecast").arithmetic().example().params
    officer = town.people["privacy-officer"]
    draft = signing.submit(town.kernel, officer, "mapping.*", complete(), (("mapping.forecast", params),))
    office = logged_on(make_app(town.office), town.office, "board")
    assert office.get(f"/en/assessment/{draft}").status_code == 200
    assert public.get(f"/en/assessment/{draft}").status_code == 404
    assert draft in office.get("/en/assessment").text and draft not in public.get("/en/assessment").text
    assert digest in public.get("/en/assessment").text


def test_the_list_is_narrowed_and_counts_no_drafts_for_the_public(public: TestClient, town: Desk, digest: str) -> None:
    page = public.get("/en/assessment?technology=mapping&state=signed&due=later&sort=title").text
    assert digest in page and "Found: 1" in page and "Signed and valid (1)" in page and "Not signed" not in page
    assert digest not in public.get("/en/assessment?due=soon").text
    office = logged_on(make_app(town.office), town.office, "board")
    drafts = office.get("/en/assessment?state=unsigned").text
    assert digest not in drafts and "Signed and valid (1)" in drafts


@pytest.mark.parametrize("address", ["/en/assessment/none", "/de/assessment", "/en/assessment/" + "0" * 64])
def test_there_is_no_such_assessment(public: TestClient, address: str) -> None:
    assert public.get(address).status_code == 404


def test_the_form_works_out_a_level(public: TestClient) -> None:
    page = sent(public, complete())
    assert "All questions answered" in page and "14 of 167" in page
    assert "Toutes les questions" in sent(public, complete(), "/fr/assessment/form")


def test_the_form_names_what_is_missing_or_contradictory(public: TestClient) -> None:
    answers = {**complete(), "aboutDataSource9": "item1-0"}
    del answers["impact6"]
    page = sent(public, answers)
    assert "Incomplete: check 2 questions" in page and 'href="#impact6"' in page and 'href="#aboutDataSource9"' in page
    assert page.count(" checked") > 80, "what was answered stays answered"


def test_the_form_hands_the_answers_back_as_a_file_and_the_office_keeps_nothing(public: TestClient, town: Desk) -> None:
    before = len(town.kinds())
    body = urlencode({**complete(), "horoscope": "x"}, doseq=True)
    got = public.post("/data/assessment/answers.json", content=body, headers=FORM)
    assert "attachment" in got.headers["content-disposition"]
    kept = read_answers(got.content)
    assert {k: v for k, v in kept.items() if v} == {k: v for k, v in complete().items() if v}
    assert len(town.kinds()) == before and "title" in json.loads(got.content)


@pytest.mark.parametrize("body", [b"\xff=\xfe", b"a=b&" * 700, b"x" * 70_000], ids=["bytes", "fields", "long"])
def test_hostile_forms_are_turned_away(public: TestClient, body: bytes) -> None:
    got = public.post("/en/assessment/form", content=body, headers=FORM)
    assert got.status_code == 400 and "xxxx" not in got.text


def test_values_that_are_none_are_shown_as_faults_and_never_repeated(public: TestClient) -> None:
    page = sent(public, {**complete(), "impact6": "<script>alert(1)</script>"})
    assert "alert(1)" not in page and 'href="#impact6"' in page
    assert "<form" in public.get("/en/assessment/form?phase=zzz").text


def test_a_newer_assessment_of_the_same_uses_replaces_the_older_which_stays_readable() -> None:
    town = desk()
    seats = {**town.people, "privacy": town.people["privacy-officer"]}
    params = town.kernel.capability("mapping.forecast").arithmetic().example().params
    uses = (("mapping.forecast", params),)
    public = TestClient(make_app(town.office, public=True), base_url=LOCAL)
    old = assessed(town.office, seats, "mapping", uses=uses, purposes=("advice",)).before
    draft = signing.submit(town.kernel, seats["privacy"], "mapping.*", complete(), uses)
    assert "Replaced by" not in public.get(f"/en/assessment/{old}").text, "a draft replaces nothing"
    town.clock.days(3)
    new = assessed(town.office, seats, "mapping", uses=uses, purposes=("advice",)).before
    for language, says in (("en", "Replaced by a newer assessment"), ("fr", "Remplacée par une évaluation")):
        first, second = (public.get(f"/{language}/assessment/{one}").text for one in (old, new))
        assert says in first and f'href="/{language}/assessment/{new}"' in first
        assert says not in second and f'href="/{language}/assessment/{old}"' in second and draft not in first + second
        assert public.get(f"/{language}/assessment").text.count(says) == 1
    town.clock.days(3)
    other = town.kernel.capability("mapping.backtest").arithmetic().example().params
    assessed(town.office, seats, "mapping", uses=(("mapping.backtest", other),), purposes=("advice",))
    assert "Replaced by" not in public.get(f"/en/assessment/{new}").text, "another use is another assessment"
