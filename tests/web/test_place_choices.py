"""The form of a decision on places: each selected cell is kept, dropped or swapped, and nothing typed is lost."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from authentication import code_for, form_of, logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from map_town import ran
from playwright.sync_api import Browser

from peelian.errors import InputError
from peelian.kernel.verbs.decided_places import MOST_CHANGES
from peelian.web.app import make_app
from peelian.web.auth_middleware import MOST_BYTES, MOST_FIELDS
from peelian.web.cases.place_choices import changes_of

WORDS = {
    "choice": "change",
    "reasons": "Lighting comes first there.",
    "other_evidence": "document: The requests of residents.",
}


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk()


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


def kept(page: str) -> dict[str, str]:
    """The cells of the form as a browser sends them when nothing is chosen."""
    cells = re.findall(r'name="do\.([^"]+)"', page)
    return {f"{part}.{cell}": "keep" if part == "do" else "" for cell in cells for part in ("do", "instead", "why")}


def test_a_form_says_what_is_dropped_and_swapped() -> None:
    told = {"do.1": "keep", "why.1": " ", "do.2": "drop", "why.2": "a park", "do.3": "swap", "instead.3": "9"}
    assert changes_of(told) == (
        {"place": "2", "instead": "", "reason": "a park"},
        {"place": "3", "instead": "9", "reason": ""},
    )
    assert changes_of({"do.3": "swap", "instead.3": "  "})[0]["instead"], "a swap for nothing is no drop"
    with pytest.raises(InputError, match="kept"):
        changes_of({"do.1": "keep", "why.1": "a park"})
    with pytest.raises(InputError, match="dropped"):
        changes_of({"do.1": "drop", "instead.1": "9", "why.1": "a park"})


def test_a_forecast_is_accepted_with_changes_at_the_page_and_published_by_area(town: Desk, app: Any) -> None:
    case = ran(town, "mapping.forecast").case
    commander, address = logged_on(app, town.office, "commander"), f"/en/cases/{case}"
    form = kept(commander.get(address).text)
    unweighed = send(commander, f"{address}/decide", **{**form, **WORDS, "choice": "accept", "exposure": "ok ok ok"})
    assert unweighed.status_code == 400 and "exposed more than others" in unweighed.text
    first, second = (name.removeprefix("do.") for name in list(form)[:6:3])
    before = town.kinds()
    slip = send(
        commander, f"/fr/cases/{case}/decide", **{**form, **WORDS, f"do.{first}": "drop", f"why.{second}": "<b>"}
    )
    assert slip.status_code == 400 and "Texte à côté d’une cellule conservée" in slip.text
    assert 'value="&lt;b&gt;"' in slip.text and '<option value="drop" selected>' in slip.text
    bare = send(commander, f"{address}/decide", **{**form, **WORDS, f"do.{first}": "drop"})
    assert bare.status_code == 400 and f"eason missing or too long: {first}" in bare.text
    nowhere = send(commander, f"{address}/decide", **{**form, **WORDS, f"do.{first}": "swap", f"why.{first}": "a park"})
    assert nowhere.status_code == 400 and f"cannot be chosen: {first}" in nowhere.text
    forged = send(commander, f"{address}/decide", **WORDS, **{"do.<script>": "drop", "why.<script>": "x"})
    assert forged.status_code == 400 and '<script>"' not in forged.text
    assert town.kinds() == before
    done = send(
        commander, f"{address}/decide", **{**form, **WORDS, f"do.{first}": "drop", f"why.{first}": "A <new> park"}
    )
    assert done.status_code == 303, done.text
    shown = commander.get(address).text
    assert "Changed cells" in shown and "A &lt;new&gt; park" in shown and first in shown
    assert send(logged_on(app, town.office, "clerk"), f"{address}/publish", statement="Changed.").status_code == 303
    public = commander.get(f"/fr/register/{case}").text
    assert "Cellules modifiées par secteur" in public and "park" not in public
    assert commander.get(f"/en/register/{case}/report").text.count("Changed cells by area") == 1


def test_chosen_cells_outlive_the_session(town: Desk, app: Any) -> None:
    case = ran(town, "mapping.forecast", start_day="2020-01-06").case
    commander = logged_on(app, town.office, "commander")
    form = kept(commander.get(f"/en/cases/{case}").text)
    cell = next(iter(form)).removeprefix("do.")
    typed = {**form, **WORDS, f"do.{cell}": "drop", f"why.{cell}": "A new park.", "exposure": "It is lit."}
    token = form_of(commander)
    town.clock.days(11 / 1440)
    ended = commander.post(f"/en/cases/{case}/decide", data={"form": token, **typed})
    assert ended.status_code == 401
    carried = {
        name: unescape(re.findall(rf'name="{name}" value="([^"]*)"', ended.text)[0]) for name in ("at", "typed", "to")
    }
    shown = commander.post("/en/log-on", data={"code": code_for(app, town.office, "commander"), **carried}).text
    assert f"Reason, cell {cell}" in shown and "A new park.</textarea>" in shown
    again = dict(re.findall(r'<input type="hidden" name="((?:do|instead|why)\.[^"]+)" value="([^"]*)"', shown))
    again |= {unescape(n): unescape(t) for n, t in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)<', shown)}
    assert again == typed
    assert commander.post(carried["at"], data={**again, "form": form_of(commander)}).status_code == 303
    assert town.kinds()[-1] == "DECIDED"


def test_the_largest_form_fits() -> None:
    """A thousand selected cells, each with its three fields, as a browser encodes them."""
    row = "&do.250%3A-1000%3A-1000=keep&instead.250%3A-1000%3A-1000=&why.250%3A-1000%3A-1000="
    assert 3 * MOST_CHANGES < MOST_FIELDS - 10 and len(row) * MOST_CHANGES < MOST_BYTES / 2


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_fields_come_as_they_are_needed_and_pass_every_gate(
    browser: Browser, town: Desk, app: Any, language: str
) -> None:
    case = ran(town, "mapping.forecast", start_day="2020-01-13").case
    with served(app) as address:
        page, who = f"{address}/{language}/cases/{case}", seated(app, town.office, "commander")
        with visit(browser, page, reduced_motion="reduce", **who) as seen:
            seen.page.locator(".cells summary").click()
            row = seen.page.locator(".cells li").first
            for choice, fields in (("keep", 0), ("drop", 1), ("swap", 2)):
                row.locator("select").select_option(choice)
                assert row.locator("input:visible").count() == fields
            row.locator("input").last.fill("A new park.")
            row.locator("select").select_option("keep")
            assert row.locator("input:visible").count() == 1, "what was typed is not hidden"
        with visit(browser, page, reduced_motion="reduce", **who) as seen:  # where Tab begins at the top
            seen.page.evaluate("document.querySelector('.cells').open = true")
            seen.page.locator(".cells li select").first.select_option("swap")
            assert gates(seen, own=(address,)) == {}
