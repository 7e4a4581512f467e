"""The form of a use: drawn from its parameters, in both languages, for those who may ask."""

from __future__ import annotations

import pytest
from authentication import logged_on, send
from desk import Desk, desk

from peelian.web.app import make_app
from peelian.web.cases.requests import PARAM


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_capability_has_a_form_and_the_list_names_those_of_ones_roles(town: Desk, language: str) -> None:
    client = logged_on(make_app(town.office), town.office, "analyst")
    listed = client.get(f"/{language}/ask").text
    for technology in town.kernel.technologies:
        for capability in technology.capabilities:
            page = client.get(f"/{language}/ask/{capability.id}")
            assert page.status_code == 200 and f'lang="{language}"' in page.text, capability.id
            mine = bool(capability.asks.askers & town.people["analyst"].person.roles)
            assert (f"/{language}/ask/{capability.id}" in listed) is mine
    assert client.get(f"/{language}/ask/none.such").status_code == 404


def test_what_stands_in_a_field_is_what_holds_where_nothing_is_typed(town: Desk) -> None:
    client = logged_on(make_app(town.office), town.office, "analyst")
    page = client.get("/en/ask/mapping.forecast").text
    assert f'name="{PARAM}cell_metres"' in page and "inputmode=" in page


@pytest.mark.parametrize("value", ["NaN", "1e999", "-5", "x" * 300, "<script>", "٣"])
def test_a_value_that_is_none_is_told_and_shown_harmlessly(town: Desk, value: str) -> None:
    client = logged_on(make_app(town.office), town.office, "analyst")
    got = send(client, "/en/ask/mapping.forecast", purpose="advice", **{f"{PARAM}cell_metres": value})
    assert got.status_code in (400, 403) and "Not done" in got.text and "<script>" not in got.text


def test_what_is_wrong_is_said_in_french_of_what_the_page_calls_the_field(town: Desk) -> None:
    client = logged_on(make_app(town.office), town.office, "analyst")
    page = client.get("/fr/ask/mapping.forecast").text
    assert "Comptages atténués" in page and ">decayed<" not in page and ">Incidents<" in page
    for name, value, says in (
        ("cell_metres", "large", "Taille des cellules\u00a0: pas un nombre entier"),
        ("advised_cells", "0", "Nombre de cellules retenues\u00a0: hors limites"),
        ("start_day", "soon", "pas une date"),
    ):
        typed = {f"{PARAM}start_day": "2021-03-01", f"{PARAM}{name}": value}
        got = send(client, "/fr/ask/mapping.forecast", purpose="advice", **typed)
        assert got.status_code == 400 and says in got.text, (name, got.text[-3000:])


def test_a_slip_in_a_request_is_neither_logged_nor_published(town: Desk) -> None:
    """An unknown date, no purpose, no such parameter: told at the form, which keeps what was typed."""
    client = logged_on(make_app(town.office), town.office, "analyst")
    before, tally = town.kinds(), client.get("/data/refusals.csv").text
    day = {f"{PARAM}start_day": "2021-03-01"}
    for says, typed in (
        ("not a date", {"purpose": "advice", f"{PARAM}start_day": "2021-02-30"}),
        ("Purpose: no such purpose", {"purpose": "", **day}),
        ("Purpose: no such purpose", {"purpose": "curiosity", **day}),
        ("Unknown parameter", {"purpose": "advice", f"{PARAM}colour": "red", **day}),
    ):
        got = send(client, "/en/ask/mapping.forecast", **typed)
        assert got.status_code == 400 and says in got.text, (says, got.text[-3000:])
        assert typed[f"{PARAM}start_day"] in got.text
    assert town.kinds() == before and client.get("/data/refusals.csv").text == tally
