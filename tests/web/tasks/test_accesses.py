"""The lists of the access review at the pages: stored from a file or pasted, never shown again; plans of units."""

from __future__ import annotations

from typing import Any

import pytest
from authentication import at_pages, form_of, logged_on, seated, send
from browser import gates, served, visit
from deciding import read_and_decide
from desk import Desk, desk
from playwright.sync_api import Browser
from told import told
from toy import COUNT, TOY

from peelian.kernel import verbs
from peelian.oversight.review.people import lists_of
from peelian.web.app import make_app

STAFF = "person,identifier,surname,gender\nclerk,SIN-4711,Tremblay,f\n"
ROSTER = "person,starts,ends\nclerk,2026-03-02T08:00+00:00,2026-03-02T16:00+00:00\n"
SUBJECTS = "identifier,name,surname,gender,language,mail\nSIN-1,Jane Doe,Doe,f,en,yes\n"


@pytest.fixture(scope="module")
def town() -> Desk:
    town = desk((TOY,))
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people[town.asker(COUNT)], town.ask(COUNT))
    decider = town.decider(COUNT, town.people[town.asker(COUNT)].person.unit)
    why = "it helps the town"
    read_and_decide(town.kernel, decider, evidence, choice="accept", reasons=why, other_evidence=f"document: {why}")
    return town


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


@pytest.fixture(scope="module")
def clerk(town: Desk, app: Any) -> Any:
    return logged_on(app, town.office, "clerk")


def sent(client: Any, task: str, name: str, content: str, *, pasted: bool = False, **fields: str) -> Any:
    """A list as a browser sends it: the picker's file, or what was pasted."""
    file = (None, content) if pasted else (f"{name}.csv", content.encode())
    return client.post(f"/en/tasks/{task}", data={**fields, "form": form_of(client)}, files={name: file})


def test_lists_are_stored_from_a_file_or_pasted(town: Desk, clerk: Any) -> None:
    done = sent(clerk, "accesses-staff", "people", STAFF)
    assert done.status_code == 200 and "Staff listed: 1" in told(done.text) and town.kinds()[-1] == "STAFF_LISTED"
    assert [one.surname for one in lists_of(town.kernel).staff.values()] == ["tremblay"]
    done = sent(clerk, "accesses-roster", "shifts", ROSTER, pasted=True)
    assert done.status_code == 200 and len(lists_of(town.kernel).shifts) == 1
    dataset = next(iter(town.kernel.state.datasets))
    done = sent(clerk, "accesses-subjects", "people", "\ufeff" + SUBJECTS, dataset=dataset)
    assert done.status_code == 200 and "People listed: 1" in told(done.text)
    assert len(lists_of(town.kernel).concerned[dataset]) == 1


def test_a_list_that_is_wrong_is_not_shown_again_nor_kept(town: Desk, app: Any, clerk: Any) -> None:
    before = town.kinds()
    for wrong in (STAFF.replace("f\n", "woman\n"), STAFF.replace("person,", "who,"), '"' + STAFF):
        for pasted in (False, True):
            got = sent(clerk, "accesses-staff", "people", wrong, pasted=pasted)
            assert got.status_code == 400 and told(got.text).startswith("Not done")
            assert "4711" not in got.text and "Tremblay" not in got.text
    dataset = next(iter(town.kernel.state.datasets))
    slip = sent(clerk, "accesses-subjects", "people", "name\nJane", dataset=dataset)
    assert sent(clerk, "accesses-subjects", "people", SUBJECTS, dataset="none").status_code == 409
    assert f'value="{dataset}" selected' in slip.text and "Jane" not in slip.text
    gone = at_pages(app).post("/en/tasks/accesses-staff", files={"people": ("staff.csv", STAFF.encode())})
    assert gone.status_code == 401 and "4711" not in gone.text and "Tremblay" not in gone.text
    pasted = at_pages(app).post("/en/tasks/accesses-staff", files={"people": (None, STAFF)})
    assert pasted.status_code == 401 and "4711" not in pasted.text
    empty = clerk.post("/en/tasks/accesses-staff", data={"form": form_of(clerk)}, files={"people": ("", b"")})
    assert empty.status_code == 400 and 'id="people-fault"' in empty.text
    large = sent(clerk, "accesses-staff", "people", "x" * (10 << 20))
    assert large.status_code == 400 and "too large" in large.text
    assert town.kinds() == before


def test_a_decided_case_becomes_the_plan_of_a_unit(town: Desk, app: Any) -> None:
    commander, page = logged_on(app, town.office, "commander"), "/en/tasks/accesses-assign"
    case = next(iter(town.kernel.state.histories))
    shown = commander.get(page).text
    assert f'<option value="{case}">' in shown and '<option value="unit-analyst">' in shown
    slip = send(commander, page, case=case, unit="unit-analyst", days="400")
    assert slip.status_code == 400 and 'id="days-fault"' in slip.text
    assert send(commander, page, case=case, unit="unit-none", days="7").status_code == 400
    done = send(commander, page, case=case, unit="unit-analyst", days="7", cells="1_1, 1_2")
    assert done.status_code == 200 and "for 7 days" in told(done.text) and town.kinds()[-1] == "ASSIGNED"


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, language: str) -> None:
    with served(app) as here:
        for page in ("accesses-staff", "accesses-subjects"):
            with visit(browser, f"{here}/{language}/tasks/{page}", **seated(app, town.office, "clerk")) as seen:
                assert not gates(seen, own=(here,)), page


@pytest.mark.browser
def test_a_file_is_picked_in_a_browser_without_a_script(browser: Browser, app: Any, town: Desk) -> None:
    with (
        served(app) as here,
        visit(browser, f"{here}/en/tasks/accesses-staff", **seated(app, town.office, "clerk")) as seen,
    ):
        seen.page.set_input_files("#people", {"name": "staff.csv", "mimeType": "text/csv", "buffer": STAFF.encode()})
        seen.page.click("main button[type=submit]")
        assert "Staff listed: 1" in seen.page.inner_text("main")
