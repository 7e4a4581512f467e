"""Exports at the pages: the map of a decided case as a file, a bulk export proposed."""

from __future__ import annotations

import json
from typing import Any

import pyrage
import pytest
from authentication import logged_on, seated, send
from browser import gates, served, visit
from deciding import read_and_decide
from desk import Desk, desk
from playwright.sync_api import Browser
from told import told

from peelian.kernel import verbs
from peelian.web.app import make_app

MAP, PROPOSE = "/en/tasks/case-export", "/en/tasks/case-propose-export"
WHY = "lighting comes first"


@pytest.fixture(scope="module")
def town() -> Desk:
    town = desk()
    forecast = town.kernel.capability("mapping.forecast")
    town.authorizations(forecast)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(forecast))
    read_and_decide(
        town.kernel, town.people["commander"], evidence, choice="accept", reasons=WHY, other_evidence=f"document: {WHY}"
    )
    return town


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


def test_the_map_of_a_decided_case_is_taken_along_and_the_log_says_so(town: Desk, app: Any) -> None:
    (case,) = town.kernel.state.histories
    clerk = logged_on(app, town.office, "clerk")
    assert f'<option value="{case}">' in clerk.get(MAP).text
    got = send(clerk, MAP, case=case, kind="geojson", language="fr")
    assert got.status_code == 200 and f'filename="{case}-fr.geojson"' in got.headers["content-disposition"]
    assert json.loads(got.content)["provenance"]["case"] == case and town.kinds()[-1] == "EXPORTED"
    hexagons = send(clerk, MAP, case=case, kind="csv", language="en", hexagons="7")
    assert hexagons.status_code == 200 and case.encode() in hexagons.content
    for wrong in ({"kind": "pdf"}, {"kind": "../../x.csv"}, {"hexagons": "99"}, {"language": "de"}):
        got = send(clerk, MAP, **{"case": case, "kind": "csv", "language": "en"} | wrong)
        assert got.status_code == 400 and told(got.text).startswith("Not done"), wrong
    town.clock.days(6 / 24 / 60)
    before = town.kinds()
    late = send(clerk, MAP, case=case, kind="csv", language="en")
    assert late.status_code == 403 and "/en/step-up" in late.text and "EXPORTED" not in town.kinds()[len(before) :]


def test_a_bulk_export_is_proposed_to_a_recipient(town: Desk, app: Any) -> None:
    custodian = logged_on(app, town.office, "custodian")
    key = str(pyrage.x25519.Identity.generate().to_public())
    wrong = send(custodian, PROPOSE, recipient=key[:-1] + "b", reason="a university asked for it")
    assert wrong.status_code == 400 and "a university asked for it" in wrong.text
    done = send(custodian, PROPOSE, recipient=key, reason="a university asked for it")
    assert done.status_code == 200 and "Someone in another unit" in told(done.text)
    assert town.kinds()[-1] == "PROPOSED" and 'href="/en/proposals/' in done.text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, language: str) -> None:
    with served(app) as here:
        for page in ("case-export", "case-propose-export"):
            with visit(browser, f"{here}/{language}/tasks/{page}", **seated(app, town.office, "custodian")) as seen:
                assert not gates(seen, own=(here,)), page
