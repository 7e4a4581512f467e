"""Several recordings at the pages: selected in the list, followed in a job, told one by one; the release register."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authentication import at_pages, logged_on, seated, send
from browser import gates, served, visit
from desk import entitle
from playwright.sync_api import Browser
from recordings import DECLARED, known_life

from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.verbs import custody
from peelian.operations.office import Office, new_office
from peelian.technologies.footage.example import example_clip
from peelian.web.app import make_app

BATCH = "/en/batch"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with new_office(tmp_path_factory.mktemp("of") / "office", name="A town") as office:
        it = office.enrol("it", name="IT", unit="it", roles={Role.CUSTODIAN})
        clerk = office.enrol("clerk", name="Cleo", unit="records", roles={Role.CLERK}, by=it)
        office.enrol("aud", name="Aude", unit="audit", roles={Role.AUDITOR}, by=it)
        entitle(office.kernel, it)
        for n in range(2):
            clip = io.BytesIO(example_clip() + (9).to_bytes(4, "big") + b"free" + bytes([n]))
            options = {"recorded_at": "2026-11-01T10:00:00Z"}
            custody.keep(office.kernel, clerk, DECLARED, clip, format="video", options=options)
        yield office


@pytest.fixture(scope="module")
def app(office: Office) -> Any:
    return make_app(office)


def _items(office: Office) -> list[str]:
    return [a.dataset for a in office.kernel.state.datasets.values() if a.shape == "footage"]


def _ended(clerk: Any) -> str:
    for _ in range(300):
        got = clerk.get(BATCH)
        if "http-equiv" not in got.text:
            return str(got.text)
        time.sleep(0.1)
    raise AssertionError("the batch does not end")


def test_selected_recordings_are_suggested_and_again_only_told(office: Office, app: Any) -> None:
    clerk, items = logged_on(app, office, "clerk"), _items(office)
    listed = clerk.get("/en/items").text
    assert listed.count('name="item"') == 2 and "Suggest redactions of selected" in listed
    assert send(clerk, BATCH, act="suggest", item=items).headers["location"] == BATCH
    told = _ended(clerk)
    assert told.count('class="state published"') == 2 and all(item in told for item in items)
    cases = len(office.kernel.state.histories)
    send(clerk, BATCH, act="suggest", item=items)
    assert _ended(clerk).count("done before") == 2 and len(office.kernel.state.histories) == cases
    send(clerk, BATCH, act="redact", item=items)
    assert "2 without a reviewed plan" in _ended(clerk)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"act": "suggest"}, 400),
        ({"act": "<script>", "item": "x"}, 400),
        ({"act": "suggest", "item": "../../etc/passwd"}, 409),
        ({"act": "redact", "item": "x" * 5_000}, 409),
    ],
)
def test_a_slip_starts_nothing(office: Office, app: Any, told: dict[str, str], status: int) -> None:
    cases = len(office.kernel.state.histories)
    got = send(logged_on(app, office, "clerk"), BATCH, **told)
    assert got.status_code == status and "<script>" not in got.text
    assert len(office.kernel.state.histories) == cases


def test_who_may_not_ask_has_no_boxes_and_is_refused(office: Office, app: Any) -> None:
    auditor = logged_on(app, office, "aud")
    assert 'name="item"' not in auditor.get("/en/items").text
    assert send(auditor, BATCH, act="suggest", item=_items(office)[0]).status_code == 403
    assert at_pages(app).post(BATCH).status_code == 401 and at_pages(app).get("/en/releases").status_code == 401


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, office: Office, app: Any, language: str) -> None:
    send(logged_on(app, office, "clerk"), BATCH, act="suggest", item=_items(office))
    by = seated(app, office, "clerk")
    with served(app) as here:
        for page in ("items", "batch"):
            with visit(browser, f"{here}/{language}/{page}", **by) as seen:
                seen.page.wait_for_selector("main .entries")
                assert gates(seen, own=(here,)) == {}


def test_the_release_register_lists_each_delivery(browser: Browser, tmp_path: Path) -> None:
    life = known_life()
    app, office = make_app(life.town.office), life.town.office
    prove(life.town.kernel, life.town.people["clerk"])
    if not any(h.state == "DELIVERED" for h in office.kernel.state.histories.values()):
        office.hand_over(life.town.people["clerk"], life.decision.case, tmp_path / "p.zip.age")
    clerk = logged_on(app, office, "clerk")
    page, table = clerk.get("/fr/releases").text, clerk.get("/data/releases.csv").text
    assert life.item in page and life.item in table and life.package in table
    assert "Registre des communications" in clerk.get("/fr/items").text
    with served(app) as here, visit(browser, f"{here}/fr/releases", **seated(app, office, "clerk")) as seen:
        assert gates(seen, own=(here,)) == {}
