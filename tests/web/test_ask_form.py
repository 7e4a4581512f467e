"""The ask form: only what is proven and held is offered; everything wrong is told at its field before it is filed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from authentication import logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.policy.assessment_fingerprint import assessed_digest, body_key
from peelian.kernel.records.label_register import adopted
from peelian.operations.technology_folders import technologies
from peelian.web.app import make_app

FORECAST = "mapping.forecast"


@pytest.fixture(scope="module")
def town() -> Desk:
    """A town whose forecast is proven for one category and two models, one of which nobody assessed."""
    town = desk(tuple(t for t in technologies() if t.id == "mapping"))
    forecast = town.kernel.capability(FORECAST)
    example = forecast.arithmetic().example()
    for role, dataset in example.datasets.items():
        facts = {**dataset.facts, "categories": "break_and_enter,assault"} if role == "incidents" else dataset.facts
        town.admit(replace(dataset, facts=facts), (Purpose.ADVICE, Purpose.PROOF), role)
    town.authorization(AuthorizationKind.COUNCIL_APPROVAL, forecast)
    params = [replace(example.params, shifts=(), model=model) for model in ("decayed", "density")]
    assessed = {body_key(FORECAST): assessed_digest(forecast, params[0])}
    town.authorization(AuthorizationKind.IMPACT_ASSESSMENT, forecast, assessed)
    for one in params:
        report = next(need for need in forecast.needs if need.kind is AuthorizationKind.ACCURACY_REPORT)
        town.authorization(report.kind, forecast, {**report.covers(one), "criteria_met": True})
    return town


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


@pytest.fixture
def client(town: Desk, app: Any) -> TestClient:
    return logged_on(app, town.office, "analyst")


def part(page: str, id: str) -> str:
    """A field or a section of the page, from its id to its end."""
    end = "section" if id in ("needs", "unproven") else "(?:p|fieldset)"
    found = re.search(rf'id="{id}".*?</{end}>', page, re.DOTALL)
    return found[0] if found else ""


def sent(town: Desk, page: str, **changes: str) -> dict[str, str]:
    """A sound request from what the form offers."""
    data = {f"data.{one.shape}": one.dataset for one in town.kernel.state.datasets.values()}
    proof = re.findall(r'name="proof" value="([0-9a-f]{64})"', page)
    fields = {"purpose": "advice", **data, "param.start_day": "2019-12-30", "proof": proof[0]}
    return {**fields, **changes}


def test_only_what_is_proven_is_offered_and_the_rest_says_what_it_would_need(client: TestClient) -> None:
    page = client.get(f"/en/ask/{FORECAST}").text
    offered, apart = part(page, "proof"), part(page, "unproven")
    assert offered.count('type="radio"') == 1 and "Break and enter · Decayed counts" in offered
    assert 'name="param.model"' not in page and 'name="param.category"' not in page
    assert "Kernel density" in apart and "Assault" in apart and "accuracy report" in apart
    assert "assessed for another version or settings" in apart and "/en/ask/mapping.backtest" in apart
    assert "Homicide" not in page, "what no data hold"
    assert "Council approval until" in part(page, "needs")


def test_unproven_settings_in_the_address_are_the_persons_choice_and_no_others_take_their_place(
    town: Desk, client: TestClient
) -> None:
    typed = {"param.category": "assault", "param.start_day": "2019-12-30"}
    page = client.get(f"/en/ask/{FORECAST}", params=typed).text
    offered = part(page, "proof")
    assert "Assault" in offered and "would be refused" in offered
    assert re.findall(r'value="(\w+)" required checked|value="(asked)" checked', offered) == [("", "asked")]
    fields = {k: v for k, v in sent(town, page).items() if k != "proof"} | {"param.category": "assault"}
    refused = send(client, f"/en/ask/{FORECAST}", **fields, proof="asked")
    assert refused.status_code == 403 and town.kinds()[-1] == "REFUSED", refused.text
    proven = send(client, f"/en/ask/{FORECAST}", **sent(town, page) | {"param.category": "assault"})
    assert proven.status_code == 303 and "Break and enter" in client.get(proven.headers["location"]).text


def test_pickers_hold_what_the_data_hold(client: TestClient) -> None:
    page = client.get("/en/ask/mapping.backtest").text
    category = part(page, "param.category")
    assert re.findall('value="([a-z_]+)"', category) == ["all", "assault", "break_and_enter"]
    models = part(page, "param.models")
    assert 'type="checkbox" name="param.models" value="density" checked' in models
    assert 'type="date" min="2018-01-02" max="2019-12-29"' in part(page, "param.first_origin")


def test_the_towns_areas_are_chosen_beforehand_for_a_test_too(town: Desk, client: TestClient) -> None:
    areas = next(d.dataset for d in town.kernel.state.datasets.values() if d.shape == "areas")
    page = client.get("/en/ask/mapping.backtest").text
    assert re.search(rf'<option value="{areas}"\s+selected', page), "a test without them serves no forecast"


def test_what_was_chosen_is_filed_with_all_its_settings(town: Desk, client: TestClient) -> None:
    got = send(client, f"/en/ask/{FORECAST}", **sent(town, client.get(f"/en/ask/{FORECAST}").text))
    assert got.status_code == 303, got.text
    page = client.get(got.headers["location"]).text
    assert "Decayed counts with smoothing" in page and "Permitted" in page
    again = client.get(f"/en/ask/{FORECAST}?param.category=break_and_enter&param.model=decayed").text
    assert "checked" in part(again, "proof")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("purpose", "", "no such purpose"),
        ("data.incidents", "", "nothing chosen"),
        ("data.incidents", "incidents-0", "no dataset of this kind and purpose"),
        ("data.<b>", "x", "does not declare"),
        ("proof", "", "no longer proven, or not chosen"),
        ("proof", "0" * 64, "no longer proven, or not chosen"),
        ("param.start_day", "", "nothing entered"),
        ("param.start_day", "2018-01-01", "outside the days of the data"),
        ("param.start_day", "2020-02-24", "outside the days of the data"),
        ("param.start_day", "2019-02-30", "not a date"),
        ("param.advised_cells", "9" * 400, "out of range"),
        ("param.advised_cells", "<script>", "not a whole number"),
        ("param.\x00", "x", "unknown parameter"),
    ],
)
def test_a_slip_is_told_and_nothing_is_filed(town: Desk, client: TestClient, field: str, value: str, says: str) -> None:
    fields = sent(town, client.get(f"/en/ask/{FORECAST}").text, **{"param.advised_cells": "17", field: value})
    before = town.kinds()
    got = send(client, f"/en/ask/{FORECAST}", **fields)
    assert got.status_code == 400 and says in got.text.casefold(), got.text
    assert "<script>" not in got.text and "<b>&" not in got.text
    assert town.kinds() == before
    if field != "param.advised_cells":
        assert 'value="17"' in part(got.text, "param.advised_cells"), "what was typed is kept"


def test_everything_wrong_is_told_at_once_at_its_fields_with_focus_on_the_first(town: Desk, client: TestClient) -> None:
    fields = sent(town, client.get(f"/en/ask/{FORECAST}").text)
    wrong = {"param.start_day": "soon", "param.advised_cells": "0", "param.train_from": "2031-01-01"}
    page = send(client, f"/fr/ask/{FORECAST}", **fields | wrong).text
    for name in wrong:
        assert f'href="#{name}"' in page and f'aria-describedby="{name}-fault"' in page, name
    assert page.count("autofocus") == 1 and "autofocus" in part(page, "param.start_day")
    assert "Hors des jours couverts par les données" in part(page, "param.train_from")
    assert "Hors limites" in part(page, "param.advised_cells")


def test_settings_the_data_do_not_hold_are_told_and_unproven_ones_are_the_policys(
    town: Desk, client: TestClient
) -> None:
    page = client.get(f"/en/ask/{FORECAST}").text
    fields = {name: value for name, value in sent(town, page).items() if name != "proof"}
    got = send(client, f"/en/ask/{FORECAST}", **fields, **{"param.category": "homicide"})
    assert got.status_code == 400 and "not in the chosen data" in got.text
    refused = send(client, f"/en/ask/{FORECAST}", **fields, **{"param.category": "assault"})
    assert refused.status_code == 403 and town.kinds()[-1] == "REFUSED", "no form of ours sends it: it is on record"


def test_treated_areas_are_picked_from_the_adopted_labels_and_others_may_be_typed(
    town: Desk, client: TestClient
) -> None:
    adopted_areas = adopted(town.kernel).labels[LabelKind.AREA].values()
    labels = [one.label for one in sorted(adopted_areas, key=lambda one: (not one.outline, one.label))]
    address = f"/en/ask/mapping.plan?param.treated={labels[1]},Old Mill"
    picks = part(client.get(address).text, "param.treated")
    picked = [(name, " checked" if name == labels[1] else "") for name in labels]
    assert len(labels) > 3 and re.findall(r'value="([^"]*)"( checked)?', picks) == [*picked, ("Old Mill", "")]
    data = {f"data.{d.shape}": d.dataset for d in town.kernel.state.datasets.values()}
    fields = {"purpose": "proof", "param.since": "2019-10-01", **data}
    answer = send(client, "/en/ask/mapping.plan", **fields, **{"param.treated": ["", ""]})
    assert answer.status_code == 400 and "Nothing entered" in part(answer.text, "param.treated")
    answer = send(client, "/en/ask/mapping.plan", **fields, **{"param.treated": [labels[0], labels[2], "Old Mill"]})
    assert "param.treated-fault" not in answer.text and answer.status_code in (303, 403)
    kept = [f'value="{labels[k]}" checked' in answer.text for k in (0, 1, 2)]
    assert answer.status_code == 303 or kept == [True, False, True]


def test_an_evaluation_is_planned_about_when_its_data_end(client: TestClient) -> None:
    assert 'min="2019-03-31" max="2020-03-31"' in part(client.get("/en/ask/mapping.plan").text, "param.since")
    assert 'min="2018-02-26" max="2020-12-29"' in part(client.get("/en/ask/mapping.evaluate").text, "param.since")


def test_the_list_says_which_uses_are_ready(client: TestClient) -> None:
    page = client.get("/en/ask").text
    entries = dict(re.findall(r"/ask/([a-z._]+)\">(.*?)</li>\n(?=<li><h3|</ul>)", page, re.DOTALL))
    assert "Ready to request" in entries[FORECAST] and "Council approval until" in entries[FORECAST]
    assert "Would need" in entries["mapping.backtest"] and "oversight board" in entries["mapping.backtest"]
    assert "No dataset for" in entries["mapping.vendor"] and "/en/data/add" in entries["mapping.vendor"]


@pytest.fixture(scope="module")
def here(app: Any) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, here: str, language: str) -> None:
    for page in ("/ask", f"/ask/{FORECAST}", "/ask/mapping.backtest", "/ask/mapping.plan"):
        with visit(browser, f"{here}/{language}{page}", **seated(app, town.office, "analyst")) as seen:
            assert not gates(seen, own=(here,)), page


@pytest.mark.parametrize("script", [True, False])
def test_a_person_asks_is_told_what_is_wrong_and_puts_it_right(
    browser: Browser, app: Any, town: Desk, here: str, script: bool
) -> None:
    with visit(browser, f"{here}/en/ask/{FORECAST}", script=script, **seated(app, town.office, "analyst")) as seen:
        page = seen.page
        page.fill("[id='param.advised_cells']", "0")
        page.click("text=Submit request")
        page.wait_for_selector("main [role=alert]")
        if script:
            assert page.evaluate("document.activeElement.id") == "param.start_day"
            seen.address = f"{here}/en/ask/faults"
            assert not gates(seen, own=(here,)).keys() - {
                "complaints",
                "keyboard",
            }  # a status, and Tab begins at the fault
            page.set_viewport_size({"width": 1280, "height": 900})
        page.fill("[id='param.start_day']", "2019-12-30")
        page.fill("[id='param.advised_cells']", "12")
        page.click("text=Submit request")
        page.wait_for_url("**/cases/c-*")
        assert "Start run" in page.inner_text("main")
