"""The live page for staff, and /metrics: nobody else sees the page, and only the office's key reads health."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from authentication import seated
from browser import gates, served, visit
from desk import Desk, desk
from fastapi import FastAPI
from fastapi.testclient import TestClient
from labels import register_in_area
from playwright.sync_api import Browser
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from sensing import a_sensor

from peelian.kernel.records.sensor_register import counts_lost, listening
from peelian.operations.office import technologies
from peelian.oversight.sensors.live import Health, Listening, keep_health, keep_live, quarter_of
from peelian.oversight.sensors.metrics import metrics_key
from peelian.technologies.sensors.windows import SHORTEST, Window
from peelian.web.app import make_app

MEDIA = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@pytest.fixture(scope="module")
def live() -> Desk:
    """A town that listened for eight days: a counter, a sound meter, a silent counter, and two gaps."""
    made = desk(technologies())
    meter = a_sensor(id="meter-1", kind="sound_meter", title="Sound level meter at the market", area="Harbour front")
    silent = a_sensor(id="gate-4", title="Counter at <gate> 4", area="Centre")
    for sensor in (a_sensor(), meter, silent):
        register_in_area(made.kernel, made.people, sensor)
    listening(made.kernel, made.people["custodian"], "begun")
    made.clock.days(8)
    now, by = made.kernel.now(), made.people["custodian"]
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=7)
    quarters = [first + nth * SHORTEST for nth in range(7 * 96)]
    day = [math.sin(math.pi * at.hour / 24) for at in quarters]
    people = [(at, round(120 * s**2)) for at, s in zip(quarters, day, strict=True)]
    keep_live(
        made.kernel,
        [Window(sensor="square-1", measure="people", start=at, n=9, count=n) for at, n in people]
        + [
            Window(sensor="meter-1", measure="noise", start=at, n=9, laeq=45 + 20 * s)
            for at, s in zip(quarters, day, strict=True)
        ],
    )
    heard = {"square-1": Health(heard=quarter_of(now), refused=3), "meter-1": Health(heard=quarter_of(now))}
    heard["gate-4"] = Health(heard=quarter_of(now - timedelta(hours=9)), refused=1_204)
    keep_health(made.kernel, Listening(at=now, connected=True, sensors=heard))
    for hours, why, sensor in ((30, "broker", ""), (80, "expiry", "gate-4")):
        since = now - timedelta(hours=hours)
        until = since + timedelta(minutes=12)
        counts_lost(made.kernel, by, since.isoformat(), until.isoformat(), why, sensor=sensor)
    return made


@pytest.fixture(scope="module")
def pages(live: Desk) -> FastAPI:
    return make_app(live.office)


@pytest.fixture(scope="module")
def client(pages: Any) -> TestClient:
    return TestClient(pages, base_url="http://localhost", follow_redirects=False)


def test_metrics_are_read_by_prometheus_own_parser(client: TestClient, live: Desk) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"] == MEDIA
    public = {family.name for family in text_string_to_metric_families(answer.text)}
    own = client.get("/metrics", headers={"authorization": f"Bearer {metrics_key(live.kernel)}"})
    both = {family.name for family in text_string_to_metric_families(own.text)}
    assert "authorization" in own.headers["vary"].lower()
    assert {"peelian_sensors"} <= public and both - public >= {"peelian_sensor_refused_messages"}


@pytest.mark.parametrize("key", ["Bearer wrong", "Bearer ", "bearer \xe9", "Bearer " + "x" * 5000])
def test_another_key_reads_nothing(client: TestClient, key: str) -> None:
    answer = client.get("/metrics", headers={"authorization": key.encode("latin-1")})
    assert answer.status_code == 401 and "peelian_" not in answer.text


def test_another_way_of_proof_is_answered_as_nobody(client: TestClient) -> None:
    assert client.get("/metrics", headers={"authorization": "Basic eDp5"}).text == client.get("/metrics").text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_who_is_not_logged_on_does_not_see_the_page(client: TestClient, language: str) -> None:
    answer = client.get(f"/{language}/sensors/live")
    assert answer.status_code in (303, 401, 403) and "<table" not in answer.text


def test_the_public_pages_have_metrics_and_no_live_page(live: Desk) -> None:
    public = TestClient(make_app(live.office, public=True), base_url="http://localhost")
    assert public.get("/metrics").status_code == 200
    assert public.get("/en/sensors/live").status_code == 404
    assert "/sensors/live" not in public.get("/en/sensors").text


@pytest.fixture(scope="module")
def address(pages: FastAPI) -> Iterator[str]:
    with served(pages) as where:
        yield where


@pytest.mark.browser
@pytest.mark.parametrize(("language", "asked"), [("en", ""), ("fr", "?of=area%2FCentre%2Fpeople&period=week")])
def test_the_page_passes_every_gate(
    browser: Browser, address: str, pages: FastAPI, live: Desk, language: str, asked: str
) -> None:
    session = seated(pages, live.office, "dispatcher")
    with visit(browser, f"{address}/{language}/sensors/live{asked}", reduced_motion="reduce", **session) as seen:
        assert gates(seen, own=(address,)) == {}
        assert "Counter at <gate> 4" in seen.page.locator("main").inner_text()
