"""The public side of the register: pages, files, reports from the log, and a released day."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.records.sensor_register import end, renew
from peelian.oversight import sensors
from peelian.pictures.words import english

ENTRY = a_sensor(lon=-79.4, lat=43.65)


class Kept(dict[str, tuple[int, ...]]):
    """Kept answers in memory."""

    def find(self, digest: str) -> tuple[int, ...] | None:
        return self.get(digest)

    def keep(self, digest: str, answer: tuple[int, ...]) -> None:
        self[digest] = answer


def draw(counts: Sequence[int], *, sensitivity: int, milli_epsilon: int) -> tuple[int, ...]:
    return tuple(count + 1 for count in counts)


@pytest.fixture
def town() -> Desk:
    made = desk(())
    register_in_area(made.kernel, made.people, ENTRY)
    return made


def publish(town: Desk, counts: list[int], who: str = "clerk", **ports: Any) -> Any:
    day = town.kernel.now().date() - timedelta(days=1)
    given = {"answers": Kept(), "draw": draw} | ports
    return sensors.release(town.kernel, town.people[who], "square-1", day, counts, **given)


@pytest.mark.parametrize("kind", sorted(sensors.KINDS))
def test_the_register_leaves_in_every_form(town: Desk, kind: str) -> None:
    made = sensors.export(town.kernel, kind)
    if kind == "parquet":
        assert pq.read_table(pa.BufferReader(made)).column("id").to_pylist() == ["square-1"]
    else:
        assert "square-1" in json.dumps(json.loads(made))
    with pytest.raises(InputError, match="unknown export format"):
        sensors.export(town.kernel, "exe")


def test_pages_signs_and_reports_are_made_of_it(town: Desk) -> None:
    assert "Counter at the square" in str(sensors.page(town.kernel, english))
    shown, facts, panels = sensors.sensor_page(town.kernel, "square-1", english)
    assert len(sensors.listed(town.kernel)) == 1
    assert shown.state == "registered" and ("Owner", "Public works") in facts and panels
    assert sensors.sign_of(town.kernel, "square-1", english).startswith("<svg")
    assert sensors.impact_report(town.kernel, {}, english) and sensors.annual_report(town.kernel, 2026, {}, english)
    with pytest.raises(OutOfOrder):
        sensors.entry(town.kernel, "nowhere")


@pytest.mark.parametrize(
    "change",
    [{"format": "pickle"}, {"format": "dnms"}, {"format": "csv"}, {"format": "csv", "columns": {"a": "plate"}}],
)
def test_a_way_to_speak_that_is_not_read_is_told_at_once(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        sensors.can_speak(dataclasses.replace(ENTRY, **change))
    sensors.can_speak(dataclasses.replace(ENTRY, format="csv", columns={"t": "time", "n": "count"}))
    sensors.can_speak(dataclasses.replace(ENTRY, format=""))


def test_a_years_figures_are_the_logs(town: Desk) -> None:
    register_in_area(town.kernel, town.people, dataclasses.replace(ENTRY, id="square-2"))
    renew(town.kernel, town.people["custodian"], "square-1", "2027-06-30")
    end(town.kernel, town.people["custodian"], "square-2", "broken")
    publish(town, [20] * 96)
    year = sensors.year_of(town.kernel, 2026)
    assert (year.registered, year.renewed, year.ended, year.released_days) == (2, 1, 1, 1)
    assert sensors.year_of(town.kernel, 2025).registered == 0


def test_a_released_day_is_noisy_signed_and_shown(town: Desk) -> None:
    made = publish(town, [20] * 95 + [3])
    assert made.windows == (21,) * 95 + (None,) and made.total == 20 * 95 + 3 + 1
    assert sensors.released(town.kernel, "square-1") == (made,)
    assert [kind for kind in town.kinds() if kind in ("NOISE_SPENT", "SENSOR_RELEASED")] == [
        "NOISE_SPENT",
        "NOISE_SPENT",
        "SENSOR_RELEASED",
    ]
    assert "95 of 96" not in str(sensors.sensor_page(town.kernel, "square-1", english)[2])


def test_it_is_drawn_once_and_the_true_counts_stand_nowhere(town: Desk) -> None:
    answers = Kept()
    first = publish(town, [77_777_777_777] * 96, answers=answers)
    assert publish(town, [20] * 96, answers=answers) == first
    assert town.kinds().count("SENSOR_RELEASED") == 1
    with pytest.raises(Refused, match="budget"):
        publish(town, [80] * 24, answers=answers)
    kept = json.dumps([dict(entry) for _, entry in town.kernel.stores.log.read()])
    assert "77777777777" not in kept, "eleven digits: fewer come up in a digest by chance"


def test_only_publishers_release_and_only_days_that_are_over_of_sensors_that_speak(town: Desk) -> None:
    with pytest.raises(Refused):
        publish(town, [20] * 96, who="analyst")
    with pytest.raises(OutOfOrder, match="not over"):
        sensors.release(
            town.kernel, town.people["clerk"], "square-1", date(2099, 1, 1), [1] * 96, answers=Kept(), draw=draw
        )
    end(town.kernel, town.people["custodian"], "square-1", "broken")
    with pytest.raises(Refused, match="ended"):
        publish(town, [20] * 96)


def test_the_kill_switch_stops_what_goes_out(town: Desk) -> None:
    town.kernel.append("SUSPENDED", technology="sensors", by=town.people["board"].person.token)
    with pytest.raises(Refused, match="suspended"):
        publish(town, [20] * 96)
    assert not {"NOISE_SPENT", "SENSOR_RELEASED"} & set(town.kinds())
    town.kernel.append("RESUMED", technology="sensors", by=town.people["board"].person.token)
    assert publish(town, [20] * 96)
