"""Metrics of an office: released counts for anybody, health for the key alone, no person and no raw count in either."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk import Desk, desk
from labels import register_in_area
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from sensing import a_sensor, publish

from peelian.kernel.records.sensor_register import counts_lost
from peelian.operations.office import technologies
from peelian.operations.watch_service import sensor_key
from peelian.oversight.sensors.live import Health, Listening, keep_health, keep_live
from peelian.oversight.sensors.metrics import is_metrics_key, metrics, metrics_key
from peelian.technologies.sensors.windows import Window


@pytest.fixture
def town() -> Desk:
    made = desk(technologies())
    register_in_area(made.kernel, made.people, a_sensor())
    publish(made, [20] * 96)
    return made


def values(text: str) -> dict[str, float]:
    return {s.name: s.value for family in text_string_to_metric_families(text) for s in family.samples}


def test_released_counts_are_for_anybody_and_health_is_not(town: Desk) -> None:
    now = town.kernel.now()
    window = Window(sensor="square-1", measure="people", start=now - timedelta(hours=1), n=1, count=918273)
    keep_live(town.kernel, [window])
    told = Listening(at=now, connected=True, sensors={"square-1": Health(heard="2026-03-02T08:45+00:00", refused=2)})
    keep_health(town.kernel, told)
    by = town.people["custodian"]
    counts_lost(town.kernel, by, (now - timedelta(minutes=2)).isoformat(), now.isoformat(), "broker")
    public, own = values(metrics(town.kernel, health=False)), values(metrics(town.kernel, health=True))
    assert public["peelian_released_day_count"] == 96 * 20 + 1
    assert not any("listener" in name or "refused" in name for name in public)
    assert own["peelian_sensor_refused_messages_total"] == 2 and public.items() <= own.items()
    assert "918273" not in metrics(town.kernel, health=True), "what was not released is in neither"


def test_the_key_is_of_no_sensor_and_no_person(town: Desk) -> None:
    key = metrics_key(town.kernel)
    assert is_metrics_key(town.kernel, key) and len(key) == 20
    assert not is_metrics_key(town.kernel, "") and not is_metrics_key(town.kernel, "é")
    assert not is_metrics_key(town.kernel, sensor_key(town.kernel, "square-1"))


def test_an_office_without_a_listener_has_no_health(town: Desk) -> None:
    assert metrics(town.kernel, health=True) == metrics(town.kernel, health=False)
