"""An incident at the pages: recorded from a sign, contained, weighed, its notices recorded; all in the register."""

from __future__ import annotations

import re
from typing import Any

import pytest
from authentication import at_pages, logged_on, seated, send
from browser import gates, served, visit
from playwright.sync_api import Browser
from precinct import Precinct, ordinary_week, person, precinct

from peelian.oversight.breach.incident import register
from peelian.oversight.breach.regimes import regimes
from peelian.oversight.breach.report import FREE
from peelian.oversight.breach.told_incidents import FIELDS
from peelian.web.app import make_app

NEW = "/en/incidents/new"
SHEET = {
    "act": "weigh", "exposure": "readable", "sensitivity": "high", "likelihood": "medium", "mitigation": "low",
    "why_sensitivity": "police records are sensitive", "why_likelihood": "nobody knows who has it",
    "why_mitigation": "it cannot be unread",
}  # fmt: skip


@pytest.fixture(scope="module")
def at() -> Precinct:
    at = precinct()
    ordinary_week(at)
    at.look("anna", person(1), session="s", at="2026-03-06T15:00")
    at.look("anna", person(2), session="s", address="elsewhere", at="2026-03-06T15:05")
    at.week_over()
    return at


@pytest.fixture(scope="module")
def app(at: Precinct) -> Any:
    return make_app(at.desk.office)


def problem(text: str) -> str:
    found = re.search(r'role="alert">(.*?)</div>', text, re.DOTALL)
    return found[1] if found else ""


def test_an_incident_goes_from_its_sign_to_the_notices(at: Precinct, app: Any) -> None:
    officer = logged_on(app, at.desk.office, "privacy-officer")
    assert 'href="/en/incidents/new"' in officer.get("/en/incidents").text
    (sign,) = re.findall(r'name="sign" value="(\w+)"', officer.get(NEW).text)
    page = send(officer, NEW, sign=sign).headers["location"]
    (incident,) = register(at.desk.kernel)
    assert page.endswith(incident.id) and incident.internal_at
    assert send(officer, NEW, sign=sign).headers["location"] == page, "a known one is recognized"
    board = logged_on(app, at.desk.office, "board")
    assert "Assess the harm" not in board.get(page).text and "Contain it" in board.get(page).text
    custodian = logged_on(app, at.desk.office, "custodian")
    got = send(custodian, page, act="contain", measures="<script>")
    assert got.status_code == 400 and "unknown measure" in problem(got.text).casefold()
    assert send(custodian, page, act="contain", measures="recipient_asked").status_code == 303
    assert {"session_ended", "recipient_asked"} <= set(register(at.desk.kernel)[0].measures)
    got = send(officer, page, **SHEET | {"why_mitigation": "no"})
    assert got.status_code == 400 and "no reason given" in problem(got.text).casefold()
    assert ">nobody knows who has it</textarea>" in got.text
    assert send(officer, page, **SHEET).status_code == 303
    assert send(officer, page, act="notified").status_code == 303
    (incident,) = register(at.desk.kernel)
    assert incident.harm["real_risk"] and incident.regulator_at and not incident.persons_at
    got = send(officer, page, act="closed", reason="All of it is done.")
    assert got.status_code == 409 and "not told yet" in problem(got.text)
    assert send(officer, page, act="returned", person=person(2)).status_code == 409
    assert send(officer, page, act="sent").status_code == 303
    assert send(officer, page, act="returned", person=person(2)).status_code == 303
    assert not register(at.desk.kernel)[0].persons_at
    assert send(officer, page, act="told", person=person(2)).status_code == 303
    assert register(at.desk.kernel)[0].persons_at
    assert send(custodian, page, act="closed", reason="All of it is done.").status_code == 403
    assert send(officer, page, act="closed", reason="All of it is done.").status_code == 303
    assert "Closed on" in officer.get("/en/incidents").text


FREE_ANSWERS = {
    "free": "misdirected", "words": "a letter went to the wrong house", "started": "2026-03-05T10:00", "ended": "",
    "known_since": "", "why_earlier": "", "datasets": "", "exposure": "", "people": "", "vendor": "", "of": "",
    "law": "",
}  # fmt: skip


