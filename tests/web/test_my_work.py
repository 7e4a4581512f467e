"""A person's own page: what waits for them by their roles; sessions are seen and ended by those who may."""

from __future__ import annotations

from typing import Any

import pytest
from authentication import form_of, logged_on, send
from desk import Desk, desk
from toy import COUNT, TOY

from peelian.kernel import verbs
from peelian.operations.runs import ended_unseen
from peelian.web.app import make_app


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


@pytest.fixture
def app(town: Desk) -> Any:
    return make_app(town.office)


def test_a_person_sees_their_own_roles_and_unit_in_their_language(town: Desk, app: Any) -> None:
    page = logged_on(app, town.office, "clerk").get("/fr/desk")
    assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
    assert town.people["clerk"].person.unit in page.text
    assert logged_on(app, town.office, "clerk").get("/de/desk").status_code == 404


def test_nobody_unknown_has_a_page(app: Any) -> None:
    from starlette.testclient import TestClient

    stranger = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
    assert stranger.get("/en/desk").status_code in (303, 401)


def test_a_custodian_ends_somebody_else_s_session_and_it_shows_nothing_any_more(town: Desk, app: Any) -> None:
    clerk = logged_on(app, town.office, "clerk")
    [session] = town.kernel.state.seated
    custodian = logged_on(app, town.office, "custodian")
    assert "/en/sessions/end" in custodian.get("/en/sessions").text and session in custodian.get("/en/sessions").text
    assert clerk.get("/en/sessions").status_code == 403
    assert send(custodian, "/en/sessions/end", session=session).status_code == 303
    assert session not in town.kernel.state.seated and clerk.get("/en/desk").status_code != 200
    assert send(custodian, "/en/sessions/end", session="s-nobody").status_code == 409


def test_a_passkey_that_is_none_is_refused_in_words(town: Desk, app: Any) -> None:
    got = send(logged_on(app, town.office, "clerk"), "/en/desk/passkeys", challenge="zz", answer="{}")
    assert got.status_code in (400, 403, 409) and "Traceback" not in got.text
    assert send(logged_on(app, town.office, "clerk"), "/en/desk/passkeys/end", credential="none").status_code >= 400


def test_a_clock_that_jumped_is_said_on_everybody_s_page_in_their_language(town: Desk, app: Any) -> None:
    assert "clock" not in logged_on(app, town.office, "clerk").get("/en/desk").text
    town.clock.days(40)
    clerk = logged_on(app, town.office, "clerk")
    assert "Clock jumped 40 days: no destruction today" in clerk.get("/en/desk").text
    assert "Horloge avancée de 40 jours" in clerk.get("/fr/desk").text


def test_ended_runs_are_marked_as_read_several_at_once_and_only_one_s_own(town: Desk, app: Any) -> None:
    town.authorizations(COUNT)
    analyst = town.people["analyst"]
    cases = [verbs.run(town.kernel, analyst, town.ask(COUNT, who="analyst"))[0].case for _ in range(3)]
    for case in cases:
        town.kernel.stores.tickets.put("run", case, analyst.person.token, town.kernel.now())
    theirs, other = (logged_on(app, town.office, short) for short in ("analyst", "clerk"))
    assert all(f'name="case" value="{case}"' in theirs.get("/en/desk").text for case in cases)
    for told in ({"case": cases[0]}, {"all": "yes"}):
        assert send(other, "/en/desk/ended", **told).status_code == 303
    assert len(ended_unseen(town.kernel, analyst.person.token)) == 3, "of another person none is taken away"
    got = theirs.post("/en/desk/ended", data={"case": cases[:2], "form": form_of(theirs)})
    assert got.status_code == 303 and ended_unseen(town.kernel, analyst.person.token) == [cases[2]]
    assert send(theirs, "/en/desk/ended").status_code == 400, "nothing selected"
    assert theirs.post("/en/desk/ended", data={"all": "yes"}).status_code == 403, "no form of theirs"
    assert send(theirs, "/en/desk/ended", all="yes").status_code == 303
    assert ended_unseen(town.kernel, analyst.person.token) == []
    assert all(town.kernel.state.histories[case].state == "RAN" for case in cases), "nothing is decided by it"
