"""Lists are searched, filtered and paged by their address; never by a person."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from authentication import logged_on
from starlette.testclient import TestClient

from peelian.oversight.transparency import register
from peelian.pictures.panels import Grid
from peelian.web.app import make_app
from peelian.web.frame import lists
from peelian.web.frame.lists import CaseQuery, Line, ShortQuery, case_list, cases_table, due_of, narrowed, some


@pytest.fixture(scope="module")
def client(town: Any) -> TestClient:
    return logged_on(make_app(town.desk.office), town.desk.office, "auditor")


def found(town: Any, *, published: bool = False, **asked: Any) -> list[str]:
    shown = case_list(town.desk.office, "en", CaseQuery(**asked), published=published)
    assert shown["n"] in (len(shown["cases"]), None), "the number above the list is that of its lines"
    return [line["case"] for line in shown["cases"]]


def test_the_lists_hold_every_case_or_the_published_ones(town: Any) -> None:
    every = case_list(town.desk.office, "en", CaseQuery(), published=False)
    assert {line["state"] for line in every["cases"]} == {"refused", "published", "ran", "permitted"}
    assert found(town, published=True) == [town.published]
    assert found(town, sort="oldest") == found(town)[::-1]


def test_words_find_titles_units_and_case_numbers(town: Any) -> None:
    every = found(town)
    assert found(town, q="prove") == found(town, q="PROVE wells") == [town.published]
    assert found(town, q="wells") == every and found(town, q="wells unit") == every
    assert found(town, q=town.waiting) == [town.waiting] and found(town, q=town.waiting[:-1]) == [town.waiting]
    assert found(town, q="prove " + town.waiting) == [] == found(town, q="ells")
    assert case_list(town.desk.office, "fr", CaseQuery(q="technologie"), published=False)["n"] == 0


def test_nobody_is_found_by_name(town: Any) -> None:
    for person in town.desk.kernel.state.people.values():
        words = [word for word in person.name.split() if word not in person.unit]
        for asked in (" ".join(words), person.token):
            if asked:
                assert found(town, q=asked) == [], "no search for persons"
    assert found(town, q="residents twice") == [] == found(town, q="acceptance criteria"), "reasons are not searched"


def test_filters_narrow_and_say_how_many_each_choice_leaves(town: Any) -> None:
    assert found(town, state="refused") == [town.refused] and found(town, decision="adopt") == [town.published]
    assert found(town, state="published") == [town.published] and found(town, state="none") == []
    year = str(town.desk.kernel.now().year)
    assert found(town, year=year) == found(town) == found(town, technology="toy") and found(town, year="1999") == []
    shown = case_list(town.desk.office, "en", CaseQuery(state="refused"), published=False)
    facets = {name: dict(options) for name, _, options in shown["facets"]}
    assert facets["state"] == {
        "refused": "Refused (1)", "permitted": "Permitted (1)", "ran": "Awaiting decision (1)",
        "published": "Published (1)",
    }  # fmt: skip
    assert facets["technology"] == {"toy": "Wells (1)"} and facets["decision"] == {}
    assert facets["year"] == {year: year}


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_pages_lead_on_and_back_without_gap_or_overlap(town: Any, monkeypatch: pytest.MonkeyPatch, sort: Any) -> None:
    monkeypatch.setattr(lists, "PAGE", 1)
    query, seen = CaseQuery(sort=sort), []
    for _ in range(9):
        shown = case_list(town.desk.office, "en", query, published=False)
        seen.append(shown["cases"][0]["case"])
        if "next" not in shown["pages"]:
            break
        query = CaseQuery(**dict(part.split("=") for part in shown["pages"]["next"].split("&")))
    assert (
        seen
        == [line.case for line in register.found(town.desk.kernel, None, published=False)][
            :: 1 if sort == "newest" else -1
        ]
    )
    for expected in seen[-2::-1]:
        query = CaseQuery(**dict(part.split("=") for part in shown["pages"]["previous"].split("&")))
        shown = case_list(town.desk.office, "en", query, published=False)
        assert [line["case"] for line in shown["cases"]] == [expected]


def test_the_address_says_it_all_and_the_files_hold_the_same(client: TestClient, town: Any) -> None:
    page = client.get("/en/cases?q=count&state=refused&sort=oldest").text
    assert 'value="count"' in page and re.search(r'value="refused" selected', page) and "1 case " in page
    address = re.search(r'href="(/data/cases\.json\?[^"]*)"', page)
    assert address
    got = client.get(address[1].replace("&amp;", "&"))
    assert got.status_code == 200, got.text
    rows = json.loads(got.content)["rows"]
    assert [row[0] for row in rows] == [town.refused]
    assert client.get("/data/register.csv?q=prove").text.count("\n") == 2
    assert client.get("/data/register.csv?q=nothing").text.count("\n") == 1
    table = cases_table(town.desk.office, CaseQuery(), published=True)
    assert table["case"].tolist() == [town.published]
    for where, public in (("register", True), ("cases", False)):
        (row,) = csv.DictReader(client.get(f"/data/{where}.csv?only={town.published}").text.splitlines())
        shown = case_list(town.desk.office, "en", CaseQuery(), published=public)["cases"]
        assert row["title"] == next(one["title"] for one in shown if one["case"] == town.published)


def test_a_list_without_a_match_says_what_to_do(client: TestClient) -> None:
    page = client.get("/en/register?q=zzz").text
    assert "No case matches" in page and "Persons cannot be searched for" in page and 'href="/en/register"' in page


@pytest.mark.parametrize(
    "asked",
    ["q=" + "x" * 101, "year=20", "year=٢٠٢٦", "sort=worst", "before=1e9", "before=" + "9" * 40, "after=-2"],
)
def test_what_no_list_can_be_asked_is_refused_in_words(client: TestClient, asked: str) -> None:
    got = client.get(f"/en/register?{asked}")
    assert got.status_code == 400 and "cannot use" in got.text


@pytest.mark.parametrize("asked", ["<script>alert(1)</script>", "%00", "' OR 1=1 --", "%", "_", "\U0010ffff", "😀"])
def test_hostile_words_find_nothing_and_are_escaped(client: TestClient, asked: str) -> None:
    for where in ("/en/register", "/fr/cases", "/en/inventory", "/fr/assessment", "/en/sensors"):
        params = {"q": asked, "technology": asked[:40], "state": asked[:40], "kind": asked[:40], "due": asked[:40]}
        got = client.get(where, params=params)
        assert got.status_code == 200 and "<script>alert" not in got.text and 'class="entries"' not in got.text
    assert client.get("/en/log", params={"event": asked[:40], "case": asked[:40]}).status_code == 200


def test_only_rows_with_every_word_stay_in_a_table() -> None:
    grid = Grid(caption="c", titles=("a", "n"), rows=(("Île Bizard", "3"), ("Pointe", "4")), numeric=frozenset({1}))
    assert narrowed(grid, "ile 3").rows == (("Île Bizard", "3"),) and narrowed(grid, "").rows == grid.rows
    assert narrowed(grid, "ile 4").rows == ()


def line(title: str, *, at: str, until: str, state: str) -> Line[str]:
    return Line(of=title, title=title, more="meter", at=at, until=until, facets={"state": state, "due": "none"})


LINES = [
    line("École B", at="2026-02", until="", state="kept"),
    line("Hall", at="2026-03", until="2026-09-01", state="gone"),
    line("Arena", at="2026-01", until="2026-08-01", state="kept"),
]
STATE = [("state", "State", {"kept": "Kept", "gone": "Gone", "lost": "Lost"})]


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ({}, "ÉHA"),
        ({"sort": "title"}, "AÉH"),
        ({"sort": "newest"}, "HÉA"),
        ({"sort": "oldest"}, "AÉH"),
        ({"sort": "due"}, "AHÉ"),
        ({"sort": "state"}, "ÉAH"),
        ({"state": "kept", "sort": "title"}, "AÉ"),
        ({"q": "ecole METER"}, "É"),
        ({"q": "hall", "state": "kept"}, ""),
        ({"state": "sold"}, ""),
    ],
)
def test_short_lists_are_searched_filtered_and_sorted_by_their_address(asked: Any, rows: str) -> None:
    shown = some(LINES, ShortQuery(**asked), STATE)
    assert "".join(row[0] for row in shown.rows) == rows and shown.n == len(rows) and not shown.pages


def test_short_lists_say_what_each_choice_leaves_and_page_with_their_filters() -> None:
    shown = some(LINES, ShortQuery(q="meter", state="kept", sort="title", page=2), STATE, most=1)
    assert shown.rows == ["École B"] and shown.pages == {"previous": "q=meter&state=kept&sort=title&page=1"}
    assert shown.facets == [("state", "State", [("kept", "Kept (2)"), ("gone", "Gone (1)")])]
    assert some(LINES, ShortQuery(page=2), STATE, most=1).pages.keys() == {"previous", "next"}


@pytest.mark.parametrize(
    ("until", "word"),
    [
        ("", "none"),
        ("2026-05-31", "past"),
        ("2026-06-01", "soon"),
        ("2026-07-01T09:00", "soon"),
        ("2026-07-02", "later"),
    ],
)
def test_soon_is_within_thirty_days(until: str, word: str) -> None:
    assert due_of(until, datetime(2026, 6, 1, 12, tzinfo=UTC)) == word


def test_of_very_many_cases_the_older_ones_are_called_by_their_use(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_TITLED", 0)
    titles = cases_table(town.desk.office, CaseQuery(), published=True)["title"]
    assert titles.tolist() == ["Prove that wells can be counted"]