def test_a_breach_told_in_ones_own_words_takes_at_most_twelve_answers(at: Precinct, app: Any) -> None:
    clerk = logged_on(app, at.desk.office, "clerk")
    officer = logged_on(app, at.desk.office, "privacy-officer")
    form = officer.get(NEW).text.partition('name="free"')[2].partition("</form>")[0]
    asked = {"free", *re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', form)}
    assert len(asked) == len(FIELDS) <= 12
    for kind in FREE:
        page = send(officer, NEW, **{**FREE_ANSWERS, "free": kind, "words": f"something of kind {kind}"})
        assert page.status_code == 303, kind
    incident = register(at.desk.kernel)[-1]
    page, why = f"/en/incidents/{incident.id}", "It concerns nobody else."
    assert "not known" in officer.get(page).text and not incident.people_known
    got = send(officer, page, act="people", list="identifier,name\nP-777,A B", complete="yes", reason=why)
    assert got.status_code == 303 and register(at.desk.kernel)[-1].people_known
    other = register(at.desk.kernel)[-2].id
    assert send(officer, page, act="merge", other=other, reason=why).status_code == 303
    joined = next(one for one in register(at.desk.kernel) if one.id == other)
    assert len(joined.reports) == 2 and send(officer, page, act="closed", reason=why).status_code == 409
    page = f"/en/incidents/{other}"
    assert send(officer, page, act="separate", reports="2", reason=why).status_code == 303
    assert send(officer, page, act="correct", report="1", person="P-777", reason=why).status_code == 303
    assert send(officer, page, act="false_alarm", reason=why).status_code == 303
    public = officer.get("/en/incidents").text
    for said in ("Corrected on", "False alarm, stated on", "Separated into two on", "Merged into"):
        assert said in public, said
    assert "P-777" not in public and clerk.get("/en/incidents").status_code == 200
    assert "Tell the privacy officer" in send(logged_on(app, at.desk.office, "board"), NEW, **FREE_ANSWERS).text


def part(page: str, title: str) -> str:
    """The tag and the content of one part of the page."""
    return next(one for one in page.split('<details class="part"')[1:] if title in one.partition("</summary>")[0])


def test_the_page_opens_what_is_next_and_folds_the_rest(at: Precinct, app: Any) -> None:
    officer = logged_on(app, at.desk.office, "privacy-officer")
    words = {**FREE_ANSWERS, "free": "paper_lost", "words": "a paper was left in a bus", "law": "mfippa"}
    page = send(officer, NEW, **words).headers["location"]

    def is_open() -> list[str]:
        parts = officer.get(page).text.split('<details class="part"')[1:]
        return [re.findall(r"<h2>(.*?)</h2>", one)[0] for one in parts if one.startswith(" open")]

    assert is_open() == ["Next: Contain it"]
    measures = part(officer.get(page).text, "Contain it").partition("Other measures")
    assert 'value="papers_found"' in measures[0] and 'value="keys_rotated"' in measures[2]
    assert send(officer, page, act="contain", measures="papers_found").status_code == 303
    assert is_open() == ["Next: Say what happened"]
    what = {"act": "describe", "language": "en", "which": "One complaint."}
    got = send(officer, page, **what, what="Call 416 555 0199 about the paper in the bus.")
    assert got.status_code == 400 and "telephone number" in problem(got.text) and "0199" in part(got.text, "happened")
    assert send(officer, page, **what, what="A paper was left in a bus.").status_code == 303
    assert 'value="fr" selected' in part(officer.get(page).text, "Say what happened"), "the language that lacks"
    french = {**what, "language": "fr", "what": "Un papier a été oublié dans un autobus."}
    assert send(officer, page, **french).status_code == 303
    assert is_open() == ["Next: Assess the harm"]
    assert send(officer, page, **SHEET).status_code == 303
    assert is_open() == ["Next: Add people"]
    shown = officer.get(page).text
    assert "Letters to send" in shown and "A paper was left in a bus. " in shown
    got = send(officer, page, act="closed", reason="All of it is done.")
    assert "not told yet" in problem(got.text)
    assert part(got.text, "Put it right, or end it").startswith(" open"), "the part of a slip is open"
    clerk = logged_on(app, at.desk.office, "clerk").get(page).text
    assert "Say what happened" in clerk and "Assess the harm" not in clerk.partition("Reports and assessment")[0]
    assert send(officer, page, act="correct", law="quebec", report="1", reason="We are in Quebec.").status_code == 303
    assert register(at.desk.kernel)[-1].regimes == ("quebec",) and register(at.desk.kernel)[-1].harm


def test_the_form_says_of_which_clock_its_times_are(at: Precinct, app: Any) -> None:
    shown = logged_on(app, at.desk.office, "clerk").get(NEW).text
    assert "Times are UTC" in shown and "(UTC)" not in shown


def test_laws_are_offered_by_their_titles(at: Precinct, app: Any) -> None:
    officer = logged_on(app, at.desk.office, "privacy-officer")
    _, _, form = officer.get("/fr/incidents/new").text.partition('<select id="law3"')
    options = re.findall(r'<option value="\w+">([^<]+)', form.partition("</select>")[0])
    assert options[:2] == ["Règle du bureau", "Canada\xa0: LPRPDE"] and len(options) == len(regimes())


def test_what_is_no_incident_is_not_recorded(at: Precinct, app: Any) -> None:
    officer, n = logged_on(app, at.desk.office, "privacy-officer"), len(register(at.desk.kernel))
    for wrong in ({"sign": "none"}, {"batch": "none"}, {"kind": "<script>"}, {"kind": "log_stopped", "law": "none"}):
        got = send(officer, NEW, **wrong)
        assert got.status_code == 400 and problem(got.text) and "<script>" not in got.text
    assert len(register(at.desk.kernel)) == n
    law = re.findall(r'id="law2".*?<option value="(\w+)">', officer.get(NEW).text, re.DOTALL)[0]
    got = send(officer, NEW, batch="no <batch>", law=law).text
    assert 'name="batch" value="no &lt;batch&gt;"' in got, "what was typed stays"
    laws = re.findall(r'id="law(\d)" name="law">(.*?)</select>', got)
    assert [n for n, options in laws if f'"{law}" selected' in options] == ["2"]
    assert send(officer, NEW, kind="witness_silent").status_code == 303
    page = f"/en/incidents/{register(at.desk.kernel)[-1].id}"
    assert send(officer, page, act="burn").status_code == 400
    assert send(officer, "/en/incidents/b-none", act="contain").status_code == 404
    assert at_pages(app).post(page).status_code == 401
    assert logged_on(app, at.desk.office, "analyst").get(NEW).status_code == 403
    assert send(logged_on(app, at.desk.office, "board"), page, **SHEET).status_code == 403


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, at: Precinct, app: Any, language: str) -> None:
    officer = logged_on(app, at.desk.office, "privacy-officer")
    page = send(officer, NEW, kind="log_stopped").headers["location"].replace("/en/", f"/{language}/")
    with served(app) as here:
        for path in (page, f"/{language}/incidents/new"):
            with visit(browser, f"{here}{path}", **seated(app, at.desk.office, "privacy-officer")) as seen:
                assert not gates(seen, own=(here,)), path


