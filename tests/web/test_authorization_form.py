"""The board sets acceptance criteria by their titles and units; what cannot be required is refused at its field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from authentication import logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from playwright.sync_api import Browser

from peelian.catalogues import say_in
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.technology import Technology
from peelian.operations.office import technologies
from peelian.web.app import make_app
from peelian.web.oversight.authorization_form import Form

NEW, BACKTEST = "authorizations/new?kind=acceptance_criteria&serves=mapping.backtest", "mapping.backtest"
FILLED = {"kind": "acceptance_criteria", "serves": BACKTEST, "purposes": ["proof"], "days": "90"}
MAPPING = [one for one in technologies() if one.id == "mapping"]


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk(tuple(MAPPING))


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


def faults_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<span class="fault" id="([\w.]+)-fault">([^<]+)', page))


@pytest.mark.parametrize(("language", "range_"), [("en", "1 to 1,000 (windows)"), ("fr", "1 à 1 000 (fenêtres)")])
def test_every_criterion_is_offered_by_its_title_and_unit(town: Desk, app: Any, language: str, range_: str) -> None:
    page, say = logged_on(app, town.office, "board").get(f"/{language}/{NEW}").text, town.office.say(language)
    labels = re.findall(r'<label for="fact\.(\w+)">([^<]+)', page)
    declared = {c.id: c for c in MAPPING[0].capabilities}[BACKTEST].criteria
    assert [word for word, _ in labels] == [one.word for one in declared] and len(labels) == 7
    assert {title for _, title in labels} == {say(one.title) for one in declared}
    assert range_ in page.replace("\u202f", " ").replace("\xa0", " ") and "hit rate" not in page


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({}, "criteria", "No acceptance criterion given"),
        ({"fact.min_hit_rate_5": " "}, "criteria", "No acceptance criterion given"),
        ({"fact.min_hit_rate_5": "500"}, "fact.min_hit_rate_5", "Out of range. Expected: 0 to 1"),
        ({"fact.min_hit_rate_5": "much"}, "fact.min_hit_rate_5", "Not a number"),
        ({"fact.min_hit_rate_5": "nan"}, "fact.min_hit_rate_5", "Not a number"),
        ({"fact.min_hit_rate_5": "9" * 200}, "fact.min_hit_rate_5", "Out of range"),
        ({"fact.min_hit_rate_5": "0.1", "fact.min_origins": "2.5"}, "fact.min_origins", "Not a whole number"),
        (
            {"fact.min_hit_rate_5": "0.1", "purposes": []},
            "purposes",
            "No purpose stated. Expected: at least one of these",
        ),
    ],
)
def test_what_cannot_be_required_is_refused_at_its_field(
    town: Desk, app: Any, typed: dict[str, Any], field: str, says: str
) -> None:
    board = logged_on(app, town.office, "board")
    size = town.kernel.stores.log.size()
    got = send(board, "/en/authorizations/new", **FILLED | typed)
    assert got.status_code == 400 and faults_of(got.text)[field].startswith(says), faults_of(got.text)
    assert f'id="{field}"' in got.text and f'href="#{field}"' in got.text
    assert town.kernel.stores.log.size() == size and not town.kernel.state.authorizations


def test_every_fault_is_told_at_once_and_in_french(town: Desk, app: Any) -> None:
    typed = {"fact.min_hit_rate_5": "5", "fact.min_origins": "0", "days": "x", "purposes": []}
    faults = faults_of(send(logged_on(app, town.office, "board"), "/fr/authorizations/new", **FILLED | typed).text)
    assert list(faults) == ["purposes", "days", "fact.min_hit_rate_5", "fact.min_origins"]
    assert faults["purposes"] == "Aucune finalité indiquée. Attendu\xa0: au moins une de celles-ci."


@pytest.mark.parametrize(
    ("serves", "says"),
    [("mapping.*", "Forecast back-test"), ("mapping.knox", "for one use that is tested"), ("mapping.evaluate", "plan")],
)
def test_a_use_without_criteria_to_set_is_told_before_the_form(town: Desk, app: Any, serves: str, says: str) -> None:
    board = logged_on(app, town.office, "board")
    page = board.get("/en/" + NEW.replace(BACKTEST, serves)).text
    assert says in faults_of(page)["serves"] and "Sign and issue" not in page
    got = send(board, "/en/authorizations/new", **FILLED | {"serves": serves})
    assert got.status_code == 400 and says in faults_of(got.text)["serves"]


def test_a_french_number_is_read_where_the_page_is_french(town: Desk) -> None:
    told = {"kind": "acceptance_criteria", "serves": BACKTEST, "fact.min_hit_rate_5": "0,15"}
    assert Form(town.office, told, "fr").body == {"min_hit_rate_5": 0.15}
    assert Form(town.office, told, "en").faults()["fact.min_hit_rate_5"].wrong == "not a number"


def test_what_was_signed_is_shown_by_the_same_titles(app: Any) -> None:
    town = desk(tuple(MAPPING))
    app, typed = make_app(town.office), {"fact.min_hit_rate_5": "0,15", "fact.min_origins": "26"}
    board = logged_on(app, town.office, "board")
    page = send(board, "/fr/authorizations/new", **FILLED | typed).headers["location"]
    (made,) = town.kernel.state.authorizations.values()
    assert made.kind is AuthorizationKind.ACCEPTANCE_CRITERIA
    assert dict(made.body) | {"demonstration": ""} == {"min_hit_rate_5": 0.15, "min_origins": 26, "demonstration": ""}
    shown = board.get(page).text
    assert "Fenêtres prévues" in shown and "0,15" in shown and "min origins" not in shown.casefold()


def test_what_an_adopted_test_found_is_shown_by_titles(app: Any) -> None:
    town = desk(tuple(MAPPING))
    body = {"category": "robbery", "model": "decayed", "hit_rate_5": 0.25, "until_day": "2021-01-03", "shift": "all"}
    forecast = {c.id: c for c in MAPPING[0].capabilities}["mapping.forecast"]
    town.authorization(AuthorizationKind.ACCURACY_REPORT, forecast, body)
    (own,) = town.kernel.state.authorizations
    page = logged_on(make_app(town.office), town.office, "board").get(f"/fr/authorizations/{own}").text
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    say = town.office.say("fr")
    assert shown["Taux de réussite à 5\xa0% du territoire"] == "0,25" and shown["Données jusqu’au"] == "3 janvier 2021"
    assert shown["Quart"] == "all", "no explanation of what to type"
    assert {say("Robbery"), say("Decayed counts with smoothing")} <= set(shown.values())


@pytest.mark.parametrize("technology", technologies(), ids=lambda t: t.id)
def test_what_an_adopted_test_tells_has_a_french_title(technology: Technology) -> None:
    granted = [one.grants for one in technology.capabilities if one.grants]
    french = say_in("fr", [f"peelian.technologies.{technology.id}"], strict=True)
    assert all(french(title) for grant in granted for title in grant.titles.values())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_form_and_its_faults_pass_every_gate(browser: Browser, town: Desk, app: Any, language: str) -> None:
    with served(app) as here, visit(browser, f"{here}/{language}/{NEW}", **seated(app, town.office, "board")) as seen:
        assert not gates(seen, own=(here,))
        seen.page.fill("[id='fact.min_hit_rate_5']", "500")
        seen.page.click("form.wide button[type=submit]")
        seen.page.wait_for_selector("[id='fact.min_hit_rate_5-fault']")
        assert set(gates(seen, own=(here,))) <= {"complaints", "keyboard"}  # it answered 400, and is at its fault
