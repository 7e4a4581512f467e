"""OpenMetrics text, read by Prometheus' own parser: only released counts, and no value under 15."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from sensing import a_sensor

from peelian.technologies.sensors.open_data import Shown
from peelian.technologies.sensors.open_metrics import Family, Working, health_families, released_families, text
from peelian.technologies.sensors.release import Released


def read(exposition: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    return {
        sample.name: [(dict(s.labels), s.value) for s in family.samples if s.name == sample.name]
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
    }


def shown(id: str, **more: object) -> Shown:
    return Shown(sensor=a_sensor(id=id, **more), since="2026-01-01T00:00:00+00:00", state="registered")


def test_the_newest_released_day_of_each_sensor_is_told_and_no_other() -> None:
    days = {
        "s-1": [
            Released(sensor="s-1", day=date(2026, 3, 1), windows=(20,) * 24, total=480, gaps=(3600, *(0,) * 23)),
            Released(sensor="s-1", day=date(2026, 2, 1), windows=(99,) * 24, total=9999),
        ],
        "s-2": [Released(sensor="s-2", day=date(2026, 3, 1), windows=(None,) * 24, total=None)],
    }
    found = read(text(released_families([shown("s-1"), shown("s-2"), shown("s-3")], days)))
    of = {"sensor": "s-1", "area": "Centre", "kind": "people_counter"}
    assert found["peelian_released_day_count"] == [(of, 480.0)]
    assert [value for _, value in found["peelian_released_day_under_15"]] == [0.0, 1.0]
    assert found["peelian_released_day_gap_seconds"][0] == (of, 3600.0)
    assert found["peelian_released_day_start_timestamp_seconds"][0][1] == datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    assert found["peelian_sensors"] == [({"state": "registered"}, 3.0)]


def test_health_has_counters_and_times() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    working = Working(at=at, connected=True, heard={"s-1": at}, refused={"s-1": 4}, faults={"s-1": False})
    found = read(text(health_families(working, 60.0)))
    assert found["peelian_sensor_refused_messages_total"] == [({"sensor": "s-1"}, 4.0)]
    assert found["peelian_listener_connected"] == [({}, 1.0)] and found["peelian_listener_gap_seconds"] == [({}, 60.0)]


@given(st.text(st.characters(exclude_categories=["Cs"])))
@pytest.mark.parametrize("name", ["area", "sensor"])
def test_any_label_comes_back_as_it_was(name: str, value: str) -> None:
    made = text([Family(name="a", type="gauge", help='A\\ "b"\nc.', samples=[("", {name: value}, 1.5)])])
    assert read(made) == {"a": [({name: value}, 1.5)]}


def test_nothing_at_all_is_an_exposition() -> None:
    assert read(text(released_families([], {}))) == {}
