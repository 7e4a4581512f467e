"""What is admitted is held against the register; the hostile cases are in tests/limits."""

from __future__ import annotations

import numpy as np
import pytest
from desk import Desk, desk
from labels import adopt, adopt_labels_of, register_in_area
from sensing import a_sensor

from peelian.errors import InputError
from peelian.kernel.disclosure.label_checks import free_labels, must_be_known, must_be_measured
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.labels import LabelKind
from peelian.measure.table import Kind, Table, table


@pytest.fixture
def town() -> Desk:
    return desk(())


def windows(area: str = "Centre", measure: str = "people", **more: float) -> Table:
    def column(name: str, value: float, kind: type = np.int64) -> tuple[Kind, object]:
        return (Kind.COUNT if kind is np.int64 else Kind.AMOUNT), np.array([more.get(name, value)] * 2, dtype=kind)

    return table(
        "windows",
        {
            "area": (Kind.PLACE, [area, area]),
            "hour": (Kind.TIME, np.array(["2026-03-01T10", "2026-03-01T11"], dtype="datetime64[h]")),
            "measure": (Kind.GROUP, [measure, measure]),
            "count": column("count", 40),
            "kwh": column("kwh", 120.0, np.float64),
            "homes": column("homes", 100),
        },
    )  # type: ignore[arg-type]


def test_public_words_and_the_format_s_own_need_no_register(town: Desk) -> None:
    made = table(
        "t", {"group": (Kind.GROUP, ["white", "25-34", "own word"]), "place": (Kind.PLACE, ["250:1:-2", "", ""])}
    )
    taken = Admitted(table=made, facts={"groups": "white × 25-34,own word"})
    must_be_known(town.kernel, taken, frozenset({"own word"}))
    assert free_labels(taken, frozenset()) == {
        LabelKind.AREA: [],
        LabelKind.LANDMARK: [],
        LabelKind.GROUP: ["own word"],
    }


def test_an_error_names_row_and_column_and_no_label(town: Desk) -> None:
    made = table("t", {"area": (Kind.PLACE, ["", "Zqwv", "Zqwv"])})
    with pytest.raises(InputError, match="row 2, column area: area not in the register") as error:
        must_be_known(town.kernel, Admitted(table=made, facts={}), frozenset())
    assert "Zqwv" not in str(error.value)
    adopt_labels_of(town.kernel, town.people, Admitted(table=made, facts={}), "")
    must_be_known(town.kernel, Admitted(table=made, facts={}), frozenset())


def test_a_count_comes_in_where_a_sensor_of_its_kind_is_registered(town: Desk) -> None:
    with pytest.raises(InputError, match="no registered sensor measures this"):
        must_be_measured(town.kernel, windows())
    register_in_area(town.kernel, town.people, a_sensor(id="square-1", area="Centre"))
    must_be_measured(town.kernel, windows())
    with pytest.raises(InputError, match="no registered sensor measures this"):
        must_be_measured(town.kernel, windows(area="square-1"))  # a sensor is no place
    for other in ("vehicles", "noise", "energy", "anything"):
        with pytest.raises(InputError, match="no registered sensor measures this"):
            must_be_measured(town.kernel, windows(measure=other))
    with pytest.raises(InputError, match="value out of range"):
        must_be_measured(town.kernel, windows(count=1_000_001))


def test_energy_is_of_as_many_homes_as_two_people_stated(town: Desk) -> None:
    adopt(town.kernel, town.people["custodian"], town.people["board"], LabelKind.AREA, ["Centre"], homes=100)
    register_in_area(town.kernel, town.people, a_sensor(id="feeder-1", kind="energy_area", homes=100, area="Centre"))
    must_be_measured(town.kernel, windows(measure="energy"))
    with pytest.raises(InputError, match="more homes than stated"):
        must_be_measured(town.kernel, windows(measure="energy", homes=101))
    for kwh in (0.5, 5_000.0):
        with pytest.raises(InputError, match="does not fit the number of homes"):
            must_be_measured(town.kernel, windows(measure="energy", kwh=kwh))
