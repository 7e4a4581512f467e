"""Proves a plan file is read whole or refused with the field's name, whatever its bytes are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from event_plans import GOOD, plan_body
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.kernel.model.event_plan import LARGEST_FILE, exercise_of, plan_of, read_plan
from peelian.kernel.model.watch import Level

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def test_a_plan_says_what_its_file_says() -> None:
    plan = plan_of(read_plan(json.dumps(GOOD).encode()))
    assert (plan.name, plan.attendance, plan.emergency_minutes) == ("fete-2026", 1500, 6)
    assert [zone.name for zone in plan.zones] == ["north", "south"] and plan.zones[0].outline[1] == (0.0005, 0.0)
    assert plan.gates[0].lets_in and not plan.gates[2].lets_in
    assert plan.gates[1].leads_out_of("north") and plan.gates[1].leads_out_of("south")
    assert plan.thresholds == {"north": {Level.NOTICE: 600, Level.WARNING: 900, Level.URGENT: 1100}}
    assert plan.runbooks["high_well"][1] == "Call the first aid post." and plan.exercises == ()


def test_a_gate_is_seen_from_its_zone() -> None:
    one_way = plan_of(plan_body(gates__1__direction="out")).gates[1]
    assert one_way.leads_out_of("north") and not one_way.leads_out_of("south")
    other_way = plan_of(plan_body(gates__1__direction="in")).gates[1]
    assert other_way.leads_out_of("south") and not other_way.leads_out_of("north")
    assert not plan_of(plan_body(gates__0__turnstiles=4)).gates[0].leads_out_of("north")


@pytest.mark.parametrize(
    ("path", "value", "column"),
    [
        ("name", "Fête", "name"),
        ("title", "a\u202eb", "title"),
        ("title", "x" * 201, "title"),
        ("starts", "2026-03-02T08:00:00", "starts"),
        ("ends", 5, "ends"),
        ("attendance", 0, "attendance"),
        ("attendance", 10**400, "attendance"),
        ("attendance", 12.5, "attendance"),
        ("attendance", True, "attendance"),
        ("emergency_minutes", 8.5, "emergency_minutes"),
        ("zones", [], "zones"),
        ("zones", GOOD["zones"] * 21, "zones"),
        ("zones__0__area_m2", "1000", "zones[0].area_m2"),
        ("zones__1__outline", [[0, 0], [1, 1]], "zones[1].outline"),
        ("zones__1__outline__2", [0.1, 86], "zones[1].outline[2]"),
        ("zones__0__per_m2", 4.8, "zones[0].per_m2"),
        ("zones__1__per_m2", 4.5, "zones[1].per_m2"),
        ("zones__0__viewing", "lying", "zones[0].viewing"),
        ("zones__0__viewing", "seated", "zones[0].seats"),
        ("zones__0__physical", 1.01, "zones[0].physical"),
        ("zones__0__colour", "red", "zones[0].colour"),
        ("gates__0__width_m", 0.4, "gates[0].width_m"),
        ("gates__0__direction", "sideways", "gates[0].direction"),
        ("gates__2__steps", 1, "gates[2].steps"),
        ("contacts__0__number", "Jane Doe", "contacts[0].number"),
        ("contacts__0__name", "Jane Doe", "contacts[0].name"),
        ("thresholds__north", {"loud": 5}, "thresholds.north.loud"),
        ("runbooks__high_well", ["a", "a"], "runbooks.high_well"),
        ("messages__high_well", ["x" * 1001], "messages.high_well[0]"),
        ("exercises", [], "exercises"),
    ],
)
def test_what_is_wrong_is_named(path: str, value: Any, column: str) -> None:
    with pytest.raises(InputError) as refused:
        plan_of(plan_body(**{path: value}))
    assert refused.value.column == column and refused.value.accepted


def test_a_missing_field_is_named() -> None:
    body = plan_body()
    del body["gates"][0]["width_m"]
    with pytest.raises(InputError) as refused:
        plan_of(body)
    assert refused.value.column == "gates[0].width_m"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"name": "a"',
        b'{"name": "a", "name": "b"}',
        b'{"attendance": NaN}',
        b'{"attendance": 1' + b"0" * 5000 + b"}",
        "{}".encode("utf-16"),
        '{"title": "Fête"}'.encode("latin-1"),
        b"[" * 100_000,
        b" " * (LARGEST_FILE + 1),
    ],
)
def test_a_file_that_is_no_plan_is_refused(content: bytes) -> None:
    with pytest.raises(InputError) as refused:
        plan_of(read_plan(content, "plan.json"))
    assert refused.value.accepted


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_plan_or_an_input_error(content: bytes) -> None:
    with pytest.raises(InputError):
        plan_of(read_plan(content))


@settings(max_examples=150)
@given(st.sampled_from([*GOOD, "zones__0", "zones__0__outline__0", "gates__0__width_m", "contacts__0"]), JSON)
def test_any_value_in_a_field_is_read_or_named(path: str, value: Any) -> None:
    try:
        plan_of(plan_body(**{path: value}))
    except InputError as error:
        assert error.column


def test_an_exercise_names_functions_and_findings() -> None:
    held = exercise_of({"title": "Evacuation", "held": "2026-02-01T10:00:00+00:00", "roles": ["first aid"]})
    assert held.roles == ("first aid",) and held.findings == ()
    with pytest.raises(InputError):
        exercise_of({"title": "Evacuation", "held": "2026-02-01T10:00:00+00:00", "roles": []})
