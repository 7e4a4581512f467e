"""A corrected case says so wherever it is shown: page, list, feed, files, report and API; the newer one leads back."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from authentication import HERE, form_of, logged_on, seated, send
from browser import gates, served, visit
from deciding import read_and_decide
from desk import Desk, desk
from playwright.sync_api import Browser
from starlette.testclient import TestClient
from toy import COUNT, TOY
from whole_case import whole_case

from peelian.kernel import verbs
from peelian.web.app import make_app
from peelian.web.cases.case import case_report
from peelian.web.public.feed import ATOM

WHY = "Wells of the <b>north</b> were counted twice."
SHOWN = "Wells of the &lt;b&gt;north&lt;/b&gt; were counted twice."


def publish(town: Desk) -> str:
    asker = town.people[town.asker(COUNT)]
    evidence, _ = verbs.run(town.kernel, asker, town.ask(COUNT))
    by, told = town.decider(COUNT, asker.person.unit), {"reasons": "it fits well", "other_evidence": "none"}
    decision = read_and_decide(town.kernel, by, evidence, choice="accept", **told)
    verbs.publish(town.kernel, town.people["clerk"], decision)
    return decision.case


@pytest.fixture(scope="module")
def town() -> Desk:
    made = desk((TOY,))
    made.authorizations(COUNT)
    return made


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


@pytest.fixture(scope="module")
def old(town: Desk) -> str:
    return publish(town)


@pytest.fixture(scope="module")
def new(town: Desk, app: Any, old: str) -> str:
    """A clerk corrects the old case at its page."""
    clerk = logged_on(app, town.office, "clerk")
    assert "decided and published anew" in clerk.get(f"/en/cases/{old}").text, "there is no newer one yet"
    case, page = publish(town), f"/en/cases/{old}"
    form = clerk.get(page).text.partition('id="correct"')[2]
    assert f'value="{case}"' in form and f'value="{old}"' not in form
    for wrong in ({"newer": "c-none", "reason": WHY}, {"newer": case, "reason": " "}, {"newer": old, "reason": WHY}):
        got = send(clerk, f"{page}/correct", **wrong)
        assert got.status_code in (400, 409) and "Not done" in got.text and wrong["reason"].strip()[:9] in got.text
    assert clerk.post(f"{page}/correct", data={"newer": case, "reason": WHY}).status_code == 403, "no form of theirs"
    both = [form_of(clerk), form_of(clerk)]
    answers = [clerk.post(f"{page}/correct", data={"newer": case, "reason": WHY, "form": one}) for one in both]
    assert [got.status_code for got in answers] == [303, 409], "of two tabs one is the first"
    return case


def test_who_may_not_publish_has_no_form_and_is_refused(town: Desk, app: Any, old: str) -> None:
    analyst = logged_on(app, town.office, "analyst")
    assert 'id="correct"' not in analyst.get(f"/en/cases/{old}").text
    assert send(analyst, f"/en/cases/{old}/correct", newer=old, reason=WHY).status_code in (403, 409)
    dispatcher = logged_on(app, town.office, "dispatcher")
    assert send(dispatcher, f"/en/cases/{old}/correct", newer=old, reason=WHY).status_code == 403


def test_the_public_read_on_the_old_case_what_was_wrong_and_go_on_to_the_newer_one(
    town: Desk, old: str, new: str
) -> None:
    public = TestClient(make_app(town.office, public=True), base_url=HERE)
    clerk = town.people["clerk"].person
    for language, says in (("en", "Withdrawn on"), ("fr", "Retiré le")):
        page = public.get(f"/{language}/register/{old}").text
        note = page.partition('id="corrected"')[2].partition("</div>")[0]
        assert says in note and SHOWN in note and clerk.unit in note
        assert f"{clerk.name}, " not in page, "a unit is public, a name is not"
        assert f'href="/{language}/register/{new}"' in note and 'id="correct"' not in page
        newer = public.get(f"/{language}/register/{new}").text
        assert f'href="/{language}/register/{old}"' in newer and 'id="corrected"' not in newer
    assert public.get(f"/en/register/{old}").text.count("<figure") == public.get(f"/en/register/{new}").text.count(
        "<figure"
    ), "what was published stays readable"


def test_lists_feed_and_files_mark_the_old_one(town: Desk, old: str, new: str) -> None:
    public = TestClient(make_app(town.office, public=True), base_url=HERE)
    page = public.get("/en/register").text
    lines = {case: page.partition(f'href="/en/register/{case}"')[2].partition("</li>")[0] for case in (old, new)}
    assert "Corrected by:" in page and page.index(f'/en/register/{new}"') < page.index("Corrected by:")
    assert page.count(">Withdrawn</span>") == 1 and "Corrects:" in page and lines
    root = ElementTree.fromstring(public.get("/en/register.atom").content)  # noqa: S314 - ours
    entries = {str(e.findtext(f"{{{ATOM}}}summary"))[: len(old)]: e for e in root.findall(f"{{{ATOM}}}entry")}
    assert str(entries[old].findtext(f"{{{ATOM}}}title")).startswith(f"Corrected by {new}")
    (link,) = [one for one in entries[old] if one.get("rel") == "successor-version"]
    assert str(link.get("href")).endswith(f"/en/register/{new}")
    assert f"corrects {old}" in str(entries[new].findtext(f"{{{ATOM}}}summary"))
    rows = {row["case"]: row for row in table(public.get("/data/register.json").json())}
    assert (rows[old]["corrected_by"], rows[new]["corrects"]) == (new, old) and not rows[new]["corrected_by"]
    header, *lines_ = public.get("/data/register.csv").text.splitlines()
    assert header.endswith("corrected_by,corrects") and any(line.endswith(f"{new},") for line in lines_)


def table(told: dict[str, Any]) -> list[dict[str, Any]]:
    names = [column["name"] if isinstance(column, dict) else column for column in told["columns"]]
    return [dict(zip(names, row, strict=True)) for row in told["rows"]]


def test_other_views_of_the_old_case_say_it_too(town: Desk, old: str, new: str) -> None:
    public = TestClient(make_app(town.office, public=True), base_url=HERE)
    got = public.get(f"/data/register/{old}/wells.csv")
    assert (
        got.status_code == 200 and got.headers["link"] == f'</data/register/{new}/wells.csv>; rel="successor-version"'
    )
    assert "link" not in public.get(f"/data/register/{new}/wells.csv").headers
    assert public.get("/en/").text.count(">Withdrawn</span>") == 1


def test_reports_to_keep_say_it_first(town: Desk, old: str, new: str) -> None:
    for public in (True, False):
        report = case_report(town.office, whole_case(town.kernel, old), "en", public=public)
        assert SHOWN in report and new in report and report.index("Withdrawn on") < report.index("Decision record")
        assert (f"{town.people['clerk'].person.name}, " in report.partition("Decision record")[0]) is not public
        assert f"Corrects case {old}" in case_report(town.office, whole_case(town.kernel, new), "en", public=public)


def test_selected_rows_are_exported_and_no_others(town: Desk, app: Any, old: str, new: str) -> None:
    clerk = logged_on(app, town.office, "clerk")
    assert len(re.findall(r'form="picked" name="only" value="c-', clerk.get("/en/cases").text)) >= 2
    for where in ("cases", "register"):
        got = clerk.get(f"/data/{where}.csv?only=&only={old}")
        assert old in got.text and f"\n{new}," not in got.text and got.text.count("\n") == 2
        assert clerk.get(f"/data/{where}.csv?only=").status_code == 400, "nothing was selected"
        assert clerk.get(f"/data/{where}.csv?only=&only=c-none").text.count("\n") == 1
        assert clerk.get(f"/data/{where}.json?" + "only=c&" * 201).status_code == 400
    public = TestClient(app, base_url=HERE, follow_redirects=False)
    assert public.get(f"/data/cases.csv?only={old}").status_code == 401


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, town: Desk, app: Any, old: str, new: str, language: str) -> None:
    state = seated(app, town.office, "clerk")
    with served(app) as here:
        publish(town)
        for page in (f"register/{old}", f"register/{new}", "register", f"cases/{new}"):
            with visit(browser, f"{here}/{language}/{page}", **state) as seen:
                seen.page.evaluate("document.querySelector('details:has(#correct)')?.setAttribute('open', '')")
                assert not gates(seen, own=(here,)), page
        with visit(browser, f"{here}/{language}/register", script=False, **state) as seen:
            seen.page.locator("input[name=only][type=checkbox]").first.check()
            with seen.page.expect_download() as download:
                seen.page.locator("button[form=picked]").first.click()
            assert download.value.suggested_filename == "register.csv"
