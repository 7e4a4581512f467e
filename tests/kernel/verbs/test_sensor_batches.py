"""Sensors that two people register: stated, approved in another unit, then all of them or none."""

from __future__ import annotations

import dataclasses

import pytest
from desk import Desk, desk
from labels import adopt
from sensing import a_sensor

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.records.sensor_register import end, register, renew, the_register
from peelian.kernel.verbs.sensor_batches import agreed_on, propose_sensors, register_approved

pytestmark = pytest.mark.usefixtures("numbers_typed")

DECLARED = a_sensor(
    format="ttn-v3", columns={"in": "towards", "out": "away"}, drop=("battery",), zone="America/Toronto"
)
THREE = tuple(a_sensor(id=f"gate-{i}") for i in range(3))
WORDS = "new counters of spring"


@pytest.fixture
def town() -> Desk:
    made = desk(())
    adopt(made.kernel, made.people["custodian"], made.people["board"], LabelKind.AREA, ["Centre"], homes=10)
    return made


def propose(town: Desk, sensors: tuple[Sensor, ...], who: str = "custodian") -> str:
    return propose_sensors(town.kernel, town.people[who], sensors, words=WORDS)


def approve(town: Desk, proposal: str, who: str = "board") -> None:
    step_up.prove(town.kernel, town.people[who])
    dual_control.approve(town.kernel, town.people[who], proposal)


def test_one_person_does_not_declare_fields(town: Desk) -> None:
    for sensor in (DECLARED, dataclasses.replace(DECLARED, columns={}), dataclasses.replace(DECLARED, drop=())):
        with pytest.raises(OutOfOrder, match="Two people"):
            register(town.kernel, town.people["custodian"], sensor)
    assert not the_register(town.kernel)


def test_two_people_register_what_one_stated(town: Desk) -> None:
    proposal = propose(town, (DECLARED, *THREE))
    with pytest.raises(OutOfOrder, match="Not approved"):
        register_approved(town.kernel, town.people["custodian"], proposal)
    with pytest.raises(Refused):
        approve(town, proposal, "custodian")
    approve(town, proposal)
    assert agreed_on(town.kernel) == (proposal,) and not the_register(town.kernel)
    made = register_approved(town.kernel, town.people["privacy-officer"], proposal)
    assert [one.sensor for one in made] == [DECLARED, *THREE] and agreed_on(town.kernel) == ()
    entries = [e for _, e in town.kernel.stores.log.read() if e["kind"] == "SENSOR_REGISTERED"]
    assert {e["proposal"] for e in entries} == {proposal} and len(entries) == 4
    with pytest.raises(OutOfOrder, match="Already carried out"):
        register_approved(town.kernel, town.people["custodian"], proposal)


def test_a_declaration_stays_as_it_was_reviewed_when_it_is_renewed(town: Desk) -> None:
    proposal = propose(town, (DECLARED,))
    approve(town, proposal)
    register_approved(town.kernel, town.people["custodian"], proposal)
    assert renew(town.kernel, town.people["custodian"], "square-1", "2027-03-01").sensor.drop == ("battery",)


def test_two_people_renew_many_and_nothing_else_of_them_changes(town: Desk) -> None:
    for sensor in THREE:
        register(town.kernel, town.people["custodian"], sensor)
    since = {id: (one.since, one.proven_from) for id, one in the_register(town.kernel).items()}
    proposal = propose(town, tuple(dataclasses.replace(sensor, ends="2027-03-01") for sensor in THREE))
    assert {one.sensor.ends for one in the_register(town.kernel).values()} == {THREE[0].ends}
    approve(town, proposal)
    made = register_approved(town.kernel, town.people["custodian"], proposal)
    assert {(one.sensor.ends, one.renewals) for one in made} == {("2027-03-01", 1)}
    assert {id: (one.since, one.proven_from) for id, one in the_register(town.kernel).items()} == since


@pytest.mark.parametrize(
    "change", [{"ends": "2026-01-01"}, {"title": "Another"}, {"ends": "2027-03-01", "drop": ("x",)}]
)
def test_a_renewal_changes_the_end_alone_and_only_to_a_later_one(town: Desk, change: dict[str, object]) -> None:
    register(town.kernel, town.people["custodian"], THREE[0])
    with pytest.raises((InputError, OutOfOrder)):
        propose(town, (dataclasses.replace(THREE[0], **change),))  # type: ignore[arg-type]


def test_a_sensor_that_was_ended_is_not_renewed_by_an_older_approval(town: Desk) -> None:
    register(town.kernel, town.people["custodian"], THREE[0])
    proposal = propose(town, (dataclasses.replace(THREE[0], ends="2027-03-01"),))
    approve(town, proposal)
    end(town.kernel, town.people["custodian"], "gate-0", "removed")
    made = register_approved(town.kernel, town.people["custodian"], proposal)
    assert made[0].renewals == 0 and made[0].heard_from == made[0].at  # it is proven in silence once more


@pytest.mark.parametrize("who", ["analyst", "dispatcher", "board"])
def test_others_propose_and_carry_out_nothing(town: Desk, who: str) -> None:
    with pytest.raises(Refused):
        propose(town, THREE, who)
    proposal = propose(town, THREE)
    approve(town, proposal)
    with pytest.raises(Refused):
        register_approved(town.kernel, town.people[who], proposal)
    assert not the_register(town.kernel)


@pytest.mark.parametrize(
    "wrong",
    [(), (THREE[0], THREE[0]), (*THREE, a_sensor(id="x-1", area="12 Main Street")), (a_sensor(retention_days=0),)],
)
def test_nothing_is_proposed_where_one_does_not_fit(town: Desk, wrong: tuple[Sensor, ...]) -> None:
    with pytest.raises(InputError):
        propose(town, wrong)
    assert all(made.what != "sensors" for _, made, _ in dual_control.open_proposals(town.kernel))


def test_nothing_is_registered_where_one_does_not_fit_any_more(town: Desk) -> None:
    proposal = propose(town, THREE)
    approve(town, proposal)
    register(town.kernel, town.people["custodian"], a_sensor(id="gate-1", title="Another counter"))
    with pytest.raises(OutOfOrder, match="already registered"):
        register_approved(town.kernel, town.people["custodian"], proposal)
    assert set(the_register(town.kernel)) == {"gate-1"}
    end(town.kernel, town.people["custodian"], "gate-1", "replaced")
    assert len(register_approved(town.kernel, town.people["custodian"], proposal)) == 3


def test_it_goes_on_where_it_was_cut_off(town: Desk) -> None:
    proposal = propose(town, THREE)
    approve(town, proposal)
    register(town.kernel, town.people["custodian"], THREE[0])  # as far as the first attempt came
    assert len(register_approved(town.kernel, town.people["custodian"], proposal)) == 3


def test_a_proposal_of_something_else_registers_nothing(town: Desk) -> None:
    other = dual_control.propose(town.kernel, town.people["custodian"], "rotate_keys", words="the yearly new key")
    approve(town, other)
    with pytest.raises(OutOfOrder, match="another action"):
        register_approved(town.kernel, town.people["custodian"], other)
