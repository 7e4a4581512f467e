"""Warrants at the pages: recorded with their paper, read and confirmed by a second person; refused or withdrawn."""

from __future__ import annotations

from typing import Any

import pytest
from authentication import form_of, logged_on, seated, send
from browser import gates, served, visit
from court import a_paper, recorded
from desk import Desk, desk
from labels import register_in_area
from playwright.sync_api import Browser
from sensing import a_sensor
from told import told

from peelian.operations.office import technologies
from peelian.web.app import make_app

RECORD, READ, CONFIRM = "/en/tasks/warrant-record", "/en/tasks/warrant-read", "/en/tasks/warrant-confirm"
REFUSE = "/fr/tasks/warrant-refuse"
METER = {"kind": "energy_meter", "purpose": "enforcement", "personal_data": True, "format": "green-button"}
BODY = {"status": "provisional", "reference": "2026-17", "cells": "Centre", "operations": "energy-single-meter"}


@pytest.fixture(scope="module")
def town() -> Desk:
    made = desk(tuple(technologies()))
    for id in ("meter-1", "meter-2"):
        register_in_area(made.kernel, made.people, a_sensor(id=id, **METER))  # type: ignore[arg-type]
    return made


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


def sent(app: Any, town: Desk, content: bytes, **change: str) -> Any:
    officer = logged_on(app, town.office, "privacy-officer")
    today = town.kernel.now().date().isoformat()
    fields = {
        "form": form_of(officer), **BODY, "status": "confirmed", "serves": "sensors.*", "purposes": "audit",
        "court": "Superior Court", "judge": "B. Invented", "issued": today, "ends": today, "sensors": "meter-1",
        "count": "3", **change,
    }  # fmt: skip
    return officer.post(RECORD, data=fields, files={"paper": ("order.pdf", content)})


def test_a_warrant_is_recorded_read_and_confirmed_at_the_pages(town: Desk, app: Any) -> None:
    paper = a_paper() + b"\xff\x00\n\n"  # the bytes of a scan, as they are
    for content, change, says in (
        (b"a letter", {}, "PDF, PNG"),
        (paper, {"count": "1000000"}, "10,000"),
        (paper, {"ends": "2036-03-01"}, "60 days"),
        (paper, {"issued": "2026-01-20", "ends": "2026-02-20"}, "today or a later day"),
        (paper, {"cells": "Nowhere"}, "Centre"),
        (paper, {"sensors": "meter-9"}, "meter-1"),
    ):
        slip = sent(app, town, content, **change)
        assert slip.status_code == 400 and says in slip.text, says
    done = sent(app, town, paper)
    assert done.status_code == 200 and "another unit reads the paper" in told(done.text), told(done.text)
    again = sent(app, town, paper)
    assert again.status_code == 409 and "recorded already" in told(again.text)
    board = logged_on(app, town.office, "board")
    (order,) = [one for one, made in town.kernel.state.dual_control.proposals.items() if made.what == "warrant"]
    page = board.get(f"/en/proposals/{order}").text
    assert "2026-17" not in page and "Superior Court" in page and READ[3:] in page
    assert f'value="{order}"' in board.get(CONFIRM).text
    early = send(board, CONFIRM, warrant=order, reference="2026-17")
    assert early.status_code == 409 and "Read the court" in told(early.text)
    got = send(board, READ, warrant=order)
    assert got.content == paper and got.headers["content-disposition"].endswith('.pdf"')
    done = send(board, CONFIRM, warrant=order, reference="2026-17")
    assert done.status_code == 200 and "confirmed until" in told(done.text) and town.kinds()[-1] == "ISSUED"
    (warrant,) = [d for d, one in town.kernel.state.authorizations.items() if one.body.get("sensors") == "meter-1"]
    shown = board.get(f"/en/authorizations/{warrant}").text
    assert "privacy-officer" in shown and "2026-17" in shown and "Recorded by" in shown
    assert f'value="{order}"' not in board.get(CONFIRM).text, "a confirmed one waits no more"


def test_the_court_refuses_a_provisional_one(town: Desk, app: Any) -> None:
    first = recorded(town, BODY | {"sensors": "meter-2", "count": 3})
    officer = logged_on(app, town.office, "privacy-officer")
    assert f'value="{first}"' in officer.get(REFUSE).text
    short = send(officer, REFUSE, warrant=first, reason="non")
    assert short.status_code == 409 and town.kinds()[-1] != "WARRANT_REFUSED"
    done = send(officer, REFUSE, warrant=first, reason="the court saw no ground")
    assert done.status_code == 200 and "Mandat terminé" in told(done.text) and "WARRANT_REFUSED" in town.kinds()
    assert first not in town.kernel.state.authorizations and f'value="{first}"' not in officer.get(REFUSE).text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, language: str) -> None:
    with served(app) as here:
        for page in ("warrant-record", "warrant-read", "warrant-confirm", "warrant-refuse"):
            by = seated(app, town.office, "privacy-officer")
            with visit(browser, f"{here}/{language}/tasks/{page}", **by) as seen:
                assert not gates(seen, own=(here,)), page
