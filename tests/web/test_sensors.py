"""The sensor register's pages: public, in both languages, with files, sign and reports; nobody's counts under 15."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from browser import gates, served, visit
from desk import Desk, desk
from fastapi.testclient import TestClient
from labels import register_in_area
from playwright.sync_api import Browser
from sensing import a_sensor

from peelian.kernel.disclosure.noisy_release import NoisePorts
from peelian.kernel.model.contexts import ReleasePorts
from peelian.operations.office import technologies
from peelian.oversight.sensors import register as sensors
from peelian.oversight.sensors.release import release
from peelian.web.app import make_app

ENTRY = a_sensor(title="Counter at the <square>")
PAGES = ("/sensors", "/sensors/square-1", "/sensor-reports/impact", "/sensor-reports/2026")


@pytest.fixture(scope="module")
def town() -> Desk:
    made = desk(technologies())
    register_in_area(made.kernel, made.people, ENTRY)
    kept: dict[str, tuple[int, ...]] = {}
    answers = type("Kept", (), {"find": lambda _, m: kept.get(m), "keep": lambda _, m, a: kept.update({m: a})})()
    noise = NoisePorts(answers=answers, draw=lambda counts, sensitivity, milli_epsilon: tuple(counts))
    kernel = dataclasses.replace(made.kernel, release=ReleasePorts(noise=noise))
    yesterday = made.kernel.now().date() - timedelta(days=1)
    release(kernel, made.people["clerk"], "square-1", yesterday, [40] * 12 + [3] * 12)
    return made


@pytest.fixture(scope="module")
def client(town: Desk) -> TestClient:
    return TestClient(make_app(town.office, hosts=("testserver",), public=True))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_public_in_both_languages_and_escaped(client: TestClient, page: str, language: str) -> None:
    answer = client.get(f"/{language}{page}")
    assert answer.status_code == 200 and "<square>" not in answer.text


def test_an_unknown_sensor_year_language_or_file_is_not_found(client: TestClient) -> None:
    for page in ("/en/sensors/nowhere", "/en/sensors/nowhere/sign.svg", "/en/sensor-reports/1", "/de/sensors"):
        assert client.get(page).status_code == 404
    assert client.get("/data/sensors.exe").status_code == 404


def test_the_sign_is_a_picture_and_the_files_hold_the_register(client: TestClient) -> None:
    sign = client.get("/fr/sensors/square-1/sign.svg")
    assert sign.headers["content-type"] == "image/svg+xml" and "Propriétaire" in sign.text
    for kind in sensors.KINDS:
        assert client.get(f"/data/sensors.{kind}").status_code == 200
    assert json.loads(client.get("/data/sensors.geojson").text)["features"][0]["id"] == "square-1"
    assert client.get("/data/sensors.csv").text.startswith("id,state,kind")


@pytest.mark.parametrize("kind", sensors.DAY_KINDS)
def test_released_days_leave_as_files_without_counts_under_15(client: TestClient, kind: str) -> None:
    answer = client.get(f"/data/sensors/square-1/released.{kind}")
    assert answer.status_code == 200 and f"released.{kind}" in client.get("/en/sensors/square-1").text
    if kind == "json":
        assert answer.json()[0]["windows"] == [40] * 12 + ["<15"] * 12
    assert client.get(f"/data/sensors/nowhere/released.{kind}").status_code == 404
    assert client.get("/data/sensors/square-1/released.exe").status_code == 404


def test_a_released_day_shows_no_count_under_15(client: TestClient) -> None:
    page = client.get("/en/sensors/square-1").text
    assert "12 of 24 time windows are under 15" in page and "516 in total" in page


@pytest.fixture(scope="module")
def address(town: Desk) -> Iterator[str]:
    with served(make_app(town.office)) as where:
        yield where


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_every_page_passes_every_gate(browser: Browser, address: str, page: str) -> None:
    with visit(browser, f"{address}/fr{page}", reduced_motion="reduce") as seen:
        assert gates(seen, own=(address,)) == {}
