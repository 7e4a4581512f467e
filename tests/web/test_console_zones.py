"""Zones of the console: level of service in words, colour and letter; what is not measured is said, never green."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
from authentication import at_pages, form_of, logged_on, seated
from browser import gates, served, visit
from evening import Evening, evening
from playwright.sync_api import Browser, expect
from starlette.testclient import TestClient
from toy_watch import HIGH, TOY_WATCH
from watched import stood

from peelian.kernel.alarms.watch import sensor_fault
from peelian.kernel.model.watch import Reading
from peelian.operations.live_levels import LiveLevels
from peelian.oversight.watches.weather import keep_weather
from peelian.oversight.watches.zone_levels import GateLevel, ZoneBoard, ZoneLevel, publish, seal_of
from peelian.web.app import make_app
from peelian.web.console.zones import zones_view


def shown(e: Evening, language: str = "en") -> dict[str, Any]:
    e.written()
    view = zones_view(e.town.kernel, ZoneBoard(e.town.kernel), e.town.office.say(language))
    return {one["name"]: one for one in view["zones"]}


@pytest.fixture
def e() -> Evening:
    made = evening("north", "south", "park", planned=2)
    made.go(44, {"north": (30, 10), "south": (20, 20)})
    return made


def test_a_zone_tells_its_level_people_capacity_time_and_gates(e: Evening) -> None:
    north = shown(e)["north"]
    assert (north["look"], north["letter"], north["status"]) == ("D", "D", "Level of service D")
    assert re.fullmatch(r"880 inside \(95% interval [\d,]+ to [\d,]+\)", north["inside"])
    assert (north["share"], north["capacity"], north["is_full"]) == (97, 900, False)
    assert re.fullmatch(r"Full in 1 min \(95% interval 0 to \d+ min\)|At or above capacity", north["full"])
    assert north["gates"] == [
        {"name": "gate-north", "flow": "in 120, out 40 per minute", "metre": "40.0 per minute and metre"}
    ]
    assert "is assumed empty then" in north["note"] and "5.0%" in north["note"] and north["trend"].startswith("<svg")


def test_the_weather_is_told_where_a_station_sends_it(e: Evening) -> None:
    kernel, at = e.town.kernel, e.town.kernel.now()
    client = logged_on(make_app(e.town.office), e.town.office, "dispatcher")
    assert "Weather" not in client.get("/en/console").text
    values = {"celsius": 18.0, "wind": 6.0, "gust": 11.5, "rain": 0.4}
    keep_weather(kernel, [Reading(sensor="roof-1", time=at, what="weather", values=values)])
    for page in ("console", "console/wall"):
        says = f"Weather (roof-1, {at:%H:%M} UTC): 18.0 °C · wind 6.0 m/s · gusts 11.5 m/s · rain 0.4 mm"
        assert says in html.unescape(client.get(f"/en/{page}").text)
    assert "pluie 0,4 mm" in html.unescape(client.get("/fr/console/zones").text)
    old = at - timedelta(minutes=31)
    keep_weather(kernel, [Reading(sensor="roof-1", time=old, what="weather", values=values)])
    assert f"no reading since {old:%H:%M} UTC" in client.get("/en/console/zones").text


def test_a_zone_that_stays_is_not_full_within_two_hours(e: Evening) -> None:
    south = shown(e)["south"]
    assert south["full"].startswith("Not full within 2 h") and south["share"] == 0


def test_a_zone_without_a_plan_has_no_capacity_and_no_time(e: Evening) -> None:
    park = shown(e)["park"]
    assert park["capacity"] is None and park["share"] is None and park["full"] == "" and park["inside"]


def test_in_french_every_word_is_french(e: Evening) -> None:
    north = shown(e, "fr")["north"]
    assert "à l’intérieur (intervalle à 95\u00a0%\u00a0: " in north["inside"]
    assert north["status"].startswith("Niveau de service ") and "entrées 120" in north["gates"][0]["flow"]


def test_a_level_that_is_old_is_grey_with_its_age_and_tells_no_letter(e: Evening) -> None:
    e.town.clock.now += timedelta(minutes=7)
    north = shown(e)["north"]
    assert (north["look"], north["letter"], north["full"]) == ("old", "", "")
    assert north["status"] == "No reading for 7 min"


def test_a_full_zone_without_readings_stays_full_and_says_since_when_that_is_unknown(e: Evening) -> None:
    e.go(4, {"north": (60, 0)})
    at = e.now
    assert shown(e)["north"]["is_full"]
    e.town.clock.now += timedelta(minutes=7)
    for language, says in (("en", "Full, unknown since"), ("fr", "Pleine, inconnu depuis")):
        north = shown(e, language)["north"]
        assert (north["look"], north["letter"], north["is_full"]) == ("old", "", True)
        assert north["status"] == f"{says} {at:%H:%M} UTC"
    client = logged_on(make_app(e.town.office), e.town.office, "dispatcher")
    first = html.unescape(client.get("/en/console/wall/now").text).split("zone-card")[1]
    view = zones_view(e.town.kernel, ZoneBoard(e.town.kernel), e.town.office.say("en"))
    assert "los-full" in view["site"][0]["svg"].split("</defs>")[1], "nor is it drawn as free, or as grey"
    assert "north" in first and f"Full, unknown since {at:%H:%M} UTC" in first, "it stands before the others"


def test_a_full_area_whose_counter_is_at_fault_stays_full() -> None:
    e = evening("north", planned=1)
    town, known = e.town, tuple(e.town.kernel.technologies)
    counter = {"counter-north": "north"}
    at = stood(known, e.at.declared, proven=False, town=town, sensors=counter, params=e.at.standing.params)
    alone = Evening(at, LiveLevels(e.town.kernel, [at.standing]), e.inside)
    alone.inside["north"] = 1_000
    alone.go(4, {})
    assert shown(alone)["north"]["share"] == 111
    alone.go(45, {})  # the same count for eleven minutes: the counter is stuck
    north = shown(alone)["north"]
    assert north["is_full"] and north["share"] is None and north["status"].startswith("Full, unknown since ")


def test_the_share_of_capacity_stands_first_with_its_interval(e: Evening) -> None:
    e.go(4, {"north": (60, 0)})
    client = logged_on(make_app(e.town.office), e.town.office, "dispatcher")
    for page, language, share, between in (
        ("console/zones", "en", "124% of 900", "95% interval 106 to 143%"),
        ("console/wall/now", "en", "124%", "95% interval 106 to 143%"),
        ("console/zones", "fr", "124\u00a0% de 900", "intervalle à 95\u00a0%\u00a0: 106 à 143\u00a0%"),
        ("console/wall/now", "fr", "124\u00a0%", "intervalle à 95\u00a0%\u00a0: 106 à 143\u00a0%"),
    ):
        e.written()
        card = html.unescape(client.get(f"/{language}/{page}").text).split("zone-card")[1]
        assert share in card and between in card, (page, language, card)
        assert card.index(share) < card.index("evel of service" if language == "en" else "iveau de service")


def test_a_zone_of_the_plan_without_a_sensor_is_said_and_never_green() -> None:
    e = evening("north", planned=1)
    (plan,) = (filed.versions[0].plan for filed in e.town.kernel.state.plans.plans.values())
    bare = stood((TOY_WATCH,), HIGH)
    for name, filed in e.town.kernel.state.plans.plans.items():
        bare.town.kernel.state.plans.plans.put(name, filed)
    bare.town.clock.now = plan.starts
    view = zones_view(bare.town.kernel, ZoneBoard(bare.town.kernel), bare.town.office.say("en"))
    (north,) = view["zones"]
    assert (north["look"], north["status"], north["letter"]) == ("none", "No sensor", "")
    assert "los-none" in view["site"][0]["svg"] and "los-a" not in view["site"][0]["svg"].split("</defs>")[1]


def test_a_zone_before_its_first_reading_says_so() -> None:
    zones = shown(evening("north", planned=1))
    assert zones["north"]["status"] == "No reading yet" and zones["north"]["look"] == "unknown"


def test_a_counter_knocked_askew_is_said_at_its_zone_which_is_never_shown_as_free(e: Evening) -> None:
    sensor_fault(e.town.kernel, e.at.permit.case, "counter-park", "jumps")
    park = shown(e)["park"]
    assert park["faults"][0].startswith("counter-park: readings jump since ")
    assert (park["look"], park["letter"]) == ("unknown", "") and "not reliable" in park["status"]


def test_by_its_gates_and_the_plans_area_a_zone_without_an_area_counter_has_a_level() -> None:
    e = evening("north", planned=1)
    gate = GateLevel(
        sensor="gate-north", at=e.now.isoformat(), entered=2_500, left=100, from_entered=0, from_left=0,
        metres=4.0, error=0.03, recent=(0, 0), per_minute=None,
    )  # fmt: skip
    made = ZoneLevel(zone="north", exercise=False, at=e.now.isoformat(), gates=(gate,), reset=e.now.isoformat())
    publish(e.town.kernel, seal_of(e.town.kernel), [made])
    view = zones_view(e.town.kernel, ZoneBoard(e.town.kernel), e.town.office.say("en"))
    (north,) = view["zones"]
    assert north["letter"] == "D", "2.4 standing persons per m² are a D; moving ones would be an F"
    assert north["full"] == "Time to capacity: not known yet" and north["is_full"]
    assert north["gates"][0]["flow"] == "flow not known yet"


def test_a_drill_stands_on_the_map_and_is_called_one() -> None:
    e = evening("north", "south", planned=2, exercise=True)
    e.go(4, {"north": (30, 0)})
    e.written()
    view = zones_view(e.town.kernel, ZoneBoard(e.town.kernel), e.town.office.say("en"))
    assert [(one["name"], one["exercise"], one["look"]) for one in view["zones"]] == [
        ("north", True, "A"),
        ("south", True, "A"),
    ]
    assert view["site"][0]["exercise"] and "los-none" not in view["site"][0]["svg"]


def test_a_zone_counted_by_its_neighbours_gate_has_a_sensor() -> None:
    e = evening("hall", planned=1)
    yard = evening("hall", "yard", planned=2, between={"gate-hall": "yard"}).town.kernel.state.plans.plans
    for name, filed in yard.items():
        e.town.kernel.state.plans.plans.put(name, filed)
    assert shown(e)["yard"]["n_sensors"] == 1


@pytest.fixture
def client(e: Evening) -> TestClient:
    return logged_on(make_app(e.town.office), e.town.office, "dispatcher")


def test_whoever_is_logged_on_sees_zones_and_wall_and_nobody_else(e: Evening, client: TestClient) -> None:
    e.written()
    for page in ("console", "console/zones", "console/wall", "console/wall/now"):
        for language in ("en", "fr"):
            got = client.get(f"/{language}/{page}")
            assert got.status_code == 200 and "zone-card los-" in got.text, page
        assert at_pages(client.app).get(f"/en/{page}").status_code == 401
    assert client.get("/de/console/wall").status_code == 404


def test_a_count_by_hand_goes_by_a_form_and_a_wrong_one_is_told(e: Evening, client: TestClient) -> None:
    token = form_of(client, "/en/console")
    good = client.post("/en/console/zone/north", data={"people": "500", "form": token})
    assert good.status_code == 303 and good.headers["location"] == "/en/console"
    e.go(1, {})
    assert shown(e)["north"]["inside"].startswith("500 inside") and "by hand" in shown(e)["north"]["note"]
    assert client.post("/en/console/zone/north", data={"people": "5"}).status_code == 403
    for zone, people, status in (
        ("north", "-1", 400),
        ("north", "1e3", 400),
        ("north", "", 400),
        ("north", "٣", 400),
        ("north", "9" * 400, 400),
        ("north", "1000001", 400),
        ("moon", "5", 409),
        ("<b>", "5", 409),
    ):
        got = client.post(f"/fr/console/zone/{zone}", data={"people": people, "form": token})
        assert got.status_code == status and "Non effectué" in html.unescape(got.text), (zone, people)
    assert e.town.kernel.state.alarms.counts["north"].people == 500


def test_the_switch_has_the_same_colours_as_the_pages() -> None:
    folder = resources.files("peelian.web") / "static"
    pages, own = ((folder / name).read_text(encoding="utf-8") for name in ("peelian.css", "console.css"))
    light = dict(re.findall(r"(--[\w-]+): ([^;]+);", pages.split("@media (prefers-color-scheme: dark)")[0]))
    dark = dict(
        re.findall(r"(--[\w-]+): ([^;]+);", pages.split("@media (prefers-color-scheme: dark)")[1].split("}")[0])
    )
    switch = own.split("/* The switch for dark pages")[1]
    as_dark = dict(re.findall(r"(--[\w-]+): ([^;]+);", switch.split("@media")[0]))
    as_light = dict(re.findall(r"(--[\w-]+): ([^;]+);", switch.split("@media")[1]))
    assert as_dark == dark
    assert as_light == {name: light[name] for name in as_light} and set(dark) <= set(as_light)


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("page", ["console", "console/wall"])
def test_console_and_wall_pass_every_gate(browser: Browser, e: Evening, language: str, page: str) -> None:
    e.go(3, {"park": (900, 0)})
    e.written()
    app = make_app(e.town.office)
    with (
        served(app) as where,
        visit(
            browser, f"{where}/{language}/{page}", reduced_motion="reduce", **seated(app, e.town.office, "dispatcher")
        ) as seen,
    ):
        expect(seen.page.locator(".line.live")).to_be_visible()
        expect(seen.page.locator(".zone-card")).to_have_count(3)
        assert gates(seen, own=(where,)) == {"scripts": 1 + (page == "console")}


@pytest.mark.browser
def test_zones_change_without_a_reload_and_what_somebody_writes_stays(browser: Browser, e: Evening) -> None:
    e.written()
    app = make_app(e.town.office)
    with (
        served(app) as where,
        visit(browser, f"{where}/en/console", **seated(app, e.town.office, "dispatcher")) as seen,
    ):
        page = seen.page
        expect(page.locator(".line.live")).to_be_visible()
        card = page.locator(".zone-card", has=page.get_by_role("heading", name="north"))
        card.get_by_text("Counting").click()
        card.get_by_label("People inside now").fill("7")
        before = card.locator(".inside").inner_text()
        e.go(4, {"north": (9, 0)})
        e.written()
        expect(card.locator(".inside")).not_to_have_text(before, timeout=3_000)
        assert card.get_by_label("People inside now").input_value() == "7"
        page.keyboard.type("50")
        card.get_by_role("button", name="Record my count").click()
        expect(page.locator(".line.live")).to_be_visible()
        assert e.town.kernel.state.alarms.counts["north"].people == 750
        page.locator("#theme").click()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.reload()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(24, 22, 19)"


@pytest.mark.browser
def test_many_zones_show_what_matters_and_an_opened_one_stays_open_and_current(browser: Browser) -> None:
    names = [f"zone-{n}" for n in range(14)]
    e = evening(*names, planned=14)
    e.go(8, {name: (10 * n, 0) for n, name in enumerate(names)})
    e.written()
    app = make_app(e.town.office)
    with (
        served(app) as where,
        visit(browser, f"{where}/en/console", **seated(app, e.town.office, "dispatcher")) as seen,
    ):
        page = seen.page
        expect(page.locator(".line.live")).to_be_visible()
        card = page.locator(".zone-card", has=page.get_by_role("heading", name="zone-5", exact=True))
        expect(card.locator(".inside")).to_be_hidden()
        card.get_by_text("Details").press("Enter")
        expect(card.locator(".inside")).to_contain_text("400 inside")
        e.go(2, {"zone-5": (50, 0)})
        e.written()
        expect(card.locator(".inside")).to_contain_text("500 inside", timeout=3_000)
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY", "the focus stays where it was"
        page.goto(f"{where}/en/console/wall")
        letters = [text or "A" for text in page.locator(".zone-card .letter").all_inner_texts()]
        assert letters == sorted(letters, reverse=True) and len(set(letters)) > 1, "the fullest first"
        assert gates(seen, own=(where,)) == {"scripts": 1}
