"""A case through the pages: asked, run, decided and published as the person logged on, refused in the same words."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from typing import Any

import pytest
from authentication import at_pages, code_for, form_of, logged_on, send
from desk import Desk, desk
from toy import COUNT, PROVE, TOY

from peelian.integrations.authentication import operator_in
from peelian.kernel import verbs
from peelian.operations.office import technologies
from peelian.web.app import make_app

REASONS = {"reasons": "Acceptance criteria not met.", "other_evidence": "document: The council heard residents twice."}


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


@pytest.fixture
def app(town: Desk) -> Any:
    return make_app(town.office)


def asked(town: Desk, app: Any, who: str) -> tuple[Any, str]:
    """A use of PROVE asked for through the form; the browser and the case."""
    town.authorizations(PROVE)
    example = PROVE.arithmetic().example()
    client = logged_on(app, town.office, who)
    data = {
        f"data.{read.role}": town.admit(example.datasets[read.role], PROVE.asks.purposes, read.shape).dataset
        for read in PROVE.reads
    }
    got = send(client, f"/en/ask/{PROVE.id}", purpose=sorted(PROVE.asks.purposes)[0], **data)
    assert got.status_code == 303, got.text
    return client, got.headers["location"].rsplit("/", 1)[1]


def test_a_case_goes_all_the_way_through_the_pages(town: Desk, app: Any) -> None:
    asker = town.asker(PROVE)
    client, case = asked(town, app, asker)
    assert "Start run" in client.get(f"/en/cases/{case}").text and case in client.get("/en/desk").text
    assert send(client, f"/en/cases/{case}/run").status_code == 303
    assert "Awaiting your decision" not in client.get("/en/desk").text, "nobody decides what they asked for"
    board = logged_on(app, town.office, "board")
    assert "Awaiting your decision" in board.get("/en/desk").text
    page = board.get(f"/en/cases/{case}").text
    assert 'name="choice"' in page and 'name="reasons"' in page
    told = {"reasons": REASONS["reasons"], "other.visit": "the square,\n4 May", "other.study": "the yearly figures"}
    assert send(board, f"/en/cases/{case}/decide", choice="adopt", **told).status_code == 303
    page = board.get(f"/en/cases/{case}").text
    assert "Visit to the place: the square, 4 May; Study or statistics: the yearly figures" in page
    clerk = logged_on(app, town.office, "clerk")
    for language, says in (("en", "telephone number in a text"), ("fr", "numéro de téléphone dans un texte")):
        got = send(clerk, f"/{language}/cases/{case}/publish", statement="Call 416-555-0199.")
        assert got.status_code == 400 and says in got.text and "Call 416-555-0199." in got.text
    assert send(clerk, f"/en/cases/{case}/publish", statement="Adopted for one year.").status_code == 303
    kinds = [str(entry["kind"]) for _, entry in town.kernel.state.histories[case].entries]
    assert kinds[-1] == "PUBLISHED" and {"ASKED", "PERMITTED", "RAN", "DECIDED"} <= set(kinds)
    decided = next(entry for _, entry in town.kernel.state.histories[case].entries if entry["kind"] == "DECIDED")
    assert decided["by"] == town.people["board"].person.token
    public = clerk.get(f"/en/register/{case}").text
    assert "Visit to the place; Study or statistics" in public and "the square, 4 May" not in public
    assert decided["by"] not in public, "the unit that decided, never the person"
    assert town.people["board"].person.unit in public


def test_a_slip_in_a_decision_is_told_at_the_form_which_keeps_what_was_typed(town: Desk, app: Any) -> None:
    """Neither logged as a refusal nor published as one."""
    client, case = asked(town, app, town.asker(PROVE))
    send(client, f"/en/cases/{case}/run")
    board = logged_on(app, town.office, "board")
    board.get(f"/en/cases/{case}")
    before, tally = town.kinds(), client.get("/data/refusals.csv").text
    got = send(board, f"/fr/cases/{case}/decide", choice="adopt", reasons="<b>Oui</b>", other_evidence="")
    assert got.status_code == 400 and "&lt;b&gt;Oui&lt;/b&gt;" in got.text
    assert "3 mots différents" in got.text
    got = send(board, f"/fr/cases/{case}/decide", **{"choice": "adopt", "reasons": "Les critères sont atteints."})
    assert got.status_code == 400 and "Autres éléments considérés absents" in got.text
    both = {"other.document": "a <b>letter</b>", "other.none": "yes"}
    got = send(board, f"/en/cases/{case}/decide", choice="adopt", reasons="The criteria were met.", **both)
    assert got.status_code == 400 and "none as well" in got.text and "a &lt;b&gt;letter&lt;/b&gt;" in got.text
    got = send(board, f"/en/cases/{case}/decide", choice="", **REASONS)
    assert got.status_code == 400 and "No such choice" in got.text and REASONS["reasons"] in got.text
    assert town.kinds() == before and client.get("/data/refusals.csv").text == tally


def test_a_refused_decision_is_in_the_log(town: Desk, app: Any) -> None:
    client, case = asked(town, app, town.asker(PROVE))
    send(client, f"/en/cases/{case}/run")
    own = send(client, f"/en/cases/{case}/decide", choice="adopt", **REASONS)
    assert own.status_code == 403 and "Your role cannot do this." in own.text
    assert not [k for _, e in town.kernel.state.histories[case].entries if (k := e["kind"]) == "DECIDED"]


def test_a_refused_use_says_what_is_missing(town: Desk, app: Any) -> None:
    client = logged_on(app, town.office, town.asker(COUNT))
    wells = town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells").dataset
    sent = {"purpose": sorted(COUNT.asks.purposes)[0], "data.wells": wells}
    got = send(client, f"/en/ask/{COUNT.id}", **sent)
    assert got.status_code == 403 and "Council approval missing" in got.text
    assert "Il manque\u00a0: approbation du conseil" in send(client, f"/fr/ask/{COUNT.id}", **sent).text
    assert town.kinds().count("REFUSED") == 2, "somebody who asked for what is not allowed is on record"


@pytest.mark.parametrize("field", [{"param.none": "1"}, {"purpose": "x" * 500}, {"data.none": "y"}])
def test_hostile_fields_are_refused_in_words(town: Desk, app: Any, field: dict[str, str]) -> None:
    client = logged_on(app, town.office, town.asker(COUNT))
    got = send(client, f"/en/ask/{COUNT.id}", **{"purpose": sorted(COUNT.asks.purposes)[0], **field})
    assert got.status_code in (400, 403, 409) and "Not done" in got.text


def test_undecided_findings_and_files_are_for_those_whose_work_they_are(town: Desk, app: Any) -> None:
    """Who asks, decides or oversees looks at a page; a report is for who may decide, and no table leaves."""
    client, case = asked(town, app, town.asker(PROVE))
    send(client, f"/en/cases/{case}/run")
    seen, address, report = "wells were counted", f"/data/cases/{case}/wells.csv", f"/en/cases/{case}/report"
    people = {who: logged_on(app, town.office, who) for who in ("council", "commander", "clerk", "auditor", "board")}
    for who, browser in (*people.items(), (town.asker(PROVE), client)):
        page = browser.get(f"/en/cases/{case}").text
        assert (seen in page) is (who not in ("council", "commander", "clerk")), who
        assert address not in page and browser.get(address).status_code == 403, who
        assert (report in page) is (who == "board") and browser.get(report).status_code == (200, 403)[who != "board"]
    exported = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "EXPORTED"]
    assert [entry["by"] for entry in exported] == [town.people["board"].person.token]
    assert "Undecided: for whoever decides this case" in people["board"].get(report).text
    send(people["board"], f"/en/cases/{case}/decide", choice="decline", **REASONS)
    assert people["clerk"].get(address).status_code == 200
    assert "Undecided" not in people["clerk"].get(report).text
    town.clock.days(6 / 1440)
    late = people["clerk"].get(address)
    assert late.status_code == 403 and late.json()["reasons"][0]["rule"] == "the_step_up_is_fresh"


def test_what_is_signed_needs_the_persons_key(town: Desk, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, case = asked(town, app, town.asker(PROVE))
    send(client, f"/en/cases/{case}/run")
    board = logged_on(app, town.office, "board")
    form = form_of(board)
    board.get(f"/en/cases/{case}")
    elsewhere = partial(operator_in, town.kernel, shorts=(), keys=town.office.keys.of)
    monkeypatch.setattr(type(town.office.keys), "at_session", lambda self, *seat: elsewhere(seat))
    got = board.post(f"/en/cases/{case}/decide", data={"form": form, "choice": "adopt", **REASONS})
    assert got.status_code == 403 and "Sign at the terminal" in got.text
    assert board.get(f"/en/cases/{case}").status_code == 200, "reading takes the session alone"


def test_the_long_tables_of_a_case_are_a_second_download() -> None:
    audit = next(t for t in technologies() if t.id == "risk")
    capability = next(c for c in audit.capabilities if c.id == "risk.overrides")
    town = desk((audit,))
    town.authorizations(capability)
    evidence, _ = verbs.run(town.kernel, town.people[town.asker(capability)], town.ask(capability))
    board = logged_on(make_app(town.office), town.office, "board")
    address = f"/fr/cases/{evidence.case}/annex"
    assert f'href="{address}" download="{evidence.case}-fr-annex.pdf"' in board.get(f"/fr/cases/{evidence.case}").text
    got = board.get(address)
    assert got.status_code == 200 and got.content.startswith(b"%PDF-")
    assert f'filename="{evidence.case}-fr-annex.pdf"' in got.headers["content-disposition"]
    exported = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "EXPORTED"]
    assert [entry["by"] for entry in exported] == [town.people["board"].person.token]
    assert board.get(f"/en/register/{evidence.case}/annex").status_code == 404, "not published"


def test_a_case_without_long_tables_has_no_annex(town: Desk, app: Any) -> None:
    client, case = asked(town, app, town.asker(PROVE))
    send(client, f"/en/cases/{case}/run")
    board = logged_on(app, town.office, "board")
    assert "/annex" not in board.get(f"/en/cases/{case}").text
    assert board.get(f"/en/cases/{case}/annex").status_code == 404


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return unescape(found[1])


def test_what_was_typed_outlives_the_session_and_is_sent_after_the_next_log_on(town: Desk, app: Any) -> None:
    client, case = asked(town, app, town.asker(PROVE))
    send(client, f"/en/cases/{case}/run")
    board = logged_on(app, town.office, "board")
    typed = {
        "choice": "adopt",
        "reasons": 'Because of "A" & B.',
        "other_evidence": "document: Residents were heard twice.",
    }
    form = form_of(board)
    board.get(f"/en/cases/{case}")
    town.clock.days(11 / 1440)
    page = board.post(f"/en/cases/{case}/decide", data={"form": form, **typed})
    assert page.status_code == 401 and "Your text is kept" in page.text
    kept = {name: hidden(page.text, name) for name in ("at", "typed", "to")}
    wrong = board.post("/en/log-on", data={"code": "AAAA-AAAA", **kept})
    assert wrong.status_code == 403 and hidden(wrong.text, "typed") == kept["typed"]
    shown = board.post("/en/log-on", data={"code": code_for(app, town.office, "board"), **kept})
    assert shown.status_code == 200 and "Because of &#34;A&#34; &amp; B.</textarea>" in shown.text
    assert "DECIDED" not in town.kinds(), "nothing is decided until somebody sends it"
    again = board.post(kept["at"], data={**typed, "form": hidden(shown.text, "form")})
    assert again.status_code == 303 and "DECIDED" in town.kinds()


def test_a_form_of_an_older_session_is_refused_with_its_text_to_be_sent_again(town: Desk, app: Any) -> None:
    client, case = asked(town, app, town.asker(PROVE))
    send(client, f"/en/cases/{case}/run")
    old = form_of(logged_on(app, town.office, "board"))
    board = logged_on(app, town.office, "board")
    board.get(f"/en/cases/{case}")
    refused = board.post(f"/en/cases/{case}/decide", data={"form": old, "choice": "adopt", **REASONS})
    assert refused.status_code == 403 and f"{REASONS['reasons']}</textarea>" in refused.text
    again = {"form": hidden(refused.text, "form"), "choice": "adopt", **REASONS}
    assert board.post(f"/en/cases/{case}/decide", data=again).status_code == 303


@pytest.mark.parametrize("junk", ["[", "[[[[", "{}", "[1]", '[["a"]]', "null", "[" * 20_000, '[["x", 1, 2]]'])
def test_junk_instead_of_a_kept_form_is_as_if_nothing_had_been_typed(town: Desk, app: Any, junk: str) -> None:
    client = at_pages(app)
    data = {"code": code_for(app, town.office, "board"), "typed": junk, "at": "//evil.example/"}
    got = client.post("/en/log-on", data=data)
    assert got.status_code == 303 and got.headers["location"] == "/en/desk"
