"""Provisional warrants at the pages: the court confirmed one, refused another; what was collected is destroyed."""

from __future__ import annotations

from typing import Any

import pytest
from authentication import logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from playwright.sync_api import Browser
from told import told

from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import digest_of
from peelian.kernel.verbs import authorizations
from peelian.operations.office import technologies
from peelian.web.app import make_app

CONFIRM, REFUSE = "/en/tasks/warrant-confirm", "/fr/tasks/warrant-refuse"


def provisional(town: Desk, meter: str) -> str:
    body: dict[str, Any] = {
        "status": "provisional",
        "reference": "2026-17",
        "cells": f"Area of {meter}",
        "sensors": meter,
    }
    body |= {"operations": "energy-single-meter", "count": 3}
    asked: dict[str, Any] = {"serves": "sensors.*", "purposes": (Purpose.AUDIT,), "days": 2, "body": body}
    officer = town.people["privacy-officer"]
    return digest_of(authorizations.issue(town.kernel, officer, AuthorizationKind.WARRANT, **asked))


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk(tuple(technologies()))


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


def test_the_court_confirms_one_warrant_and_refuses_another(town: Desk, app: Any) -> None:
    one, two = provisional(town, "meter-1"), provisional(town, "meter-2")
    officer = logged_on(app, town.office, "privacy-officer")
    shown = officer.get(CONFIRM).text
    assert f'value="{one}"' in shown and f'value="{two}"' in shown
    for days in ("0", "9999", "9" * 400):
        slip = send(officer, CONFIRM, warrant=one, reference="C-42", days=days)
        assert slip.status_code == 400 and 'id="days-fault"' in slip.text and 'value="C-42"' in slip.text
    done = send(officer, CONFIRM, warrant=one, reference="C-42", days="30")
    assert done.status_code == 200 and "confirmed until" in told(done.text) and town.kinds()[-1] == "ISSUED"
    assert f'value="{one}"' not in officer.get(CONFIRM).text, "a confirmed one waits no more"
    short = send(officer, REFUSE, warrant=two, reason="non")
    assert short.status_code == 409 and town.kinds()[-1] == "ISSUED"
    done = send(officer, REFUSE, warrant=two, reason="the court saw no ground")
    assert done.status_code == 200 and "Mandat terminé" in told(done.text) and "WARRANT_REFUSED" in town.kinds()
    assert two not in town.kernel.state.authorizations and f'value="{two}"' not in officer.get(REFUSE).text


def test_after_48_hours_it_cannot_be_confirmed(town: Desk, app: Any) -> None:
    late = provisional(town, "meter-3")
    town.clock.days(2.1)
    officer = logged_on(app, town.office, "privacy-officer")
    got = send(officer, CONFIRM, warrant=late, reference="C-43", days="30")
    assert got.status_code == 409 and told(got.text).startswith("Not done")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, language: str) -> None:
    with served(app) as here:
        for page in ("warrant-confirm", "warrant-refuse"):
            by = seated(app, town.office, "privacy-officer")
            with visit(browser, f"{here}/{language}/tasks/{page}", **by) as seen:
                assert not gates(seen, own=(here,)), page
