"""Labels at the pages: read from a file, looked at, proposed, approved by a second person, withdrawn by two."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from authentication import at_pages, form_of, logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from labels import own_square
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from peelian.kernel.identity import dual_control
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.records.label_register import adopted
from peelian.operations.technology_folders import technologies
from peelian.web.app import make_app
from peelian.web.data import label_proposals

CSV = (
    "label,people,function,homes,outline\n"
    f'Riverdale,4000,,1800,"{own_square("Riverdale")}"\nOld square,,public_square,,"{own_square("Old square")}"\n'
).encode()


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk(tuple(technologies()))


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


@pytest.fixture
def clerk(app: Any, town: Desk) -> TestClient:
    return logged_on(app, town.office, "clerk")


def sent(client: TestClient, content: bytes, name: str = "labels.csv") -> str:
    got = client.post("/en/data/add?for=labels", data={"form": form_of(client)}, files={"file": (name, content)})
    assert got.status_code == 303, got.text
    return str(got.headers["location"])


def shown(client: TestClient, at: str, **asked: str) -> str:
    while "http-equiv" in (got := client.get(at, params=asked or None)).text:
        pass
    return str(got.text)


def alert(text: str) -> str:
    found = re.search(r'role="alert">(.*?)</div>', text, re.DOTALL)
    return found[1] if found else ""


def test_labels_are_looked_at_proposed_approved_and_withdrawn(town: Desk, app: Any, clerk: TestClient) -> None:
    at = sent(clerk, CSV)
    assert "Propose as shown" not in clerk.get(at).text, "what they name is asked first"
    text = shown(clerk, at, kind="area")
    assert "Riverdale" in text and "public square" in text and "Not adopted yet" in text and not alert(text)
    told = {"kind": "area", "source": "the census", "reason": "the wards of the town"}
    got = send(clerk, at, **told | {"reason": "two words"})
    assert got.status_code == 409 and "at least 3 words" in alert(got.text) and 'value="the census"' in got.text
    assert "What is counted of each area" in text
    digest = send(clerk, at, **told).headers["location"].partition("#")[2]
    assert "What is counted of each area" in clerk.get(f"/en/proposals/{digest}").text, "before somebody approves"
    assert not adopted(town.kernel).vocabularies and clerk.get(at).status_code == 409, "the upload is gone"
    board = logged_on(app, town.office, "board")
    page = f"/en/proposals/{digest}"
    text = board.get(page).text
    assert "Riverdale" in text and "Adopt these labels" in text, "who approves sees every label"
    assert send(board, page).status_code == 303
    (record,) = adopted(town.kernel).vocabularies
    assert adopted(town.kernel).find(LabelKind.AREA, "Riverdale")
    assert "the census" in clerk.get("/en/data/labels").text
    got = send(clerk, "/en/data/labels", record=record, reason="no")
    assert got.status_code == 409 and ">no</textarea>" in got.text
    assert send(clerk, "/en/data/labels", record="0" * 64, reason="they are no more").status_code == 409
    assert send(clerk, "/en/data/labels", record=record, reason="they are no more").status_code == 303
    (withdrawal,) = [digest for digest, *_ in dual_control.open_proposals(town.kernel)]
    assert "Withdraw these labels" in board.get(f"/en/proposals/{withdrawal}").text
    assert send(board, f"/en/proposals/{withdrawal}").status_code == 303
    assert not adopted(town.kernel).vocabularies


def done(town: Desk) -> list[str]:
    """What was done: that somebody looked is logged, too."""
    return [kind for kind in town.kinds() if kind != "STAFF_READ"]


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (CSV.replace(b"4000", b"many"), "area", "labels.csv, row 2, column people: not a count"),
        (CSV.replace(b"4000", b"40"), "area", "labels.csv, row 1, column people: area of too few residents"),
        (CSV, "landmark", ""),
        (CSV, "group", "group of too few people"),
        (b"label,people\n<script>,500\nJane\x00,500\n", "area", "labels.csv"),
        (b"a,b\n1,2\n", "area", "column names match no known format"),
        (b"\0\1\2", "area", "labels.csv"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_proposed(
    town: Desk, clerk: TestClient, content: bytes, kind: str, says: str
) -> None:
    before, at = done(town), sent(clerk, content)
    text = shown(clerk, at, kind=kind)
    assert says.casefold() in alert(text).casefold() and ("Propose as shown" in text) == (says == "")
    assert "<script>," not in text and "Jane" not in alert(text)
    if says:
        assert not dual_control.open_proposals(town.kernel)
        got = send(clerk, at, kind=kind, source="a census", reason="they are all wrong")
        assert got.status_code == 400 and done(town) == before


def test_data_with_an_unknown_area_leads_here_and_the_file_serves_for_both(app: Any, town: Desk) -> None:
    analyst = logged_on(app, town.office, "analyst")
    got = analyst.post("/en/data/add", data={"form": form_of(analyst)}, files={"file": ("a.geojson", _areas())})
    at = str(got.headers["location"])
    shown(analyst, at)
    told = {"title": "Areas", "purposes": ["advice"], "legal_basis": "Bylaw 12", "minimisation": "no names at all"}
    got = analyst.post(at, data={**told, "source": "census", "retention_days": "9", "form": form_of(analyst)})
    text = shown(analyst, at) if got.status_code == 303 else got.text
    assert "not in the register" in alert(text).casefold()
    link = re.search(r'href="/en(/data/labels/[^"]+)"', text)
    assert link is not None
    text = shown(analyst, f"/en{link[1]}")
    assert not alert(text)
    assert "Your role cannot propose" in text


def _areas() -> bytes:
    square = [[[-79.4, 43.6], [-79.4, 43.7], [-79.3, 43.7], [-79.3, 43.6], [-79.4, 43.6]]]
    properties = {"area": "Riverdale", "population": 4000}
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": square}}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def test_nobody_reads_what_another_sent(app: Any, town: Desk, clerk: TestClient) -> None:
    at = sent(clerk, CSV)
    assert logged_on(app, town.office, "board").get(at, params={"kind": "area"}).status_code == 409
    assert at_pages(app).get("/en/data/labels").status_code == 401
    assert send(clerk, at, kind="person", source="x", reason="three words here").status_code == 400
    assert "What the labels name" in clerk.get(at, params={"kind": "person"}).text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, clerk: TestClient, language: str) -> None:
    with served(app) as here:
        at = sent(clerk, CSV).replace("/en/", f"/{language}/")
        shown(clerk, at, kind="area")
        for path in (at + "?kind=area", f"/{language}/data/labels", f"/{language}/data/add?for=labels"):
            with visit(browser, f"{here}{path}", **seated(app, town.office, "clerk")) as seen:
                assert not gates(seen, own=(here,)).keys() - {"scripts"}, path


def test_a_file_that_is_no_list_is_not_read_whole(clerk: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_proposals, "MOST_BYTES", len(CSV) - 1)
    page = shown(clerk, sent(clerk, CSV), kind="area")
    assert "too large for a list of labels" in alert(page) and "Riverdale" not in page
