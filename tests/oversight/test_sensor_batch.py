"""Files of sensors: every bad row is told with its column and remedy, and then nothing is proposed."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from desk import Desk, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from labels import adopt
from sensing import a_sensor

from peelian.errors import InputError
from peelian.kernel.identity import dual_control
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.sensors import body_of
from peelian.kernel.records.sensor_register import end, register
from peelian.kernel.verbs.sensor_batches import stated
from peelian.oversight.sensors.batch import checked, propose_file, propose_renewal, rows_of

pytestmark = pytest.mark.usefixtures("numbers_typed")

HEAD = "id,kind,title,owner,contact,purpose,why,area,personal_data,retention_days,ends,format,columns,drop\n"
ROW = "c-{},people_counter,Counter {},Works,w@t.ca,safety,So that.,Centre,no,90,2026-12-31,ttn-v3,in=count,bat|rssi\n"


@pytest.fixture(scope="module")
def town() -> Desk:
    made = desk(())
    adopt(made.kernel, made.people["custodian"], made.people["board"], LabelKind.AREA, ["Centre"], homes=10)
    return made


def table(n: int, changed: dict[int, tuple[str, str]] | None = None) -> bytes:
    """A CSV of n sensors; in some rows a text becomes another."""
    rows = {i: ROW.format(i, i) for i in range(2, n + 2)}
    for at, (old, new) in (changed or {}).items():
        rows[at] = rows[at].replace(old, new)
    return (HEAD + "".join(rows.values())).encode()


def propose(town: Desk, content: bytes) -> tuple[str, int]:
    return propose_file(town.kernel, town.people["custodian"], content, words="new counters of spring")


def test_csv_and_json_say_the_same(town: Desk) -> None:
    digest, n = propose(town, table(3))
    made = town.kernel.state.dual_control.proposals[digest]
    sensors = stated(town.kernel, str(made.body["record"]))
    assert n == len(sensors) == 3 and sensors[0].columns == {"in": "count"} and sensors[0].drop == ("bat", "rssi")
    text = json.dumps([body_of(sensor) for sensor in sensors])
    assert checked(town.kernel, rows_of(text.encode()))[0] == sensors
    semicolons = table(3).decode().replace(",", ";").encode()
    typed = tuple(dataclasses.replace(one, drawn=True) for one in checked(town.kernel, rows_of(semicolons))[0])
    assert typed == sensors


def test_three_bad_rows_of_five_hundred_are_all_told_and_nothing_is_proposed(town: Desk) -> None:
    before = len(dual_control.open_proposals(town.kernel))
    wrong = {7: ("2026-12-31", "soon"), 250: ("Centre", "12 Main Street"), 499: ("bat|", "plateNumber|")}
    with pytest.raises(InputError) as error:
        propose(town, table(500, wrong))
    says = str(error.value)
    assert "3 of 500 rows" in says and len(dual_control.open_proposals(town.kernel)) == before
    for row, column, remedy in (
        (7, "ends", "2027-06-30"),
        (250, "area", "vocabulary"),
        (499, "drop", "Leave this field"),
    ):
        assert f"row {row}, " in says and column in says and remedy in says
    assert "plateNumber" in says and "12 Main Street" not in says and "soon" not in says


def test_a_sensor_named_twice_is_told(town: Desk) -> None:
    _, faults = checked(town.kernel, rows_of(table(3, {4: ("c-4", "c-2")})))
    assert [(fault.row, fault.column) for fault in faults] == [(4, "id")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        b"[7]",
        b"\xff\xfe",
        b"id,plate\na-1,x\n",
        HEAD.encode(),
        b'id,kind\n"a',
        b" " * (9 << 20),
        b"[" + b"{}," * 6_000 + b"{}]",
    ],
    ids=lambda content: f"{content[:6]!r} {len(content)}",
)
def test_what_is_no_file_of_sensors(content: bytes) -> None:
    with pytest.raises(InputError):
        rows_of(content)


@pytest.mark.parametrize(
    "facts",
    [
        {"id": 7},
        {"title": 7},
        {"columns": 7},
        {"columns": {"a": 7}},
        {"drop": {"a": 1}},
        {"personal_data": "maybe"},
        {"personal_data": 1},
        {"retention_days": "x"},
        {"lat": [1]},
        {"ends": None},
        {"zone": "Mars/Base"},
        {"zone": "../etc"},
        {"plate": "ABC 123"},
        {"columns": "in"},
        {"drop": "/a|/a/b", "format": "json", "columns": "/n=count"},
    ],
    ids=str,
)
def test_a_row_of_other_types_is_a_fault(town: Desk, facts: dict[str, Any]) -> None:
    (sensors, faults) = checked(town.kernel, ((1, {**body_of(a_sensor()), **facts}),))
    assert not sensors and len(faults) == 1 and faults[0].remedy and "ABC" not in str(faults[0])


WILD = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.text(max_size=3), max_size=2)


@settings(max_examples=100, deadline=None)
@given(facts=st.dictionaries(st.sampled_from(sorted(body_of(a_sensor()))), WILD, max_size=4))
def test_whatever_a_row_holds_is_a_sensor_or_a_fault(town: Desk, facts: dict[str, Any]) -> None:
    sensors, faults = checked(town.kernel, ((1, {**body_of(a_sensor()), **facts}),))
    assert len(sensors) + len(faults) == 1


def test_everything_that_ends_by_a_day_is_proposed_for_renewal_and_nothing_else() -> None:
    town = desk(())
    custodian = town.people["custodian"]
    adopt(town.kernel, custodian, town.people["board"], LabelKind.AREA, ["Centre"], homes=10)
    ends = {"a-1": "2026-06-30", "a-2": "2026-07-01", "a-3": "2026-06-01", "a-4": "2026-05-01"}
    for id, last in ends.items():
        register(town.kernel, custodian, a_sensor(id=id, ends=last))
    end(town.kernel, custodian, "a-4", "removed")
    digest, n = propose_renewal(
        town.kernel, custodian, ending_by="2026-06-30", until="2027-06-30", words="they count well"
    )
    made = stated(town.kernel, str(town.kernel.state.dual_control.proposals[digest].body["record"]))
    assert n == 2 and {(one.id, one.ends) for one in made} == {("a-1", "2027-06-30"), ("a-3", "2027-06-30")}
    for wrong in ({"ending_by": "2026-01-01"}, {"until": "2026-06-15"}, {"until": "2099-01-01"}, {"until": "soon"}):
        given = {"ending_by": "2026-06-30", "until": "2027-06-30"} | wrong
        with pytest.raises(InputError):
            propose_renewal(town.kernel, custodian, **given, words="they count well")
