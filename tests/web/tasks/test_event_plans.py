"""Proves a plan is entered, confirmed by somebody else and exercised at the pages, and that slips are told."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from authentication import form_of, logged_on, send
from event_plans import plan_body
from told import told
from watched import Watched, stood

from peelian.kernel.alarms.event_plans import plan_named
from peelian.web.app import make_app


@pytest.fixture
def at() -> Watched:
    return stood()


@pytest.fixture
def app(at: Watched) -> Any:
    return make_app(at.town.office)


def test_two_people_put_a_plan_in_force_and_record_its_exercise(at: Watched, app: Any) -> None:
    dispatcher, commander = (logged_on(app, at.town.office, short) for short in ("dispatcher", "commander"))
    done = send(
        dispatcher,
        "/en/tasks/watch-plan",
        file=json.dumps(plan_body(roles={"first aid": "x", "guards, gates A and B": "y"})),
    )
    assert done.status_code == 200 and "Recorded: fete-2026" in told(done.text)
    digest = plan_named(at.town.kernel, "fete-2026").versions[0].digest
    assert digest in commander.get("/en/tasks/watch-confirm-plan").text
    unread = send(commander, "/en/tasks/watch-confirm-plan", version=digest)
    assert unread.status_code == 400
    own = send(dispatcher, "/en/tasks/watch-confirm-plan", version=digest, read="yes")
    assert own.status_code == 409 and "Another person" in told(own.text)
    assert send(commander, "/en/tasks/watch-confirm-plan", version=digest, read="yes").status_code == 200
    assert plan_named(at.town.kernel, "fete-2026").in_force
    fields = {"plan": "fete-2026", "title": "Evacuation", "held": "2026-03-01T10:00", "roles": "first aid"}
    page = commander.get("/en/tasks/watch-exercise").text
    assert re.findall(r'type="checkbox" name="roles" value="([^"]+)"', page) == ["first aid", "guards gates A and B"]
    both = {"roles": ["first aid", "guards gates A and B"], "form": form_of(commander)}
    assert commander.post("/en/tasks/watch-exercise", data=fields | both).status_code == 200
    assert send(commander, "/en/tasks/watch-exercise", **fields, findings="Gate C was locked.\n\n").status_code == 200
    (_, first), (_, held) = plan_named(at.town.kernel, "fete-2026").exercises
    assert first.roles == ("first aid", "guards, gates A and B"), "a comma in a name parts nothing"
    assert held.roles == ("first aid",) and held.findings == ("Gate C was locked.",)


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (json.dumps(plan_body(attendance=99_999)), "exits too narrow for the emergency time"),
        (json.dumps(plan_body(ends="2026-03-01T00:00:00+00:00")), "event must end after it starts"),
        ("{", "JSON damaged or cut off"),
        ("[]", "not a plan"),
        ("x" * 400_000, ""),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_its_field(at: Watched, app: Any, file: str, says: str) -> None:
    got = send(logged_on(app, at.town.office, "dispatcher"), "/en/tasks/watch-plan", file=file)
    assert got.status_code in (400, 413) and says.lower() in told(got.text).lower()
    assert at.town.kernel.state.plans.plans == {}


def test_a_report_of_a_watch_is_a_file(at: Watched, app: Any) -> None:
    client = logged_on(app, at.town.office, "dispatcher")
    fields = {"of": at.permit.case, "language": "fr", "kind": "html"}
    got = send(client, "/en/tasks/watch-report", **fields)
    assert got.status_code == 200 and "Bilan de l’événement" in got.text
    assert f'filename="{at.permit.case}-fr.html"' in got.headers["content-disposition"]
    page = client.get("/fr/tasks/watch-report").text
    assert f'<option value="{at.permit.case}">' in page and f">{at.permit.watch}: " not in page.casefold()
    wrong = send(client, "/en/tasks/watch-report", **fields, starts="2026-03-02T10:00", ends="2026-03-02T10:00")
    assert wrong.status_code == 400 and "Report ends before it starts. Expected: a time after the start." in wrong.text
    assert 'id="ends-fault"' in wrong.text and "--" not in told(wrong.text)
    assert send(client, "/en/tasks/watch-report", **fields | {"of": "w-none"}).status_code in (400, 409)


def test_who_may_confirm_is_told_on_their_own_page(at: Watched, app: Any) -> None:
    send(logged_on(app, at.town.office, "dispatcher"), "/en/tasks/watch-plan", file=json.dumps(plan_body()))
    assert "event plan of others to confirm" in logged_on(app, at.town.office, "commander").get("/en/desk").text
    assert "event plan of others to confirm" not in logged_on(app, at.town.office, "dispatcher").get("/en/desk").text


def test_others_have_no_such_task(at: Watched, app: Any) -> None:
    for short in ("analyst", "clerk"):
        assert logged_on(app, at.town.office, short).get("/en/tasks/watch-plan").status_code == 404
