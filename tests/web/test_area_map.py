"""All technologies by area: what is counted, what is not, and the same on the map, in the table and by keyboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec

import pytest
import shapely
from browser import gates, served, visit
from deciding import read_and_decide
from desk import Desk
from fastapi.testclient import TestClient
from labels import adopt, register_in_area
from map_town import REASONS, MapTown, map_town
from pbf import CENTRE
from pbf import town as streets
from playwright.sync_api import Browser, Page, expect
from sensing import a_sensor
from standing_office import office_at

from peelian.kernel import verbs
from peelian.kernel.model.labels import LabelKind
from peelian.operations.ground import bring_ground
from peelian.operations.office import memory_office
from peelian.web.app import make_app
from peelian.web.public.area_map import uses

AREAS = ("West End", "Old Town", "East End")  # from west to east
ORIGIN = {"source": "the town", "licence": "ODbL 1.0", "attribution": "© OpenStreetMap contributors"}


@pytest.fixture(scope="module")
def published() -> MapTown:
    """Two accepted forecasts that name nine districts, one of which has a sensor."""
    town = map_town()
    register_in_area(town.desk.kernel, town.desk.people, a_sensor(area="DISTRICT 4"))
    adopt(town.desk.kernel, town.desk.people["custodian"], town.desk.people["board"], LabelKind.AREA, ["Quiet"])
    return town


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Three areas with outlines beside one another; two sensors in the second, one at a public place."""
    place = tmp_path_factory.mktemp("areas")
    office, desk = office_at(place / "office")
    lon, lat = CENTRE
    boxes = [shapely.box(lon + west, lat - 0.01, lon + west + 0.01, lat + 0.01) for west in (-0.015, -0.005, 0.005)]
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": shapely.geometry.mapping(box)}
        for name, box in zip(AREAS, boxes, strict=True)
    ]
    (place / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (place / "town.osm.pbf").write_bytes(streets())
    files = [("", place / "town.osm.pbf"), ("areas", place / "areas.geojson")]
    with office:
        bring_ground(office, desk.people["custodian"], files, ORIGIN, lambda says, share: None)
        bounds = {name: box.wkt for name, box in zip(AREAS, boxes, strict=True)}
        two = desk.people["custodian"], desk.people["board"]
        adopt(desk.kernel, *two, LabelKind.AREA, AREAS, bounds=bounds)
        more = {"area": AREAS[1], "ends": (desk.kernel.now() + timedelta(days=300)).date().isoformat()}
        register_in_area(desk.kernel, desk.people, a_sensor(lon=lon, lat=lat, **more))
        register_in_area(desk.kernel, desk.people, a_sensor(id="square-2", **more))
        yield desk


def test_an_area_has_its_sensors_and_the_accepted_published_cases_that_name_it(published: MapTown) -> None:
    found, elsewhere = uses(published.desk.office)
    first = found[0]  # most technologies
    assert (first.area, first.sensors, first.technologies) == ("District 4", 1, {"mapping", "sensors"})
    by_name = {one.area: one for one in found}
    assert by_name["District 1"].technologies == {"mapping"} and not by_name["Quiet"].technologies
    named = {case.case for one in found for case in one.cases} | {case.case for case in elsewhere}
    assert named == {published.forecast, published.limits}, "the one that waits is nowhere"


def test_a_rejected_case_watches_nowhere(published: MapTown) -> None:
    desk = published.desk
    capability = desk.kernel.capability("mapping.counts")
    desk.authorizations(capability)
    evidence, _ = verbs.run(desk.kernel, desk.people["analyst"], desk.ask(capability, who="analyst"))
    by = desk.decider(capability, desk.people["analyst"].person.unit)
    choice = next(one for one in ("reject", "decline") if one in capability.asks.choices)
    decision = read_and_decide(desk.kernel, by, evidence, choice=choice, **REASONS)
    verbs.publish(desk.kernel, desk.people["clerk"], decision, statement="")
    found, elsewhere = uses(desk.office)
    assert evidence.case not in {case.case for one in found for case in one.cases} | {case.case for case in elsewhere}


def test_without_outlines_the_table_says_all_and_links_each_case(published: MapTown) -> None:
    client = TestClient(make_app(published.desk.office, public=True), base_url="http://127.0.0.1")
    said = client.get("/en/map/areas").text
    assert "No boundary of an area is known" in said and 'id="map-app"' not in said
    assert f'href="/en/register/{published.forecast}"' in said and "residents?area=District%204#sensors" in said
    assert "Technology is in use in" in said and published.waiting not in said
    for page in ("/en/", "/en/residents", f"/en/register/{published.forecast}/map"):
        assert 'href="/en/map/areas"' in client.get(page).text, page
    assert client.get("/data/areas.geojson").json()["features"] == []
    assert client.get("/de/map/areas").status_code == 404


def test_a_town_without_areas_says_how_to_come_by_some() -> None:
    client = TestClient(make_app(memory_office(), public=True), base_url="http://127.0.0.1")
    said = client.get("/en/map/areas").text
    assert (
        "has not adopted areas yet" in said
        and "No boundary" not in said
        and 'href="/en/vocabularies"' in said
        and "<table" not in said
    )
    assert "n’a pas encore adopté de secteurs" in client.get("/fr/map/areas").text


needs_geo = pytest.mark.skipif(find_spec("pyogrio") is None, reason="the extra `geo` is not installed")


@needs_geo
def test_the_outlines_are_of_whole_areas_and_tell_of_nothing_that_is_not_public(drawn: Desk) -> None:
    client = TestClient(make_app(drawn.office, public=True), base_url="http://127.0.0.1")
    answer = client.get("/data/areas.geojson")
    told = {one["properties"]["area"]: one["properties"] for one in answer.json()["features"]}
    assert answer.headers["content-type"] == "application/geo+json" and set(told) == set(AREAS)
    assert (told["Old Town"]["sensors"], told["Old Town"]["technologies"]) == (2, ["sensors"])
    assert told["West End"]["technologies"] == [] and told["West End"]["colour"] != told["Old Town"]["colour"]
    assert set(told["Old Town"]) == {"area", "technologies", "sensors", "alarms", "cases", "middle", "colour"}


@pytest.fixture(scope="module")
def browser(drawing_browser: Browser) -> Browser:
    """Chromium that draws WebGL in software."""
    return drawing_browser


@pytest.fixture(scope="module")
def site(drawn: Desk) -> Iterator[str]:
    with served(make_app(drawn.office)) as where:
        yield where


def ready(page: Page) -> None:
    page.wait_for_selector("#map-app[data-ready]", timeout=60_000)


def in_row(page: Page, area: str) -> list[str]:
    return page.get_by_role("row").filter(has=page.get_by_text(area, exact=True)).locator("td").all_inner_texts()


@needs_geo
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate(browser: Browser, site: str, language: str) -> None:
    with visit(browser, f"{site}/{language}/map/areas", reduced_motion="reduce") as seen:
        ready(seen.page)
        found = gates(seen, own=(site, "blob:"))
        assert found.pop("scripts") == 2, "the page's own, and the one that reads the ground"
        assert found == {}


@needs_geo
@pytest.mark.browser
@pytest.mark.slow
def test_mouse_keyboard_and_table_tell_the_same(browser: Browser, site: str) -> None:
    with visit(browser, f"{site}/en/map/areas") as seen:
        page, place, facts = seen.page, seen.page.locator(".map-side .place"), seen.page.locator(".map-side dd")
        ready(page)
        box = page.locator(".map-canvas").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2 + 20, box["y"] + box["height"] / 2 + 60)
        expect(place).to_have_text("Old Town")
        page.mouse.click(box["x"] + box["width"] / 2 + 20, box["y"] + box["height"] / 2 + 60)
        assert facts.all_inner_texts() == in_row(page, "Old Town") and "2" in facts.all_inner_texts()
        page.mouse.move(0, 0)
        page.locator(".maplibregl-canvas").focus()
        page.keyboard.press("ArrowRight")
        expect(place).to_have_text("East End")
        assert "East End" in page.locator('[data-part="live"]').inner_text()
        page.keyboard.press("ArrowRight")
        expect(place).to_have_text("East End")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        expect(place).to_have_text("West End")
        assert facts.all_inner_texts() == in_row(page, "West End")
        page.get_by_role("button", name="Old Town").click()
        kept = page.evaluate("location.href")
        page.goto("about:blank")
        page.goto(kept)
        ready(page)
        expect(place).to_have_text("Old Town")
        page.locator(".map-side dd a", has_text="2").click()
        assert "Sensors in Old Town" in page.locator("main").inner_text()


@needs_geo
@pytest.mark.browser
@pytest.mark.slow
def test_without_script_there_are_the_picture_and_the_table(browser: Browser, site: str) -> None:
    with visit(browser, f"{site}/fr/map/areas", script=False) as seen:
        page = seen.page
        assert page.locator("svg.picture.map").is_visible() and not page.locator("#map-app").is_visible()
        assert page.locator("svg.picture.map circle").count() == 2, "the sensor with a public position, and the key"
        assert in_row(page, "Old Town")[1] == "2"


@needs_geo
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_on_a_telephone_every_column_of_the_table_is_in_sight(browser: Browser, site: str, language: str) -> None:
    with visit(browser, f"{site}/{language}/map/areas", width=360) as seen:
        ready(seen.page)
        table = seen.page.locator("#area-table")
        assert table.evaluate("one => one.scrollWidth <= one.parentElement.clientWidth")
        assert table.evaluate("one => one.parentElement.clientHeight <= innerHeight"), "what follows is in reach"
        row = table.get_by_role("row").filter(has=seen.page.get_by_text("Old Town", exact=True))
        assert row.get_by_role("cell").count() == 4
        for cell in row.get_by_role("cell").all():
            box = cell.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360
