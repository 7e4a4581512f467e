"""The register as open data: what each form must hold, held by it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from peelian.technologies.sensors.open_data import (
    geojson,
    ngsi_flow,
    ngsi_register,
    record,
    register_table,
    released_geojson,
    released_plain,
    released_table,
)
from peelian.technologies.sensors.release import Released


def test_geojson_is_a_collection_of_points_and_placeless_features(listed: list[Any]) -> None:
    made = geojson(listed)
    assert made["type"] == "FeatureCollection" and len(made["features"]) == 4
    assert made["features"][0]["geometry"] == {"type": "Point", "coordinates": [-79.4, 43.65]}
    assert made["features"][1]["geometry"] is None and json.dumps(made)


def test_every_entry_says_everything_the_public_must_know(listed: list[Any]) -> None:
    needed = {"owner", "contact", "purpose", "why", "kind", "area", "personal_data", "retention_days", "ends", "state"}
    assert all(
        needed <= set(record(shown)) and all(record(shown)[k] not in ("", None) for k in needed) for shown in listed
    )


def test_ngsi_entities_are_devices_with_a_context(listed: list[Any]) -> None:
    made = ngsi_register(listed)
    assert {entity["type"] for entity in made} == {"Device"} and all(e["@context"] for e in made)
    assert made[0]["location"]["value"]["coordinates"] == [-79.4, 43.65] and "location" not in made[1]


def test_the_table_travels_through_arrow(listed: list[Any]) -> None:
    made = register_table(listed)
    assert made.to_arrow().num_rows == 4 and made["personal_data"].tolist() == [0, 0, 1, 0]


def test_released_days_are_a_table_of_windows_in_which_a_hidden_count_is_no_number() -> None:
    days = [Released(sensor="s-1", day=date(2026, 3, 1), windows=(None, 20) * 12, total=240)]
    rows = released_table(days).to_pylist()
    assert [(row["window"], row["count"], row["shown"]) for row in rows[:2]] == [(0, None, "<15"), (1, 20, "20")]
    assert len(rows) == 24 and {(row["day_total"], row["day_total_shown"]) for row in rows} == {(240, "240")}
    assert released_table([]).num_rows == 0


def test_released_days_are_plain_values_and_features_at_the_sensors_place(listed: list[Any]) -> None:
    days = [Released(sensor="s-1", day=date(2026, 3, 1), windows=(None, 20) * 12, total=None)]
    (plain,) = released_plain(days)
    assert plain == {"day": "2026-03-01", "windows": ["<15", 20] * 12, "total": "<15"}
    places = set()
    for shown in listed:
        (feature,) = released_geojson(days, shown)["features"]
        assert feature["properties"]["windows"] == plain["windows"]
        places.add(feature["geometry"] is not None)
        if shown.sensor.located:
            assert feature["geometry"]["coordinates"] == [shown.sensor.lon, shown.sensor.lat]
    assert places == {True, False}


def test_a_released_day_has_no_count_under_15(registered: Any) -> None:
    day = Released(sensor="s-1", day=date(2026, 3, 1), windows=(None, 20) * 12, total=240)
    made = ngsi_flow(day, registered("people_counter"))
    assert len(made) == 25 and sum("peopleCount" in entity for entity in made) == 13
    assert made[-1]["id"].endswith(":20260301") and made[-1]["peopleCount"]["value"] == 240, "the day, by itself"
    assert all(e["peopleCount"]["value"] >= 15 for e in made if "peopleCount" in e)
    assert "TrafficFlowObserved" in ngsi_flow(day, registered("traffic_counter"))[0]["id"]


def test_a_window_that_nobody_heard_is_a_gap_in_every_format(registered: Any) -> None:
    gaps = (3600, 60, *(0,) * 22)
    day = Released(sensor="s-1", day=date(2026, 3, 1), windows=(None, 20, *(None, 20) * 11), total=240, gaps=gaps)
    rows = released_table([day]).to_pylist()
    assert [(row["shown"], row["gap_seconds"]) for row in rows[:3]] == [("gap", 3600), ("20*", 60), ("<15", 0)]
    (plain,) = released_plain([day])
    assert plain["windows"][:3] == ["gap", 20, "<15"] and plain["gaps"] == list(gaps)
    assert [e["description"]["value"] for e in ngsi_flow(day, registered("people_counter"))[:3:2]] == ["gap", "<15"]
