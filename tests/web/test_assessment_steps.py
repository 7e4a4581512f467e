"""What follows a submitted assessment, each step at its page by who may: review, explain, approve, sign."""

from __future__ import annotations

import re
from typing import Any

import pytest
from answer_sets import with_points
from authentication import at_pages, logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from playwright.sync_api import Browser
from toy import TOY, WellParams

from peelian.oversight.assessment import signing
from peelian.oversight.assessment.obligations import BY_LEVEL
from peelian.web.app import make_app


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk((TOY,))


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


@pytest.fixture(scope="module")
def page(town: Desk) -> str:
    """An assessment of level II."""
    answers, uses = with_points(60, 0), (("toy.count", WellParams()),)
    return f"/en/assessment/{signing.submit(town.kernel, town.people['privacy-officer'], 'toy.count', answers, uses)}"


def forms(text: str) -> set[str]:
    return set(re.findall(r'action="/en/assessment/[0-9a-f]{64}/(\w+)"', text))


def alert(text: str) -> str:
    found = re.search(r'role="alert">(.*?)</div>', text, re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate(browser: Browser, app: Any, town: Desk, page: str, language: str) -> None:
    at = page.replace("/en/", f"/{language}/")
    with served(app) as here:
        for who in ("board", "privacy-officer"):
            with visit(browser, f"{here}{at}", **seated(app, town.office, who)) as seen:
                assert not gates(seen, own=(here,)), who


def test_each_step_is_taken_at_the_page_by_who_may(town: Desk, app: Any, page: str) -> None:
    officer, auditor, commander, analyst = (
        logged_on(app, town.office, who) for who in ("privacy-officer", "auditor", "commander", "analyst")
    )
    assert forms(officer.get(page).text) == {"explain"} and forms(auditor.get(page).text) == {"review"}
    assert forms(commander.get(page).text) == {"approve"} and not forms(analyst.get(page).text)
    got = send(officer, f"{page}/sign", purposes="advice", days="90")
    assert got.status_code == 403 and "requires 1 peer reviews" in alert(got.text)
    got = send(auditor, f"{page}/review", qualified_as="city auditor", finding="well")
    assert got.status_code == 400 and "at least 3 words" in alert(got.text) and 'value="city auditor"' in got.text
    told = {"qualified_as": "city auditor", "finding": "the weights were computed again"}
    assert send(auditor, f"{page}/review", **told).status_code == 303
    texts = {f"{part}.{language}": f"the text of {part}" for part in BY_LEVEL[2].texts for language in ("en", "fr")}
    got = send(officer, f"{page}/explain", **texts | {"notice.fr": ""})
    assert got.status_code == 400 and "notice.fr" in alert(got.text) and ">the text of role</textarea>" in got.text
    assert send(officer, f"{page}/explain", **texts).status_code == 303
    assert send(commander, f"{page}/approve", reasons="it is needed here").status_code == 303
    assert "it is needed here" in analyst.get(page).text and forms(officer.get(page).text) == {"explain", "sign"}
    for wrong in ({"purposes": ""}, {"purposes": "<script>"}, {"days": "0"}, {"days": "9" * 400}):
        assert send(officer, f"{page}/sign", **{"purposes": "advice", "days": "90"} | wrong).status_code == 400
    assert send(officer, f"{page}/sign", purposes="advice", days="90").status_code == 303
    (made,) = town.kernel.state.authorizations.values()
    assert made.purposes == ("advice",) and not forms(officer.get(page).text)
    assert "the text of role" in at_pages(app).get(page).text, "what is signed is public"
    assert send(officer, f"{page}/sign", purposes="advice", days="90").status_code == 409


def test_who_may_not_is_refused_and_nothing_is_kept(town: Desk, app: Any, page: str) -> None:
    analyst, size = logged_on(app, town.office, "analyst"), town.kernel.stores.log.size()
    size = town.kernel.stores.log.size()
    for step in ("review", "approve", "sign", "explain"):
        told = {"finding": "it is all well", "reasons": "it is all well", "purposes": "advice", "days": "9"}
        assert send(analyst, f"{page}/{step}", **told).status_code == 403
    assert send(analyst, f"{page}/burn").status_code == 404
    assert send(analyst, "/en/assessment/" + "0" * 64 + "/review").status_code == 409
    assert at_pages(app).post(f"{page}/sign").status_code == 401
    assert town.kernel.stores.log.size() == size
