"""Two cases beside each other: for the public what was published, for staff what they may see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from authentication import at_pages, logged_on, seated
from browser import gates, served, visit
from map_town import MapTown, map_town
from playwright.sync_api import Browser

from peelian.measure.table import Kind, table
from peelian.pictures.panels import Grid
from peelian.pictures.words import english
from peelian.web.app import make_app
from peelian.web.cases.compare import side_by_side


@pytest.fixture(scope="module")
def town() -> MapTown:
    return map_town()


@pytest.fixture(scope="module")
def app(town: MapTown) -> Any:
    return make_app(town.desk.office)


@pytest.fixture
def nobody(app: Any) -> Iterator[Any]:
    yield at_pages(app)


def cases(town: MapTown) -> str:
    return f"/cases/{town.forecast}/compare?with={town.waiting}"


def test_two_forecasts_stand_beside_each_other(town: MapTown, app: Any) -> None:
    commander = logged_on(app, town.desk.office, "commander")
    assert f'<option value="{town.waiting}">' in commander.get(f"/en/cases/{town.forecast}/compare").text
    page = commander.get(f"/en{cases(town)}").text
    assert page.count("incidents are expected in the town") == 2
    assert "First day of the window" in page and "differs" in page and "same" in page
    assert f'href="/en/cases/{town.forecast}/compare"' in commander.get(f"/en/cases/{town.forecast}").text


def test_each_case_is_headed_in_the_reader_s_typography(town: MapTown, app: Any) -> None:
    commander = logged_on(app, town.desk.office, "commander")
    assert "Case 1: <a" in commander.get(f"/en{cases(town)}").text
    assert "Dossier 1\N{NO-BREAK SPACE}: <a" in commander.get(f"/fr{cases(town)}").text


def test_what_is_hidden_or_of_another_use_is_not_compared(town: MapTown, app: Any, nobody: Any) -> None:
    council = logged_on(app, town.desk.office, "council")
    answer = council.get(f"/en{cases(town)}")
    assert answer.status_code == 403 and "are expected" not in answer.text
    assert town.waiting not in council.get(f"/en/cases/{town.forecast}/compare").text, "nor is it offered"
    commander = logged_on(app, town.desk.office, "commander")
    for other in (town.limits, town.forecast, "no-such-case", "<script>", "../../etc"):
        assert commander.get(f"/en/cases/{town.forecast}/compare", params={"with": other}).status_code == 404
    assert commander.get(f"/en/cases/{town.forecast}/compare?with={'x' * 81}").status_code == 400
    assert nobody.get(f"/en{cases(town)}").status_code == 401
    assert nobody.get(f"/en/register/{town.forecast}/compare?with={town.waiting}").status_code == 404
    assert town.waiting not in nobody.get(f"/en/register/{town.forecast}/compare").text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate(browser: Browser, town: MapTown, app: Any, language: str) -> None:
    with served(app) as site:
        reader = seated(app, town.desk.office, "commander")
        with visit(browser, f"{site}/{language}{cases(town)}", reduced_motion="reduce", **reader) as seen:
            assert gates(seen, own=(site,)) == {}


def grid(name: str, *rows: tuple[str, ...]) -> Grid:
    held = table(name, {"n": (Kind.COUNT, [1])})
    return Grid(
        caption=f"of {name}", titles=("Rank", "Area", "Count"), rows=rows, numeric=frozenset({0, 2}), source=held
    )


def test_rows_of_both_tables_belong_together_by_their_name() -> None:
    first, second = grid("t", ("1", "A", "9"), ("2", "B", "4")), grid("t", ("1", "B", "7"), ("2", "C", "4"))
    (made,) = side_by_side([first], [second], english)
    assert made.titles == ("Area", "Case", "Rank", "Count") and made.numeric == {2, 3}
    assert made.rows == (("A", "1", "1", "9"), ("B", "1", "2", "4"), ("B", "2", "1", "7"), ("C", "2", "2", "4"))
    (same,) = side_by_side([first], [first], english)
    assert {row[1] for row in same.rows} == {"both"}


def test_tables_that_cannot_be_told_apart_are_left_out() -> None:
    first, twice = grid("t", ("1", "A", "9")), grid("t", ("1", "A", "9"), ("2", "A", "4"))
    other = Grid(caption="of t", titles=("Area",), rows=(("A",),), source=first.source)
    assert side_by_side([first], [twice], english) == side_by_side([first], [other], english) == []
    assert side_by_side([first], [grid("u", ("1", "A", "9"))], english) == side_by_side([first], [], english) == []