def test_the_page_says_not_contained_until_each_secret_is_replaced(at: Precinct, app: Any) -> None:
    custodian, officer = (logged_on(app, at.desk.office, name) for name in ("custodian", "privacy-officer"))
    page = send(officer, NEW, **{**FREE_ANSWERS, "words": "a laptop with passwords was lost"}).headers["location"]
    assert "NOT CONTAINED" not in officer.get(page).text
    assert send(custodian, page, act="secret", secret="password of the broker").status_code == 303
    for text in (custodian.get(page).text, officer.get(page.replace("/en/", "/fr/")).text):
        assert "password of the broker" in text and ("NOT CONTAINED" in text or "NON CONTENU" in text)
    public = at_pages(app).get("/en/incidents").text
    assert "Not contained yet." in public and "password of the broker" not in public
    got = send(officer, page, act="closed", reason="All of it is done.")
    assert got.status_code == 403 and "peelian breach secret" in problem(got.text)
    how = {"act": "secret", "secret": "password of the broker"}
    got = send(officer, page, **how, replaced="done")
    assert got.status_code == 400 and "no statement" in problem(got.text)
    assert send(officer, page, **how, replaced="changed at the broker").status_code == 303
    assert "Contained: every secret" in officer.get(page).text and "changed at the broker" in officer.get(page).text
    assert "Not contained yet." not in at_pages(app).get("/en/incidents").text
