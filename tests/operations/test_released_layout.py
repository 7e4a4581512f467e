"""Rows of released counts follow the signed records: what was edited, lost or added is named, and laid out anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from desk import Desk, Hands
from divided import desk_of, peopled
from labels import register_in_area
from sensing import a_sensor
from sqlalchemy import select

from peelian.kernel.records.sensor_register import end, register
from peelian.operations.doctor import examined
from peelian.operations.office import open_office
from peelian.operations.rebuild import rebuilt_at
from peelian.operations.released_layout import unlike_released
from peelian.oversight.sensors.release import release
from peelian.storage.database import Database
from peelian.storage.schema import RELEASED

pytestmark = pytest.mark.usefixtures("numbers_typed")

CHANGES: dict[str, tuple[Any, set[str]]] = {
    "edited": (
        RELEASED.update().where(RELEASED.c.part == 5, RELEASED.c.day == "2026-03-01").values(value=9),
        {"released square-1 2026-03-01 5"},
    ),
    "said to be elsewhere": (
        RELEASED.update().where(RELEASED.c.part == -1).values(area="Harbour"),
        {"released square-1 2026-03-01 -1", "released square-1 2026-02-28 -1"},
    ),
    "lost": (RELEASED.delete().where(RELEASED.c.part == 3), {
        "released square-1 2026-03-01 3", "released square-1 2026-02-28 3",
    }),
    "all lost": (RELEASED.delete(), set()),
    "added": (
        RELEASED.insert().values(
            sensor="square-9", name="n", area="a", kind="k", day="2026-03-01", part=-1, at=0, value=7, gap=0
        ),
        {"released square-9 2026-03-01 -1"},
    ),
}  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Desk]:
    clock = Hands()
    peopled(tmp_path / "town", clock=clock)
    with open_office(tmp_path / "town", clock=clock) as office:
        made = desk_of(office)
        register_in_area(made.kernel, made.people, a_sensor(lon=-79.4, lat=43.65))
        for days in (2, 1):
            day = (made.kernel.now() - timedelta(days=days)).date()
            release(made.kernel, made.people["clerk"], "square-1", day, [20] * 24)
        yield made


def rows(town: Desk) -> list[dict[str, Any]]:
    with cast(Database, town.kernel.lock).reading() as connection:
        query = select(RELEASED).order_by(RELEASED.c.sensor, RELEASED.c.day, RELEASED.c.part)
        return [dict(row) for row in connection.execute(query).mappings()]


def change(town: Desk, how: str) -> set[str]:
    done, found = CHANGES[how]
    with cast(Database, town.kernel.lock).writing() as connection:
        connection.execute(done)
    return found


@pytest.mark.parametrize("how", CHANGES)
def test_a_row_that_differs_is_named_and_laid_out_anew(town: Desk, how: str) -> None:
    before = rows(town)
    assert len(before) == 50 and list(unlike_released(town.kernel, repair=False)) == []
    found = change(town, how)
    told = list(unlike_released(town.kernel, repair=False))
    assert set(told) == (found or {f"released square-1 {one['day']} {one['part']}" for one in before})
    assert list(unlike_released(town.kernel, repair=True)) == told and rows(town) == before
    assert list(unlike_released(town.kernel, repair=False)) == []


def test_the_doctor_names_what_differs_and_a_rebuild_puts_it_right(town: Desk, tmp_path: Path) -> None:
    before = rows(town)
    assert not [one for one in examined(tmp_path / "town") if "released counts" in one.what]
    (found,) = change(town, "edited")
    (told,) = [one for one in examined(tmp_path / "town") if "released counts" in one.what]
    assert str(told.what).endswith("signed records: 1.") and "doctor --repair" in told.remedy
    assert rebuilt_at(tmp_path / "town") == [found] and rows(town) != before
    assert rebuilt_at(tmp_path / "town", repair=True) == [found] and rows(town) == before
    assert rebuilt_at(tmp_path / "town") == []


def test_the_daily_job_lays_out_what_a_sensor_is_called_since(town: Desk) -> None:
    by = town.people["custodian"]
    end(town.kernel, by, "square-1", "broken")
    register(town.kernel, by, a_sensor(lon=-79.4, lat=43.65, title="Counter at the market"))
    assert {one["name"] for one in rows(town)} == {"Counter at the square"}
    assert town.office.maintenance is not None
    town.office.maintenance._lay_out()
    assert {one["name"] for one in rows(town)} == {"Counter at the market"} and len(rows(town)) == 50
