"""The DTPR chain: every category of the standard, in order, with names of its taxonomy."""

from __future__ import annotations

from typing import Any

import pytest

from peelian.kernel.model.sensors import KINDS, PURPOSES
from peelian.technologies.sensors.chain import CATEGORIES, PURPOSE, TECH, chain, chain_record, retention


def test_every_chain_has_every_category_in_the_standards_order(registered: Any, listed: list[Any]) -> None:
    for shown in listed:
        order = [CATEGORIES.index(element.category) for element in chain(shown.sensor)]
        needed = set(CATEGORIES) if shown.sensor.format else set(CATEGORIES) - {"process"}
        assert order == sorted(order) and {element.category for element in chain(shown.sensor)} == needed


def test_what_a_policing_sensor_does_to_its_data_is_not_claimed(listed: list[Any]) -> None:
    names = {element.id for element in chain(listed[2].sensor)}
    assert "data__personal" in names and not any(name.startswith("process__") for name in names)
    assert "access__available_to_download" not in names


def test_every_kind_and_purpose_is_told() -> None:
    assert set(PURPOSE) == set(PURPOSES) and set(TECH) < set(KINDS)


@pytest.mark.parametrize(
    ("days", "name"),
    [(1, "retained_24_hours"), (90, "retained_3_months"), (93, "retained_6_months"), (9_999, "retained_indefinitely")],
)
def test_retention_is_never_understated(days: int, name: str) -> None:
    assert retention(days) == name


def test_the_record_names_standard_licence_and_contact(registered: Any) -> None:
    record = chain_record(registered("sound_meter"))
    assert record["standard"] == "DTPR" and record["licence"] == "CC BY 4.0" and record["contact"]
    assert {"category": "tech", "element": "tech__sound_level_meter", "says": "A sensor"} in record["elements"]
