"""People at the pages: who joins gets a first passphrase once, two people grant oversight, and who leaves is erased."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from authentication import at_pages, code_for, seated, send
from browser import gates, served, visit
from playwright.sync_api import Browser
from real_town import Town, real_town

from peelian.errors import Refused
from peelian.kernel.model.capability import Role
from peelian.operations import staff_enrolment

ZOE = {"short": "zoe", "name": "Zoe Quartermarker", "unit": "hall"}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with real_town(tmp_path / "office") as made:
        yield made


def passphrase_on(page: str) -> str:
    found = re.search(r"Shown this once: <code>(\S+)</code>", unescape(page))
    assert found is not None, page
    return found[1]


def test_who_is_enrolled_here_gets_a_first_passphrase_that_is_told_once(town: Town) -> None:
    page = town.does("custodian", "people-enrol", **ZOE, roles="clerk")
    first, keys = passphrase_on(page), town.desk.office.people_keys
    assert keys is not None and keys.is_protected("zoe") and len(first) >= 24
    assert town.desk.office.person("zoe").roles == {Role.CLERK} and town.desk.kinds()[-1] == "ENROLLED"
    folder = town.desk.office.path
    assert folder is not None
    assert not [f for f in folder.rglob("*") if f.is_file() and first.encode() in f.read_bytes()], "kept nowhere"
    assert first not in town.at("custodian").get("/en/tasks/people-enrol").text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(keys.passphrases), "known", lambda self, short: first)
        with pytest.raises(Refused, match="first passphrase"):
            code_for(town.app, town.desk.office, "zoe")
    zoe = at_pages(town.app)  # comes with her city account
    secret, _ = town.app.state.lobby.sessions.begin(town.desk.office.person("zoe"), "provider", proof=None)
    zoe.cookies.set("peelian", secret)
    locked = send(zoe, "/en/tasks/oversight-contact", email="zoe@town.example")
    assert locked.status_code == 403 and "New passphrase again" in locked.text
    told = {"passphrase": first, "new": "only Zoe knows this", "again": "only Zoe knows this"}
    assert "New passphrase again" in send(zoe, "/en/step-up/passphrase", passphrase=first).text
    assert send(zoe, "/en/step-up/passphrase", **told | {"again": "only Zoe knows"}).status_code == 400
    assert send(zoe, "/en/step-up/passphrase", **told).status_code == 303
    assert "New passphrase again" not in zoe.get("/en/step-up").text
    stated = send(zoe, "/en/tasks/oversight-contact", email="zoe@town.example")
    assert stated.status_code == 200 and town.desk.kinds()[-1] == "CONTACT_STATED"
    people = town.at("custodian").get("/fr/tasks/people-list").text
    assert "Zoe Quartermarker" in people and "organisme de surveillance" in people


def test_nothing_is_left_of_somebody_who_was_not_enrolled(town: Town) -> None:
    before = town.desk.kinds().count("ENROLLED")
    over = {"trained_until": (town.desk.clock.now.date() - timedelta(days=1)).isoformat()}
    faults = ({"short": "../zoe"}, {"short": "board"}, {"unit": "\u202ehall"}, {"trained_until": "2099-01-01"}, over)
    for fault in faults:
        page = town.does("custodian", "people-enrol", expects=400, **ZOE | {"roles": "clerk"} | fault)
        assert 'class="fault"' in page, fault
    page = town.does("custodian", "people-enrol", expects=400, **ZOE, roles="auditor")
    assert "Two people grant these roles" in page and "Shown this once" not in page
    assert "zoe" not in town.desk.office.keys.shorts() and town.desk.kinds().count("ENROLLED") == before


def test_two_people_of_different_units_grant_oversight(town: Town) -> None:
    reason = "the city auditor names her"
    page = town.does("custodian", "people-enrol", **ZOE, roles="auditor,clerk", reason=reason)
    assert "Proposed: Zoe" in page and passphrase_on(page) and town.desk.kinds()[-1] == "PROPOSED"
    early = town.at("custodian").get("/en/tasks/people-enrol-approved").text
    assert "Zoe" not in early
    shown = town.approves("board")
    assert "Zoe Quartermarker" in shown and "auditor, clerk" in shown, "who approves sees whom, and as what"
    assert "/tasks/people-enrol-approved" not in shown, "the board does not enrol"
    proposal = town.offered("custodian", "people-enrol-approved", "Zoe")
    done = town.does("custodian", "people-enrol-approved", proposal=proposal)
    assert "Zoe Quartermarker enrolled" in done
    assert town.desk.office.person("zoe").roles == {Role.AUDITOR, Role.CLERK}
    town.does("custodian", "people-enrol-approved", expects=409, proposal=proposal)


def test_roles_are_changed_and_training_is_renewed(town: Town) -> None:
    clerk = town.offered("custodian", "people-change", "Clerk")
    town.does("custodian", "people-change", person=clerk, name="Cleo", unit="archive", roles="clerk,dispatcher")
    cleo = town.desk.office.person("clerk")
    assert (cleo.name, cleo.unit, cleo.roles) == ("Cleo", "archive", {Role.CLERK, Role.DISPATCHER})
    far = town.does("custodian", "people-train", expects=400, person=clerk, until="2099-01-01")
    assert 'id="until-fault"' in far
    until = (town.desk.kernel.now().date().replace(month=6, day=30)).replace(year=town.desk.kernel.now().year + 1)
    town.does("custodian", "people-train", person=clerk, until=until.isoformat())
    assert town.desk.office.person("clerk").trained_until == until.isoformat()
    own = town.offered("custodian", "people-train", "Custodian")
    refused = town.does("custodian", "people-train", expects=403, person=own, until=until.isoformat())
    assert "cannot change your own" in refused


def test_who_leaves_is_closed_out_and_their_name_erased(town: Town) -> None:
    town.does("custodian", "people-enrol", **ZOE, roles="clerk")
    zoe = town.offered("custodian", "people-retire", "Zoe")
    town.does("custodian", "people-forget", expects=409, person=zoe)
    assert "Zoe" not in town.at("custodian").get("/en/tasks/people-forget").text
    town.does("privacy-officer", "people-retire", person=zoe)
    town.does("privacy-officer", "people-retire", expects=409, person=zoe)
    assert town.offered("custodian", "people-forget", "Zoe") == zoe
    town.does("custodian", "people-forget", person=zoe)
    assert town.desk.kinds()[-1] == "FORGOTTEN" and "zoe" not in town.desk.office.keys.shorts()
    assert staff_enrolment.not_forgotten(town.desk.office) == {}
    assert "Quartermarker" not in town.at("custodian").get("/en/tasks/people-list").text


def test_the_yearly_review_wants_an_outcome_for_everybody_whose_roles_lie_unused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, today = town.at("board"), "/en/tasks/oversight-privileges"
    assert "unused" not in board.get(today).text.partition("<table")[2]
    monkeypatch.setattr("peelian.oversight.review.privileges.UNUSED_DAYS", -1)
    monkeypatch.setattr("peelian.oversight.review.privileges.rights_held.__kwdefaults__", {"unused_days": -1})
    people = set(re.findall(r'name="kept" value="([^"]+)"', board.get(today).text))
    assert len(people) >= len(Role) - 1
    *kept, last = sorted(people)
    fields = {"kept": ",".join(kept), "seen": "yes"}
    assert "without an outcome" in town.does("board", "oversight-privileges", expects=400, **fields)
    twice = town.does("board", "oversight-privileges", expects=400, **fields | {"withdrawn": ",".join(sorted(people))})
    assert "ticked twice" in twice
    town.does("board", "oversight-privileges", expects=400, **fields | {"withdrawn": last, "seen": "no"})
    town.does("board", "oversight-privileges", **fields | {"withdrawn": last})
    assert town.desk.kinds()[-1] == "PRIVILEGES_REVIEWED"


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, town: Town, language: str) -> None:
    with served(town.app) as here:
        for page in ("tasks/people-enrol", "tasks/people-list", "tasks/oversight-privileges"):
            who = "council" if page == "tasks/people-enrol" else "board"
            address = f"{here}/{language}/{page}"
            with visit(browser, address, **seated(town.app, town.desk.office, who)) as seen:
                assert not gates(seen, own=(here,)), page
