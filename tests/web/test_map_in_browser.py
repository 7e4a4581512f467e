"""The map page in a real Chromium: drawn in software, by mouse and keyboard, and without its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from authentication import seated
from browser import FLAGS, axe_violations, gates, program, served, visit
from desk import desk
from labels import register_in_area
from map_town import MapTown, map_town
from playwright.sync_api import Browser, Page, expect
from sensing import a_sensor

from peelian.kernel.gate import found_in
from peelian.operations.office import memory_office
from peelian.web.app import make_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser(drawing_browser: Browser) -> Browser:
    """Chromium that draws WebGL in software."""
    return drawing_browser


@pytest.fixture(scope="module")
def town() -> MapTown:
    return map_town()


@pytest.fixture(scope="module")
def app(town: MapTown) -> Any:
    return make_app(town.desk.office)


@pytest.fixture(scope="module")
def site(app: Any) -> Iterator[str]:
    with served(app) as where:
        yield where


@pytest.fixture
def reader(app: Any, town: MapTown) -> dict[str, Any]:
    return seated(app, town.desk.office, "commander")


def ready(page: Page) -> None:
    page.wait_for_selector("#map-app[data-ready]", timeout=60_000)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("case", ["forecast", "limits"])
def test_the_page_passes_every_gate(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any], case: str, language: str
) -> None:
    address = f"{site}/{language}/cases/{getattr(town, case)}/map"
    with visit(browser, address, reduced_motion="reduce", **reader) as seen:
        ready(seen.page)
        found = gates(seen, own=(site, "blob:"))
        assert found.pop("scripts") == 1
        assert found == {}


def test_a_cell_is_chosen_by_keyboard_and_told(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, f"{site}/en/cases/{town.forecast}/map", **reader) as seen:
        page = seen.page
        ready(page)
        page.locator(".maplibregl-canvas").focus()
        page.keyboard.press("ArrowDown")
        assert "Cell 250:10:13" in page.locator('[data-part="live"]').inner_text(), "the first selected cell"
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowUp")
        told = page.locator(".map-side")
        assert "Cell 250:11:14" in told.inner_text() and "of 324" in told.inner_text()
        assert "cell=250%3A11%3A14" in page.evaluate("location.hash")
        zoom = "Number(location.hash.match(/v=([0-9.]+)/)[1])"
        before = page.evaluate(zoom)
        page.keyboard.press("+")
        assert page.evaluate(zoom) == before + 1


def test_an_area_is_summed_by_keyboard_and_ends_with_escape(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    found = found_in(town.desk.kernel, town.forecast)
    assert found is not None
    table = found.table("forecast")
    expected = dict(zip(table["place"].tolist(), table["expected"].tolist(), strict=True))
    wanted = sum(expected[f"250:{row}:{col}"] for row in (10, 11) for col in (13, 14, 15))
    with visit(browser, f"{site}/en/cases/{town.forecast}/map#cell=250:10:13", **reader) as seen:
        page, told = seen.page, seen.page.locator(".map-side")
        ready(page)
        page.get_by_role("button", name="Sum an area").click()
        for key in ("ArrowUp", "ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
        assert "6 cells" in told.inner_text() and f"{wanted:.3g}" in told.inner_text()
        page.keyboard.press("Escape")
        assert "Cell 250:11:15" in told.inner_text()
    with visit(browser, f"{site}/en/cases/{town.limits}/map", **reader) as seen:
        ready(seen.page)
        assert not seen.page.get_by_role("button", name="Sum an area").is_visible(), "counts per km² do not add up"
        assert not seen.page.get_by_label("Step through").is_visible(), "there is one step only"
        seen.page.get_by_label("At least", exact=True).press("ArrowRight")
        assert "total" not in seen.page.locator('[data-part="between"]').inner_text()


def test_the_cell_under_the_mouse_is_the_one_that_is_drawn_there(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, f"{site}/en/cases/{town.forecast}/map", **reader) as seen:
        page = seen.page
        ready(page)
        page.get_by_role("button", name="Show cell 250:10:13 on the map").click()
        assert "Selected cell" in page.locator(".map-side").inner_text()
        past, row = (
            page.locator(".spark"),
            page.get_by_role("row").filter(has=page.get_by_text("250:10:13", exact=True)),
        )
        page.locator("summary", has_text="Recorded every eight weeks").click()
        told = past.get_attribute("aria-label")
        assert told is not None and row.last.inner_text().split()[1:] == told.rsplit(": ", 1)[1].split(", ")
        page.evaluate("scrollTo(0, 0)")
        box = page.locator(".map-canvas").bounding_box()
        assert box is not None
        # eighteen cells fill the map's height but for 20 pixels above and below; this one is the 14th from the west
        side = (box["height"] - 40) / 18
        x = box["x"] + box["width"] / 2 + (13.5 - 9) * side
        y = box["y"] + 20 + (17 - 10 + 0.5) * side
        page.mouse.move(x, y)
        expect(page.locator(".map-side .place")).to_have_text("Cell 250:10:13")
        page.mouse.click(x + side, y)
        expect(page.locator(".map-side .place")).to_have_text("Cell 250:10:14")


def test_layers_shifts_weeks_and_classes_switch(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, f"{site}/en/cases/{town.forecast}/map", **reader) as seen:
        page = seen.page
        ready(page)
        first = page.locator(".map-canvas").screenshot()
        for name in ("Long-run average", "Difference"):
            page.get_by_role("radio", name=name).check(force=True)
            page.wait_for_timeout(300)
            assert page.locator(".map-canvas").screenshot() != first
        assert "minus" in page.locator('[data-part="legend-title"]').inner_text()
        page.get_by_label("Shift", exact=True).select_option(index=1)
        assert "shift=shift_" in page.evaluate("location.hash")
        page.get_by_role("radio").first.check(force=True)
        page.locator('[data-part="legend"] button').first.click()
        assert page.locator('[data-part="legend"] button').first.get_attribute("aria-pressed") == "false"
        page.get_by_label("Case", exact=True).select_option(town.waiting)
        expect(page.locator('[data-part="heading"]')).to_contain_text("6 January 2020")
        page.get_by_label("Compare with").select_option(town.waiting)
        expect(page.locator('[data-part="legend-title"]')).to_contain_text("minus")
        assert [text for text in seen.complaints if "swiftshader" not in text.lower()] == []


@pytest.mark.parametrize("shown", ["week", "against", "past"])
def test_a_link_shows_what_its_sender_saw(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any], shown: str
) -> None:
    with visit(browser, f"{site}/en/cases/{town.forecast}/map", **reader) as seen:
        page = seen.page
        ready(page)
        if shown == "past":
            page.get_by_label("Step through").select_option("Past counts of selected cells")
            page.locator('[data-part="play"] button').click()
            expect(page.locator('[data-part="play"] [role="status"]')).to_contain_text("(1 of 13)")
            page.locator('[data-part="play"] button').click()
        else:
            page.get_by_label("Case" if shown == "week" else "Compare with", exact=True).select_option(town.waiting)
            expect(page).to_have_url(re.compile(f"{shown}={town.waiting}"))
        page.get_by_label("At least", exact=True).press("ArrowRight")
        page.wait_for_timeout(300)
        link, sent = page.url, _seen(page)
    with visit(browser, link, **reader) as seen:
        ready(seen.page)
        assert _seen(seen.page) == sent and seen.page.url == link


def _seen(page: Page) -> list[Any]:
    """What a map shows beside its cells, and the cells as the histogram leaves them."""
    parts = ("heading", "legend-title", "legend", "between")
    told = [page.locator(f'[data-part="{name}"]').inner_text() for name in parts]
    return [*told, *(page.locator(f"#{name}").input_value() for name in ("week", "against", "steps"))]


def test_a_link_to_a_case_that_is_not_listed_says_so_and_shows_this_one(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, f"{site}/en/cases/{town.forecast}/map#week=c-0000000000&against=%3Cb%3E", **reader) as seen:
        ready(seen.page)
        assert "not in your list" in seen.page.locator('[data-part="problem"]').inner_text()
        assert "30 December 2019" in seen.page.locator('[data-part="heading"]').inner_text()
        assert seen.page.get_by_label("Case", exact=True).input_value() == ""


def test_the_histogram_keeps_cells_between_two_values(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    found = found_in(town.desk.kernel, town.forecast)
    assert found is not None
    expected = found.table("forecast")["expected"]
    with visit(browser, f"{site}/en/cases/{town.forecast}/map", **reader) as seen:
        page, told = seen.page, seen.page.locator('[data-part="between"]')
        ready(page)
        assert told.inner_text() == "324 cells" and page.locator(".map-brush .out").count() == 0
        first = page.locator(".map-canvas").screenshot()
        for name, key in (("At least", "ArrowRight"), ("Under", "ArrowLeft")):
            for _ in range(12):
                page.get_by_label(name, exact=True).press(key)
        low, high = (
            float(page.evaluate(f"new URLSearchParams(location.hash.slice(1)).get('{k}')")) for k in ("from", "under")
        )
        inside = expected[(expected >= low) & (expected < high)]  # the page has each value to a tenth of a percent
        n, share = int(told.inner_text().split()[0]), float(told.inner_text().rsplit(": ", 1)[1].split("%")[0])
        assert (
            0 < n < 324
            and abs(n - len(inside)) <= 2
            and share == pytest.approx(100 * inside.sum() / expected.sum(), abs=1)
        )
        assert told.inner_text().split(". ")[1].startswith("Expected incidents in these cells")
        page.wait_for_timeout(300)
        assert page.locator(".map-canvas").screenshot() != first
        assert page.locator(".map-brush .in").count() == 16
        words, kept = told.inner_text(), page.evaluate("location.href")
        page.goto("about:blank")
        page.goto(kept)
        ready(page)
        assert told.inner_text() == words, "the address keeps both values"
        page.get_by_role("radio", name="Difference").check(force=True)
        assert told.inner_text() == "324 cells", "a difference is no count"
        page.get_by_label("Under", exact=True).press("Home")
        assert told.inner_text().split()[0] < "324"
        page.get_by_role("button", name="Show all cells").click()
        assert told.inner_text() == "324 cells"


def test_an_end_of_the_histogram_stops_before_the_other(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, f"{site}/en/cases/{town.forecast}/map", **reader) as seen:
        ready(seen.page)
        low, high = (seen.page.get_by_label(name, exact=True) for name in ("At least", "Under"))
        high.press("Home")
        low.press("End")
        assert (low.input_value(), high.input_value()) == ("0", "1")
        high.press("End")
        low.press("End")
        assert (low.input_value(), high.input_value()) == ("39", "40")
        told = seen.page.locator('[data-part="between"]').inner_text()
        assert "or more" in told and 0 < int(told.split()[0]) < 10, "the highest counts"


def test_a_histogram_leaves_out_what_was_suppressed_and_one_value_has_none(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, f"{site}/en/cases/{town.forecast}/map", **reader) as seen:
        count = """async values => {
            const kit = await import(document.getElementById('map-app').dataset.cells);
            const found = kit.histogram(Float32Array.from(values, value => value ?? NaN));
            return found && [found.counts.reduce((a, b) => a + b), found.ends[0], found.ends.at(-1)];
        }"""
        assert seen.page.evaluate(count, [None, -1, 0, 5, None, 5]) == [4, -1, 5]
        assert seen.page.evaluate(count, [2, None, 2]) is None and seen.page.evaluate(count, [None]) is None


def test_shifts_windows_and_past_counts_are_played_to_the_end(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, f"{site}/en/cases/{town.forecast}/map", **reader) as seen:
        page, line = seen.page, seen.page.locator('[data-part="play"] [role="status"]')
        button, title = page.locator('[data-part="play"] button'), page.locator('[data-part="legend-title"]')
        ready(page)
        page.get_by_label("Step through").select_option("Shifts")
        button.focus()
        page.keyboard.press("Enter")
        expect(line).to_contain_text("(1 of 3)")
        expect(button).to_have_text("Pause")
        expect(line).to_contain_text("(2 of 3)")
        page.keyboard.press("Enter")
        expect(button).to_have_text("Play")
        page.wait_for_timeout(1500)
        expect(line).to_contain_text("(2 of 3)")
        page.keyboard.press("Enter")
        expect(line).to_contain_text("(3 of 3)")
        expect(button).to_have_text("Play")
        assert page.get_by_label("Shift", exact=True).evaluate("e => e.selectedIndex") == 3
        page.get_by_label("Step through").select_option("Forecast windows")
        button.click()
        expect(line).to_have_text("From 6 January 2020 (2 of 2)")
        expect(page.locator('[data-part="heading"]')).to_contain_text("6 January 2020")
        page.get_by_label("Step through").select_option("Past counts of selected cells")
        button.click()
        expect(line).to_contain_text("(1 of 13)")
        expect(title).to_contain_text("Recorded in selected cells from")
        assert page.locator('[data-part="between"]').inner_text() == "12 cells"
        page.get_by_role("radio").first.check(force=True)
        expect(button).to_have_text("Play")
        expect(title).to_have_text("Expected incidents per cell")
        page.wait_for_timeout(1500)
        expect(title).to_have_text("Expected incidents per cell")
        assert [text for text in seen.complaints if "swiftshader" not in text.lower()] == []


def test_with_less_motion_the_button_goes_one_step_on(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, f"{site}/en/cases/{town.forecast}/map", reduced_motion="reduce", **reader) as seen:
        page, line = seen.page, seen.page.locator('[data-part="play"] [role="status"]')
        ready(page)
        for k in (1, 2, 3, 1):
            page.get_by_role("button", name="Next step").click()
            expect(line).to_contain_text(f"({k} of 3)")
            page.wait_for_timeout(1200)
            expect(line).to_contain_text(f"({k} of 3)")


def test_the_limit_moves_selected_cells_price_and_exposure_at_once(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, f"{site}/en/cases/{town.limits}/map", **reader) as seen:
        page = seen.page
        ready(page)
        price, rows = page.locator('[data-part="price"]'), page.locator("#cells tbody tr")
        before = (price.inner_text(), rows.all_inner_texts())
        for name in ("At most 6 cell-windows per area", "Limit 1.50"):
            page.get_by_label("Exposure limit").press("ArrowRight")
            assert page.locator('[data-part="limit"]').inner_text() == name
        after = (price.inner_text(), rows.all_inner_texts())
        assert before[0] != after[0] and before[1] != after[1]
        kept = page.evaluate("location.href")
        page.goto("about:blank")
        page.goto(kept)
        ready(page)
        assert page.locator('[data-part="limit"]').inner_text() == "Limit 1.50", "the address keeps the limit"


def test_an_analyst_asks_for_the_chosen_limit_alone(browser: Browser, site: str, app: Any, town: MapTown) -> None:
    analyst = seated(app, town.desk.office, "analyst")
    with visit(browser, f"{site}/en/cases/{town.limits}/map", **analyst) as seen:
        page = seen.page
        ready(page)
        asks = page.get_by_role("link", name="Request this limit alone")
        assert not asks.is_visible(), "no limit is no request for limits"
        for _ in range(2):
            page.get_by_label("Exposure limit").press("ArrowRight")
        asks.click()
        assert page.locator('[name="param.limits"]').input_value() == "1.5"
        assert page.locator('[name="param.start_day"]').input_value() == "2019-12-30"
        assert page.locator('[name="data.areas"]').input_value()
        page.get_by_role("button", name="Request").last.click()
        page.wait_for_url("**/cases/*")
        assert "Start run" in page.content()


def test_without_script_there_are_the_picture_and_the_tables(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, f"{site}/en/cases/{town.limits}/map", script=False, **reader) as seen:
        page = seen.page
        assert page.locator("svg.picture.map").is_visible() and page.get_by_text("Without scripts").is_visible()
        page.locator("summary", has_text="Price of equity").click()
        assert page.get_by_role("row", name="Limit 1.50").is_visible()
        assert not page.locator("#map-app").is_visible()


def test_without_webgl_the_page_says_so_and_keeps_the_picture(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    flags = [*FLAGS, "--disable-3d-apis"]
    plain = browser.browser_type.launch(executable_path=program(), args=flags)
    with closing(plain), visit(plain, f"{site}/fr/cases/{town.forecast}/map", **reader) as seen:
        note = seen.page.get_by_role("alert")
        note.wait_for(timeout=30_000)
        assert "WebGL" in note.inner_text() and seen.page.locator("svg.picture.map").is_visible()


def test_a_page_of_another_person_or_another_state_says_what_to_do(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    with visit(browser, "about:blank", **reader) as seen:
        page = seen.page
        page.route("**/data/cases/**/map/en*", lambda route: route.fulfill(status=403, body=""))
        page.goto(f"{site}/en/cases/{town.forecast}/map")
        page.get_by_role("alert").wait_for()
        assert "Log on again" in page.get_by_role("alert").inner_text()
        assert page.locator("svg.picture.map").is_visible()
        page.unroute("**/data/cases/**/map/en*")

        def older(route: Any) -> None:
            body = route.fetch().text()
            route.fulfill(body=body.replace('"digest":"', '"digest":"0'), content_type="application/json")

        page.route("**/data/cases/**/map/en*", older)
        page.goto(f"{site}/en/cases/{town.forecast}/map?again")
        page.get_by_role("alert").wait_for()
        assert "out of date" in page.get_by_role("alert").inner_text()


def test_hostile_names_become_text_and_nothing_runs(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any]
) -> None:
    hostile = '</script><img src=x onerror=alert(1)><a href=\\"javascript:alert(1)\\">x</a>'
    with visit(browser, "about:blank", **reader) as seen:
        page = seen.page
        page.on("dialog", lambda dialog: pytest.fail("a script ran"))

        def spoiled(route: Any) -> None:
            body = route.fetch().text().replace("District 6", hostile)
            route.fulfill(body=body, content_type="application/json")

        page.route("**/data/cases/**/map/en*", spoiled)
        page.goto(f"{site}/en/cases/{town.forecast}/map")
        ready(page)
        page.get_by_role("button", name="Show cell 250:10:13 on the map").click()
        assert "onerror=alert(1)" in page.locator(".map-side").inner_text()
        assert page.locator("main img, main a[href^=javascript]").count() == 0


@pytest.mark.parametrize(
    "hash",
    [
        "#v=99/999/x&cell=1:2:3&layer=none&option=77&shift=x",
        "#v=&cell=<script>",
        "#%%%",
        "#from=x&under=1e999",
        "#from=5&under=<b>",
        "#week=<b>&against=javascript:alert(1)&past=-1",
    ],
)
def test_a_broken_address_opens_the_map_as_it_is(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any], hash: str
) -> None:
    with visit(browser, f"{site}/en/cases/{town.limits}/map{hash}", **reader) as seen:
        ready(seen.page)
        assert "Price of equity" in seen.page.locator("#map-app").inner_text()


def test_the_map_of_sensors_is_open_to_all_and_shows_each_at_its_public_place(browser: Browser) -> None:
    people = desk()
    register_in_area(people.kernel, people.people, a_sensor(lon=-79.38, lat=43.65))
    with served(make_app(people.office)) as where:
        for language, width in (("en", 1280), ("fr", 360)):
            with visit(browser, f"{where}/{language}/sensors/map", width=width) as seen:
                page = seen.page
                ready(page)
                assert axe_violations(page) == [] and page.locator(".map-canvas").is_visible()
                box = page.locator(".map-canvas").bounding_box()
                assert box is not None
                page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
                expect(page.locator(".map-side .place a")).to_have_attribute("href", f"/{language}/sensors/square-1")
            assert not [url for url in seen.requests if not url.startswith((where, "blob:"))]


def test_without_a_sensor_that_has_a_place_there_is_no_empty_map(browser: Browser) -> None:
    with served(make_app(memory_office(), public=True)) as where, visit(browser, f"{where}/en/map") as seen:
        assert not seen.page.locator("#map-app").count()
        assert "No published case has a map" in seen.page.locator("main").inner_text()


def test_residents_see_a_forecast_by_area_that_passes_every_gate(browser: Browser, site: str, town: MapTown) -> None:
    with visit(browser, f"{site}/fr/register/{town.forecast}/map", reduced_motion="reduce") as seen:
        page = seen.page
        ready(page)
        found = gates(seen, own=(site, "blob:"))
        assert found.pop("scripts") == 1
        assert found == {}
        assert page.locator(".map-side").inner_text().startswith("Choisissez un secteur")
        page.locator(".maplibregl-canvas").focus()
        page.keyboard.press("ArrowDown")
        assert "District" in page.locator(".map-side .place").inner_text()
        side = page.locator(".map-side").inner_text()
        assert "Cellule" not in side and "Rang" not in side, "each cell has the figure of its whole area"
        assert " : " in page.locator('[data-part="live"]').inner_text().replace("\N{NO-BREAK SPACE}", " ")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.get_by_label("Au moins").press("ArrowRight")
        told = page.locator('[data-part="between"]').inner_text()
        assert " secteurs sur " in told and "%" not in told, "whole areas have no sum"


def tiles(folder: Path) -> bytes:
    """A town's streets as PMTiles: one from west to east through the made-up town's centre, with a hostile name."""
    import geopandas
    import pyogrio
    import shapely

    street = shapely.LineString([(9.9, 50.002), (10.1, 50.002)])
    columns = {"name": ["<img src=x onerror=alert(1)>"], "kind": ["main"]}
    frame = geopandas.GeoDataFrame(columns, geometry=[street], crs="EPSG:4326")
    options = {"MINZOOM": "8", "MAXZOOM": "14"}
    pyogrio.write_dataframe(frame, folder / "t.pmtiles", layer="streets", driver="PMTiles", dataset_options=options)
    return (folder / "t.pmtiles").read_bytes()


@pytest.mark.parametrize("whole", [True, False])
def test_streets_lie_under_the_map_where_the_town_brought_them_and_a_damaged_file_is_left_out(
    browser: Browser, site: str, town: MapTown, reader: dict[str, Any], tmp_path: Path, whole: bool
) -> None:
    content = tiles(tmp_path)
    content = content if whole else content[:200] + b"\0" * 200

    def part(route: Any) -> None:
        first, last = (int(n) for n in route.request.headers["range"].removeprefix("bytes=").split("-"))
        some = content[first : last + 1]
        told = {"content-range": f"bytes {first}-{first + len(some) - 1}/{len(content)}", "etag": '"t"'}
        route.fulfill(status=206, body=some, headers=told)

    def with_ground(route: Any) -> None:
        answer = route.fetch()
        meta = '<meta name="ground" content="/data/ground/t.pmtiles"></head>'
        route.fulfill(response=answer, body=answer.text().replace("</head>", meta))

    with visit(browser, "about:blank", **reader) as seen:
        page = seen.page
        page.on("dialog", lambda dialog: pytest.fail("a script ran"))
        page.route("**/data/ground/t.pmtiles", part)
        page.route(f"**/en/cases/{town.forecast}/map", with_ground)
        page.goto(f"{site}/en/cases/{town.forecast}/map")
        ready(page)
        shown = page.locator(".map-canvas").screenshot()
        page.unroute(f"**/en/cases/{town.forecast}/map")
        page.goto(f"{site}/en/cases/{town.forecast}/map?without")
        ready(page)
        assert (page.locator(".map-canvas").screenshot() != shown) is whole
