"""The map pages: who sees which map, what is fetched, and what becomes of bad addresses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from authentication import at_pages, logged_on
from deciding import read_and_decide
from labels import register_in_area
from map_town import REASONS, MapTown, map_town
from sensing import a_sensor

from peelian.errors import InputError
from peelian.kernel import verbs
from peelian.kernel.model.documents import Evidence
from peelian.kernel.state.signed_documents import archived
from peelian.operations.office import memory_office
from peelian.web.app import make_app
from peelian.web.cases import map_pages


@pytest.fixture(scope="module")
def town() -> MapTown:
    return map_town()


@pytest.fixture(scope="module")
def app(town: MapTown) -> Any:
    return make_app(town.desk.office)


@pytest.fixture(scope="module")
def commander(town: MapTown, app: Any) -> Any:
    return logged_on(app, town.desk.office, "commander")


@pytest.fixture
def nobody(app: Any) -> Iterator[Any]:
    yield at_pages(app)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_case_s_map_page_has_the_picture_the_tables_and_the_addresses_of_its_data(
    town: MapTown, commander: Any, language: str
) -> None:
    page = commander.get(f"/{language}/cases/{town.forecast}/map").text
    assert 'class="picture map"' in page and "250:10:13" in page
    assert f'data-told="/data/cases/{town.forecast}/map/{language}?' in page
    assert f"/{language}/cases/{town.waiting}/map" in page, "the other week's map"
    case = commander.get(f"/{language}/cases/{town.forecast}").text
    assert f'href="/{language}/cases/{town.forecast}/map"' in case


def test_cases_that_ask_the_same_for_another_day_say_which(town: MapTown, commander: Any, nobody: Any) -> None:
    page = commander.get(f"/en/cases/{town.forecast}/map").text
    assert 'data-day="2019-12-30">This case' in page and page.count('data-day="2020-01-06"') == 1
    assert "2020-01-06" not in nobody.get(f"/en/register/{town.forecast}/map").text, "what is not public is not"


def test_a_case_that_asks_for_more_than_another_day_is_no_step() -> None:
    town = map_town()
    capability = town.desk.kernel.capability("mapping.forecast")
    params = dataclasses.replace(capability.arithmetic().example().params, start_day="2020-01-06", advised_cells=10)
    other = town.desk.ask(capability, who="analyst", params=params)
    verbs.run(town.desk.kernel, town.desk.people["analyst"], other)
    commander = logged_on(make_app(town.desk.office), town.desk.office, "commander")
    page = commander.get(f"/en/cases/{town.forecast}/map").text
    own, more = (page.split(f'<option value="{case}"')[1].split(">")[0] for case in (town.waiting, other.case))
    assert 'data-day="2020-01-06"' in own and 'data-day=""' in more


def test_what_a_published_case_is_called_finds_it_in_both_languages(town: MapTown, nobody: Any, commander: Any) -> None:
    for asked in ("enter December", "effraction", "Break 250"):
        found = nobody.get("/en/register", params={"q": asked}).text
        assert f"/en/register/{town.forecast}" in found, asked
        assert f"/en/cases/{town.forecast}" in commander.get("/en/cases", params={"q": asked}).text
    assert town.forecast not in nobody.get("/en/register", params={"q": "enter robbery"}).text
    assert town.waiting not in commander.get("/en/cases", params={"q": "effraction"}).text, "what is not public is not"


def test_the_data_hold_every_cell_and_the_selected_ones(town: MapTown, commander: Any) -> None:
    told = commander.get(f"/data/cases/{town.forecast}/map/en").json()
    planes = np.frombuffer(commander.get(f"/data/cases/{town.forecast}/map").content, np.uint8)
    rows, cols, layers = told["grid"]["rows"], told["grid"]["cols"], told["layers"]
    assert len(planes) == 2 * rows * cols * (len(layers) + 1)
    assert len(told["selected"]["cells"]) == len(told["selected"]["rows"]) == 12
    assert planes[rows * cols :][told["selected"]["cells"]].all(), "the upper bytes of large counts"


def test_only_the_page_and_its_script_may_start_a_worker(town: MapTown, commander: Any) -> None:
    page = commander.get(f"/en/cases/{town.forecast}/map").headers["content-security-policy"]
    assert "connect-src 'self'" in page and "worker-src 'self'" in page and "unsafe" not in page
    assert "worker-src" not in commander.get(f"/en/cases/{town.forecast}").headers["content-security-policy"]


@pytest.mark.parametrize("address", ["/en/cases/{}/map", "/data/cases/{}/map", "/data/cases/{}/map/en"])
def test_a_map_is_hidden_until_decided_and_from_the_public(
    town: MapTown, app: Any, nobody: Any, commander: Any, address: str
) -> None:
    council = logged_on(app, town.desk.office, "council")
    hidden, decided = (address.format(case) for case in (town.waiting, town.forecast))
    assert commander.get(hidden).status_code == 200, "who decides sees it"
    answer = council.get(hidden)
    assert answer.status_code == 403 and "250:" not in answer.text
    assert council.get(decided).status_code == 200
    assert nobody.get(decided).status_code == 401


def test_the_public_get_a_forecast_by_area_and_no_cell_of_it(town: MapTown, nobody: Any) -> None:
    page, told = (nobody.get(f"/{way}/register/{town.forecast}/map") for way in ("en", "data"))
    assert page.status_code == 200 and told.status_code == 200
    assert "250:" not in page.text and "District 1" in page.text
    told = nobody.get(f"/data/register/{town.forecast}/map/en").json()
    assert told["selected"]["history"]["counts"] == [] and told["sums"] == ""
    assert not told["selected"]["cells"] and [layer["id"] for layer in told["layers"]] == ["value"]


def test_the_public_get_no_map_of_a_case_without_a_public_one(town: MapTown, nobody: Any, commander: Any) -> None:
    name = town.limits
    assert nobody.get(f"/en/register/{name}").status_code == 200
    assert "/map" not in nobody.get(f"/en/register/{name}").text.replace('/en/map"', "").replace("/en/map/areas", "")
    for address in (f"/en/register/{name}/map", f"/data/register/{name}/map", f"/data/register/{name}/map/en"):
        assert nobody.get(address).status_code == 404 and commander.get(address).status_code == 404


@pytest.mark.parametrize(
    "case", ["c-0000000000", "..", "%2e%2e%2f", "<script>", "javascript:alert(1)", "x" * 4000, "%00", "é"]
)
@pytest.mark.parametrize("address", ["/en/cases/{}/map", "/data/cases/{}/map", "/de/register/{}/map"])
def test_bad_addresses_are_not_found(commander: Any, case: str, address: str) -> None:
    answer = commander.get(address.format(case))
    assert answer.status_code in (404, 303, 307) and "<script>alert" not in answer.text


def test_a_language_that_is_none_has_no_map(town: MapTown, commander: Any) -> None:
    assert commander.get(f"/data/cases/{town.forecast}/map/xx").status_code == 404
    assert commander.get(f"/xx/cases/{town.forecast}/map").status_code == 404


def test_this_week_s_map_is_the_newest_a_reader_may_see(town: MapTown, app: Any, nobody: Any, commander: Any) -> None:
    assert commander.get("/en/map").headers["location"] == f"/en/cases/{town.waiting}/map"
    council = logged_on(app, town.desk.office, "council")
    assert council.get("/en/map").headers["location"] == f"/en/cases/{town.limits}/map"
    assert nobody.get("/fr/map").headers["location"] == f"/fr/register/{town.forecast}/map"


def test_where_no_map_is_published_residents_are_told() -> None:
    page = at_pages(make_app(memory_office(), public=True)).get("/fr/map")
    assert page.status_code == 200 and "Aucun dossier publié" in page.text
    assert "Aucun capteur inscrit n’a de position" in page.text and "<script" not in page.text


def test_sensors_that_have_a_place_have_a_map_for_everybody(town: MapTown, nobody: Any) -> None:
    page = nobody.get("/en/sensors/map")
    assert page.status_code == 200 and "each stands for its area" in page.text and "map-app" not in page.text
    register_in_area(town.desk.kernel, town.desk.people, a_sensor(lat=43.65, lon=-79.38))
    assert 'data-points="/data/sensors.geojson"' in nobody.get("/en/sensors/map").text


def test_without_its_scripts_the_page_says_so_and_stays_a_picture(
    town: MapTown, commander: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Any:
        raise InputError("The map's script maplibre-gl.mjs is missing", accepted="Run: python tools/fetch_scripts.py")

    monkeypatch.setattr(map_pages, "locked_scripts", missing)
    page = commander.get(f"/en/cases/{town.forecast}/map")
    assert page.status_code == 200 and "maplibre-gl.mjs is missing" in page.text and "fetch_scripts" in page.text
    assert "<script" not in page.text and 'class="picture map"' in page.text


def test_map_and_briefing_of_a_corrected_case_lead_to_the_newer_one() -> None:
    town = map_town()
    kernel, people = town.desk.kernel, town.desk.people
    evidence = archived(kernel, kernel.state.histories[town.waiting].digests("RAN")[-1], Evidence)
    decision = read_and_decide(kernel, people["commander"], evidence, choice="accept", **REASONS)
    verbs.publish(kernel, people["clerk"], decision, statement="Decided.")
    app = make_app(town.desk.office)
    commander, public = logged_on(app, town.desk.office, "commander"), at_pages(app)
    assert "Corrected by" not in public.get(f"/en/register/{town.forecast}/map").text
    verbs.correct(kernel, people["clerk"], town.forecast, newer=town.waiting, reason="The week was wrong.")
    page = public.get(f"/fr/register/{town.forecast}/map").text
    assert "Corrigé par" in page and f'href="/fr/register/{town.waiting}"' in page
    for case, says in ((town.forecast, True), (town.waiting, False)):
        for view in ("map", "briefing"):
            got = commander.get(f"/en/cases/{case}/{view}")
            assert got.status_code == 200 and ("Corrected by" in got.text) is says
