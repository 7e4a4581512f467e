"""The JSON API: reads and acts with an access token, judged and logged as at the pages; nothing without one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import toy
from authentication import HERE, code_for, logged_on, send
from deciding import read_and_decide
from desk import Desk, desk
from divided import desk_of, peopled
from starlette.testclient import TestClient

import peelian.operations.office
from peelian.integrations.table_exports import csv_of
from peelian.kernel import verbs
from peelian.operations.office import open_office
from peelian.operations.technology_folders import technologies
from peelian.technologies.footage.example import example_clip
from peelian.web.api import ROUTES
from peelian.web.app import make_app
from peelian.web.auth_middleware import MOST_BYTES
from peelian.web.data.uploads import MOST_PIECE


@pytest.fixture(scope="module")
def town() -> Desk:
    made = desk((toy.TOY,))
    for capability in (toy.PROVE, toy.COUNT):
        made.authorizations(capability)
    return made


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


def program(app: Any, town: Desk, short: str, *, stepped_up: bool = False) -> TestClient:
    """A program of a person, with a new token of theirs."""
    browser = logged_on(app, town.office, short)
    got = send(browser, "/en/desk/tokens", role=short.replace("-", "_"), days="30")
    token = got.text.partition("<code>peelian_")[2].partition("</code>")[0]
    assert got.status_code == 200 and len(token) == 43
    client = TestClient(app, base_url=HERE, headers={"authorization": f"Bearer peelian_{token}"})
    if stepped_up:
        assert client.post("/api/step-up", json={"code": code_for(app, town.office, short)}).status_code == 200
    return client


def outcome(client: TestClient, begun: Any) -> dict[str, Any]:
    """How a job ended."""
    assert begun.status_code == 202, begun.text
    for _ in range(600):
        told: dict[str, Any] = client.get(f"/api/jobs/{begun.json()['job']}").json()
        if told["ended"]:
            return told
        time.sleep(0.05)
    raise AssertionError("it never ended")


def wells(town: Desk) -> str:
    (dataset,) = toy.PROVE.arithmetic().example().datasets.values()
    return town.admit(dataset, toy.PROVE.asks.purposes, toy.PROVE.reads[0].shape).dataset


def test_a_case_is_asked_run_decided_and_published_by_programs_of_three_people(town: Desk, app: Any) -> None:
    asker = program(app, town, town.asker(toy.PROVE))
    (use,) = [one for one in asker.get("/api/capabilities").json() if one["capability"] == toy.PROVE.id]
    params = {one["name"]: one["default"] for one in use["params"] if not one["required"]}
    params |= {name: value for name, value in vars_of(toy.PROVE).items() if name in {p["name"] for p in use["params"]}}
    asked = {"capability": toy.PROVE.id, "purpose": use["purposes"][0], "params": params}
    asked["datasets"] = {use["datasets"][0]["role"]: wells(town)}
    got = asker.post("/api/cases", json=asked)
    assert got.status_code == 201, got.text
    case = got.json()["case"]
    assert outcome(asker, asker.post(f"/api/cases/{case}/run"))["result"] == {"case": case}
    board = program(app, town, "board")
    seen = board.get(f"/api/cases/{case}").json()
    assert seen["next"] == ["decide"] and seen["hidden"] and seen["findings"] is None, "no JSON of what is undecided"
    told = {
        "choice": "adopt",
        "reasons": "The acceptance criteria were met.",
        "other_evidence": "document: Residents were heard.",
    }
    assert asker.post(f"/api/cases/{case}/decide", json=told).status_code == 403, "nobody decides on their own"
    blind = board.post(f"/api/cases/{case}/decide", json=told)
    assert blind.status_code == 403 and "has not opened these findings" in blind.text
    logged_on(app, town.office, "board").get(f"/en/cases/{case}")
    assert board.post(f"/api/cases/{case}/decide", json=told).status_code == 200
    clerk = program(app, town, "clerk")
    assert clerk.post(f"/api/cases/{case}/publish", json={"statement": "Adopted for a year."}).status_code == 200
    assert clerk.get(f"/api/cases/{case}").json()["state"] == "published"
    assert case in {one["case"] for one in clerk.get("/api/cases?state=published").json()["cases"]}
    session = {e["session"] for _, e in town.kernel.stores.log.read() if e.get("how") == "token"}
    assert len(session) >= 3, "each of them is in the log"


def vars_of(capability: Any) -> dict[str, Any]:
    params = capability.arithmetic().example().params
    return {name: getattr(params, name) for name in params.__dataclass_fields__}


def test_a_refusal_tells_a_program_its_reasons_in_its_language(town: Desk, app: Any) -> None:
    clerk = program(app, town, "clerk")
    clerk.headers["accept-language"] = "fr"
    got = clerk.post("/api/cases", json={"capability": toy.COUNT.id, "purpose": next(iter(toy.COUNT.asks.purposes))})
    told = got.json()
    assert got.status_code == told["status"] == 403 and told["title"] == "Refusé"
    assert all(reason["says"] and reason["remedy"] and reason["rule"] for reason in told["reasons"])


def test_without_a_token_there_is_nothing_and_a_cookie_is_none(town: Desk, app: Any) -> None:
    browser = logged_on(app, town.office, "board")
    for client in (TestClient(app, base_url=HERE), browser):
        for method, path, *_ in ROUTES:
            got = client.request(method, f"/api/{path}")
            assert (got.status_code, got.headers["www-authenticate"]) == (401, "Bearer"), path
            assert got.headers["content-type"] == "application/json" and "Bearer" in got.json()["detail"]
    for word in ("Bearer", "Bearer ", "Bearer x", "Basic eDp4", "Bearer " + "x" * 5000):
        headers = {"authorization": word}
        assert TestClient(app, base_url=HERE, headers=headers).get("/api/cases").status_code == 401


def test_a_token_is_no_cookie_and_opens_no_page(town: Desk, app: Any) -> None:
    client = program(app, town, "board")
    assert client.get("/en/cases").status_code == client.get("/data/cases.json").status_code == 401
    assert client.get("/api/desk").status_code == client.get("/api/sessions").status_code == 404
    token = client.headers.pop("authorization").partition(" ")[2]
    client.cookies.set("peelian", token)
    assert client.get("/en/cases").status_code == 401


def test_a_table_leaves_after_a_step_up_and_the_log_says_who_took_it(town: Desk, app: Any) -> None:
    case = next(h for h in town.kernel.state.histories.values() if h.state == "PUBLISHED").case
    client = program(app, town, "board")
    (name, table), *_ = client.get(f"/api/cases/{case}").json()["findings"]["tables"].items()
    before = town.kinds().count("EXPORTED")
    refused = client.get(table["at"])
    assert refused.status_code == 403 and refused.json()["reasons"][0]["rule"] == "the_step_up_is_fresh"
    assert client.post("/api/step-up", json={"code": "WRONG"}).status_code == 403
    assert client.post("/api/step-up", json={"code": code_for(app, town.office, "clerk")}).status_code == 403
    assert client.post("/api/step-up", json={"code": code_for(app, town.office, "board")}).status_code == 200
    got = client.get(table["at"])
    assert got.json()["table"] == name and len(got.json()["rows"]) == table["rows"]
    assert town.kinds().count("EXPORTED") == before + 1


def test_an_authorization_is_issued_and_revoked_and_a_technology_suspended_and_lifted_by_two(
    town: Desk, app: Any
) -> None:
    council, board = program(app, town, "council"), program(app, town, "board", stepped_up=True)
    auditor, stops = program(app, town, "auditor", stepped_up=True), "/api/technologies/toy/suspend"
    told = {"kind": "council_approval", "serves": "toy.*", "purposes": [next(iter(toy.COUNT.asks.purposes))], "days": 9}
    assert board.post("/api/authorizations", json=told).status_code == 403
    made = council.post("/api/authorizations", json=told)
    assert made.status_code == 201, made.text
    digest = made.json()["digest"]
    assert digest in {one["digest"] for one in council.get("/api/authorizations").json()}
    assert council.post(f"/api/authorizations/{digest}/revoke").status_code == 200
    assert council.post(f"/api/authorizations/{digest}/revoke").status_code == 404
    why = {"reason": "harm", "text": "Two weeks were counted twice."}
    assert council.post(stops, json=why).status_code == 403
    assert program(app, town, "board").post(stops, json=why).status_code == 403, "no step-up"
    for wrong in ({}, {"reason": "because"}, {"reason": ""}, {**why, "text": "Call 416-555-0199"}):
        assert auditor.post(stops, json=wrong).status_code in (400, 422) and not town.kernel.state.suspended
    done = auditor.post(stops, json=why).json()
    assert (done["technology"], done["suspended"], done["reason"]) == ("toy", True, "harm")
    assert auditor.post(stops, json=why).status_code == 409
    mended = {"reason": "the rows were corrected"}
    lifts = auditor.post("/api/technologies/toy/resume", json=mended).json()
    assert lifts["suspended"] is True
    approves = f"/api/proposals/{lifts['proposal']}/approve"
    assert auditor.post(approves).status_code == 403 and council.post(approves).status_code == 403
    assert board.post(approves).status_code == 200 and not town.kernel.state.suspended
    assert auditor.post("/api/technologies/toy/resume", json=mended).status_code == 409, "not suspended"


def test_a_file_is_sent_in_pieces_declared_and_imported(town: Desk, app: Any) -> None:
    client, content = program(app, town, "custodian"), toy_file()
    wells(town)  # its areas are adopted
    upload = client.post("/api/uploads", json={"name": "wells.csv", "size": len(content)}).json()
    half = len(content) // 2
    assert client.put(f"/api/uploads/{upload['id']}?at=0", content=content[:half]).json()["taken"] == half
    assert client.put(f"/api/uploads/{upload['id']}?at={half + 1}", content=b"x").status_code == 400
    told = {"title": "Wells", "legal_basis": "a test", "minimisation": "only wells", "source": "the test"}
    told |= {"purposes": sorted(toy.PROVE.asks.purposes), "retention_days": 30, "format": toy.WELLS.id}
    assert (
        "bytes have arrived"
        in outcome(client, client.post(f"/api/uploads/{upload['id']}/admit", json=told))["error"]["detail"]
    )
    assert client.put(f"/api/uploads/{upload['id']}?at={half}", content=content[half:]).status_code == 200
    done = outcome(client, client.post(f"/api/uploads/{upload['id']}/admit", json=told))
    assert done["error"] is None, done
    assert done["result"]["dataset"] in {one["dataset"] for one in client.get("/api/datasets").json()}
    assert client.get(f"/api/uploads/{upload['id']}").status_code == 409, "it is no longer needed"
    assert program(app, town, "auditor").get(f"/api/jobs/{upload['id']}").status_code == 404, "a job is its person's"


def test_no_recording_comes_in_by_a_program_where_nobody_approved_any() -> None:
    town = desk(tuple(technologies()))
    client, content = program(make_app(town.office), town, "clerk"), example_clip()
    upload = client.post("/api/uploads", json={"name": "clip.mp4", "size": len(content)}).json()["id"]
    for at in range(0, len(content), MOST_PIECE):
        assert client.put(f"/api/uploads/{upload}?at={at}", content=content[at : at + MOST_PIECE]).status_code == 200
    told = {"title": "Clip", "legal_basis": "a bylaw", "minimisation": "as recorded", "source": "the test"}
    told |= {"purposes": ["disclosure"], "retention_days": 30, "format": "video", "people": "not_known"}
    told |= {"options": {"recorded_at": "2026-03-01T10:00:00Z"}}
    done = outcome(client, client.post(f"/api/uploads/{upload}/admit", json=told))
    assert "No council approval in force" in str(done["error"]) and not town.kernel.state.datasets


def toy_file() -> bytes:
    (dataset,) = toy.PROVE.arithmetic().example().datasets.values()
    return csv_of(dataset.table)


def test_a_token_reads_but_never_signs_with_a_key_under_a_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (toy.TOY,))
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as office:
        app = make_app(office)
        board = program(app, desk_of(office), "board", stepped_up=True)  # made where the key was unlocked by its person
        assert board.get("/api/authorizations").status_code == 200
        before = office.kernel.stores.log.size()
        for _ in range(2):
            got = board.post("/api/technologies/toy/suspend", json={"reason": "harm"})
            assert got.status_code == 403 and "do this at the pages" in got.json()["detail"], got.text
        assert office.kernel.stores.log.size() == before and not office.kernel.state.suspended
        custodian = program(app, desk_of(office), "custodian")
        upload = custodian.post("/api/uploads", json={"name": "a.csv", "size": 1}).json()["id"]
        told = dict.fromkeys(("title", "legal_basis", "minimisation", "source"), "x") | {
            "purposes": [],
            "retention_days": 1,
        }
        assert "do this at the pages" in custodian.post(f"/api/uploads/{upload}/admit", json=told).json()["detail"]
        app.state.lobby.close()


def test_no_body_is_read_beyond_its_limit_and_none_is_an_error_of_ours(town: Desk, app: Any) -> None:
    client = program(app, town, "analyst")
    assert client.post("/api/cases", content=b"x" * (MOST_BYTES + 1)).status_code == 413
    sent = [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"capability": NaN}',
        b"[" * 30_000,
        b'{"capability":"\\ud800"}',
        b"9" * 5000,
    ]
    for body in sent:
        got = client.post("/api/cases", content=body, headers={"content-type": "application/json"})
        assert got.status_code == 400 and got.json()["status"] == 400, body[:20]
    wrong = client.post("/api/cases", json={"capability": "<script>", "purpose": "x", "secret": "Ana"})
    assert (
        wrong.status_code == 400 and wrong.json()["detail"] == "body.purpose, body.secret" and "Ana" not in wrong.text
    )


def test_the_description_and_the_page_name_every_address_in_both_languages(app: Any) -> None:
    client = TestClient(app, base_url=HERE)
    described = client.get("/api/openapi.json").json()
    told = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert told == {(method, f"/api/{path}") for method, path, *_ in ROUTES} and len(told) > 20
    for language, words in (("en", "Run a permitted case"), ("fr", "Exécuter")):
        page = client.get(f"/{language}/api")
        assert page.status_code == 200 and words in page.text
        assert all(f"/api/{path}".split("{")[0] in page.text for _, path, *_ in ROUTES)
    assert client.get("/de/api").status_code == 404


def test_a_public_app_has_no_api(town: Desk) -> None:
    client = TestClient(make_app(town.office, public=True), base_url=HERE)
    assert client.get("/api/cases").status_code == client.get("/api/openapi.json").status_code == 404


def test_a_program_does_a_task_of_its_persons_roles_and_no_other(town: Desk, app: Any) -> None:
    clerk, analyst = program(app, town, "clerk"), program(app, town, "analyst")
    (hold,) = [one for one in clerk.get("/api/tasks").json() if one["task"] == "retention-hold"]
    assert {param["name"] for param in hold["params"]} == {"of", "why", "reason"} and hold["acts"]
    asked = {"params": {"of": wells(town), "reason": "a court asked for it"}}
    got = clerk.post("/api/tasks/retention-hold", json=asked)
    assert got.status_code == 200 and got.json()["says"].startswith("Held:") and town.kinds()[-1] == "HELD"
    offered = clerk.get("/api/tasks/retention-release").json()["offered"]["hold"]
    assert asked["params"]["of"] in offered[0]["value"]
    wrong = clerk.post("/api/tasks/retention-hold", json={"params": {"of": "nothing", "why": "<b>", "reason": "x"}})
    assert wrong.status_code == 400 and "not one of the choices" in wrong.json()["detail"].casefold()
    assert clerk.post("/api/tasks/retention-list", json={}).status_code == 405
    assert analyst.post("/api/tasks/retention-hold", json=asked).status_code == 404
    assert "retention-hold" not in {one["task"] for one in analyst.get("/api/tasks").json()}


def test_a_program_saves_searches_of_its_person_and_deletes_them(town: Desk, app: Any) -> None:
    clerk, other = (program(app, town, short) for short in ("clerk", "council"))
    told = {"list": "/inventory", "query": "technology=toy", "name": "toys"}
    got = clerk.post("/api/searches", json=told)
    assert got.status_code == 201, got.text
    (one,) = clerk.get("/api/searches").json()
    assert one == got.json() | {
        "name": "toys",
        "list": "Inventory of technologies",
        "address": "/en/inventory?technology=toy",
    }
    assert other.get("/api/searches").json() == []
    assert clerk.post("/api/searches", json=told | {"query": "q=somebody"}).status_code == 400
    other.post("/api/searches/end", json={"ids": [one["id"]]})
    assert len(clerk.get("/api/searches").json()) == 1, "nobody deletes another's"
    assert clerk.post("/api/searches/end", json={"ids": [one["id"]]}).status_code == 200
    assert clerk.get("/api/searches").json() == []
    assert clerk.post("/api/runs/read", json={"ids": ["c-none"]}).status_code == 200


def test_a_program_corrects_a_published_case_by_a_newer_one(town: Desk, app: Any) -> None:
    cases = []
    for _ in range(2):
        asker = town.people[town.asker(toy.COUNT)]
        evidence, _ = verbs.run(town.kernel, asker, town.ask(toy.COUNT))
        by, told = town.decider(toy.COUNT, asker.person.unit), {"reasons": "it fits well", "other_evidence": "none"}
        decision = read_and_decide(town.kernel, by, evidence, choice="decline", **told)
        verbs.publish(town.kernel, town.people["clerk"], decision)
        cases.append(decision.case)
    old, new = cases
    officer = program(app, town, "privacy-officer")
    assert officer.post(f"/api/cases/{new}/correct", json={"newer": old, "reason": "w"}).status_code == 409
    got = officer.post(f"/api/cases/{old}/correct", json={"newer": new, "reason": "counted twice"})
    assert got.status_code == 200, got.text
    shown = officer.get(f"/api/cases/{old}").json()
    assert shown["corrected_by"] == new and shown["correction"]["reason"] == "counted twice"
    assert officer.get(f"/api/cases/{new}").json()["corrects"] == [old]
