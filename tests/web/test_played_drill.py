"""A drill is opened, played in three roles and signed in a real browser; town and office never mix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from authentication import code_for, logged_on, seated, send
from browser import gates, served, visit
from own_keys import PASSPHRASE
from playwright.sync_api import Browser, Page, expect

from peelian.kernel.model.capability import Role
from peelian.kernel.records.drill_records import courses, is_drill_town
from peelian.operations.drill.played_drill import PASSPHRASE as THROWN_AWAY
from peelian.operations.drill.played_drill import folder_of, town_of
from peelian.operations.office import Office, new_office, open_office
from peelian.oversight.breach.incident import open_incident, register
from peelian.oversight.breach.told_incidents import free_report
from peelian.oversight.drills.play import start
from peelian.web.app import make_app

HERE = "/en/desk/drill"
ROLES = {"pia": "privacy_officer", "it": "custodian", "cleo": "clerk"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with new_office(tmp_path / "office", name="A town") as office:
        it = office.enrol("it", name="Iris Tellier", unit="it", roles={Role.CUSTODIAN})
        office.enrol("pia", name="Pia Zander", unit="privacy", roles={Role.PRIVACY_OFFICER}, by=it)
        office.enrol("cleo", name="Cleo Marsh", unit="records", roles={Role.CLERK, Role.ANALYST}, by=it)
        yield office


def does(page: Page, act: str, n: int = 0, **fields: str) -> None:
    """Fill in the form of an act and send it; the page that answers says nothing wrong."""
    form = page.locator(f"form:has([name=act][value={act}])").nth(n)
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.locator("button").click()
    page.wait_for_load_state()
    expect(page.locator("main [role=alert]")).to_have_count(0)


def decides(page: Page, decision: str, words: str) -> None:
    form = page.locator(f"form:has([name=decision][value={decision}])")
    form.locator("textarea").fill(words)
    form.locator("button").click()
    page.wait_for_load_state()
    expect(page.locator("main [role=alert]")).to_have_count(0)
    expect(page.locator("main table caption", has_text="Decided so far")).to_have_count(1)


def goes_to_town(page: Page, town: str) -> None:
    """Take a code from the real office, and log on with it in the town, in the same window."""
    does(page, "code")
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", page.locator("main [role=status]").inner_text())
    assert found is not None
    comes_in(page, town, found[0], THROWN_AWAY)
    expect(page).to_have_title(re.compile("^DRILL – "))


def comes_in(page: Page, place: str, code: str, passphrase: str) -> None:
    """Log on, the key unlocked, and open the page of the drill."""
    page.goto(f"{place}/en/log-on")
    form = page.locator("form:has([name=code])").first
    form.locator("[name=code]").fill(code)
    form.locator("[name=passphrase]").fill(passphrase)
    form.locator("button").first.click()
    expect(page).not_to_have_url(re.compile("/log-on"))
    page.goto(f"{place}{HERE}")


@pytest.mark.browser
def test_a_drill_is_played_to_its_end_in_three_roles_and_opens_the_gate(browser: Browser, office: Office) -> None:
    app = make_app(office)
    with ExitStack() as stack:
        here = stack.enter_context(served(app))
        pages = {short: stack.enter_context(visit(browser, f"{here}/en/")).page for short in ROLES}
        for short, page in pages.items():
            comes_in(page, here, code_for(app, office, short), PASSPHRASE)
        does(pages["pia"], "open", card="lost-laptop")
        for short, role in ROLES.items():
            pages[short].goto(f"{here}{HERE}")
            does(pages[short], "sit", role=role)
        name = office.kernel.state.duties.drill_open
        beside = stack.enter_context(open_office(folder_of(office, name).office))
        town = stack.enter_context(served(make_app(beside)))
        for page in pages.values():
            goes_to_town(page, town)
        plays(pages, town)
        size, log = office.kernel.stores.log.size(), beside.kernel.stores.log
        assert is_drill_town(beside.kernel) and not is_drill_town(office.kernel)
        assert len(register(beside.kernel)) == 1 and register(office.kernel) == (), "they have two logs"
        assert size < log.size() and beside.kernel.office.public_key != office.kernel.office.public_key
        signs(pages, here, office)
        shows_it(pages["pia"], here)


def plays(pages: dict[str, Page], town: str) -> None:
    """Two minutes of the clock moved by hand; one decision by an act in the program, one late, one call, the letter."""
    pia, it, cleo = pages["pia"], pages["it"], pages["cleo"]
    does(pia, "start", factor="0")
    pia.goto(f"{town}/en/incidents/new")
    pia.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    form = pia.locator("form:has([name=free])")
    form.locator("[name=free]").select_option("device_lost")
    form.locator("[name=words]").fill("A laptop with an export was stolen from a train.")
    form.locator("[name=datasets]").fill("drill-records-3")
    form.locator("[name=people]").select_option("listed")
    form.locator("button").click()
    pia.wait_for_url(re.compile("/incidents/b-"))
    pia.goto(f"{town}{HERE}")
    expect(pia.locator("main table", has_text="Record the incident")).to_have_count(1)
    does(pia, "move", minute="20")
    it.goto(f"{town}{HERE}")
    decides(it, "readable", "It counts as readable: the password lay beside it.")
    does(it, "call", contact="provider", reached="no", minutes="6")
    does(it, "read", who="The town writes to me", what="My data were on a laptop", next="I can call the town")
    does(pia, "move", minute="300")
    cleo.goto(f"{town}{HERE}")
    decides(cleo, "letter", "The letter goes out tomorrow in both languages.")
    does(pia, "end")


def signs(pages: dict[str, Page], here: str, office: Office) -> None:
    """The leader reports, another player countersigns; only then it counts."""
    pia, it = pages["pia"], pages["it"]
    pia.goto(f"{here}{HERE}")
    owner = office.person("cleo").token
    does(pia, "report", words1="Exports no longer leave the house", owner1=owner, until1="2027-03-01")
    assert not office.kernel.state.duties.drilled
    it.goto(f"{here}{HERE}")
    does(it, "countersign")
    (course,) = courses(office.kernel)
    assert course.counts and office.kernel.state.duties.drilled and course.report is not None
    body = course.report.body
    assert {one["role"] for one in body["participants"]} == set(ROLES.values()) and body["found"] == body[
        "affected"
    ] > 0
    made = {one["id"]: one["minute"] for one in body["decisions"]}
    assert (made["record"], made["readable"], made["letter"]) == (0, 20, 300) and "letter" in body["late"]
    assert set(body["missing"]) == {"analyst", "council"} and body["calls"][0]["reached"] == 0


def shows_it(page: Page, here: str) -> None:
    """In public: what was late and that it counts, and no name; a lesson stays open in the office."""
    page.goto(f"{here}/en/drills")
    expect(page.locator("main table").first).to_contain_text("counts for a year")
    expect(page.locator("main table").first).to_contain_text("Have the letter to the people concerned written")
    page.goto(f"{here}/en/drills/{courses_name(page)}")
    expect(page.locator("main")).to_contain_text("Lessons still open")
    assert not re.search("Zander|Tellier|Marsh", page.locator("main").inner_text())
    page.goto(f"{here}{HERE}")
    expect(page.locator("main .card", has_text="Exports no longer leave the house")).to_have_count(1)


def courses_name(page: Page) -> str:
    return page.locator("#more + ul a").first.inner_text()


@pytest.mark.browser
def test_both_pages_pass_every_gate_and_say_which_office_they_are(browser: Browser, office: Office) -> None:
    """Each in a language of its own; a real incident during the drill stands on the real page alone."""
    app = make_app(office)
    pia, by = logged_on(app, office, "pia"), office.operator("pia")
    assert send(pia, HERE, act="open", card="insider").status_code == 303
    assert send(pia, HERE, act="sit", role="privacy_officer").status_code == 303
    real, _ = open_incident(office.kernel, by, free_report({"kind": "other", "words": "a real one came in"}))
    name = office.kernel.state.duties.drill_open
    with town_of(office, name) as beside:
        start(beside.kernel, beside.operator("desk-2"), 0)
        town = make_app(beside)
        for one, of, short, language in ((app, office, "pia", "fr"), (town, beside, "desk-2", "en")):
            address = f"/{language}/desk/drill"
            with served(one) as here, visit(browser, f"{here}{address}", **_seated(one, of, short)) as seen:
                marks = " ".join(seen.page.locator("aside.mark").all_inner_texts())
                assert ("DRILL" in marks, name in marks) == (one is town, one is app)
                assert seen.page.title().startswith("DRILL") is (one is town)
                assert seen.page.locator("main", has_text=real.id).count() == (one is app)
                assert not gates(seen, own=(here,))


def _seated(app: Any, office: Office, short: str) -> dict[str, Any]:
    found = seated(app, office, short)
    if is_drill_town(office.kernel):
        found["storage_state"]["cookies"][0]["name"] = "peelian-drill"
    return found


def test_a_slip_is_told_on_the_page_and_a_clerk_opens_nothing(office: Office) -> None:
    app = make_app(office)
    clerk, pia = logged_on(app, office, "cleo"), logged_on(app, office, "pia")
    assert "Open the drill" not in clerk.get(HERE).text and "Open the drill" in pia.get(HERE).text
    assert send(clerk, HERE, act="open", card="insider").status_code == 403
    assert send(pia, HERE, act="open", card="<b>").status_code == 400 and courses(office.kernel) == ()
    assert send(pia, HERE, act="sit", role="privacy_officer").status_code == 409
    assert send(pia, HERE, act="dance").status_code == 400
    public = make_app(office, public=True)
    assert not [route for route in public.router.routes if "desk/drill" in str(getattr(route, "path", ""))]
