"""Containment goes through the kernel: sessions end, accounts close, the switch stops outputs, keys are replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
import toy
from desk import desk
from precinct import person, precinct
from vaults import plain

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import Role
from peelian.kernel.records.office_records import hold
from peelian.operations.office import new_office
from peelian.oversight.breach.containment import Hands, contain, kill_switch, objects_of, rotate_keys, seal_anew
from peelian.oversight.breach.letters import MEASURES
from peelian.oversight.breach.report import SEEN, Report
from peelian.oversight.breach.signals import signals_in, without_people


def test_a_misused_session_ends_and_the_technology_is_suspended() -> None:
    at = precinct()
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), session="s", address="elsewhere")
    (signal,) = signals_in(at.desk.kernel)
    hands = Hands(custodian=at.desk.people["custodian"], board=at.desk.people["board"])
    for _ in range(2):  # begun again, it changes nothing
        taken = contain(at.desk.kernel, hands, signal, technologies=["toy"])
    assert taken == ("session_ended", "technology_suspended")
    assert at.desk.kinds().count("SESSION_ENDED") == 1 == at.desk.kinds().count("SUSPENDED")
    with pytest.raises(Refused):
        at.look("anna", person(3), session="s")
    with pytest.raises(InputError, match="toy"):
        contain(at.desk.kernel, hands, signal, technologies=["telepathy"])


def test_the_kill_switch_stops_outputs_at_once_even_of_permits_given_before() -> None:
    at = desk(known=(toy.TOY,))
    at.authorizations(toy.COUNT)
    permit = at.ask(toy.COUNT)
    assert kill_switch(at.kernel, at.people["board"], "toy") and not kill_switch(at.kernel, at.people["board"], "toy")
    with pytest.raises(Refused, match="suspended"):
        verbs.run(at.kernel, at.people["analyst"], permit)
    with pytest.raises(Refused, match="suspended"):
        at.ask(toy.COUNT)
    assert "SUSPENDED" in at.kinds() and "OPENED" not in at.kinds()[at.kinds().index("SUSPENDED") :]
    with pytest.raises(Refused):
        kill_switch(at.kernel, at.people["analyst"], "nothing")


def test_records_are_sealed_anew_and_the_old_key_opens_nothing(tmp_path: Path) -> None:
    with new_office(tmp_path / "office", name="Town") as office:
        custodian = office.enrol("one", name="One", unit="it", roles={Role.CUSTODIAN})
        old = hold(office.kernel, custodian, "interviews", b"what was said")
        assert seal_anew(office.kernel, custodian, "interviews") and not seal_anew(office.kernel, custodian, "other")
        (new,) = objects_of(office.kernel)
        assert new != old and plain(office.kernel.stores.vault, new) == b"what was said"
        intent = office.kernel.append("OPENED", object=old, dataset="interviews")
        with pytest.raises(OutOfOrder, match="destroyed"):
            office.kernel.stores.vault.open(old, intent=intent)
        assert rotate_keys(office.kernel, custodian) >= 1


def test_a_vault_in_memory_has_no_ring_to_rotate() -> None:
    at = desk()
    assert rotate_keys(at.kernel, at.people["custodian"]) == 0


@pytest.mark.parametrize("kind", SEEN)
def test_every_kind_has_its_measures_and_each_can_be_said(kind: str) -> None:
    at = desk()
    hands = Hands(custodian=at.people["custodian"], board=at.people["board"])
    signal = without_people(kind, started="a", ended="b")
    taken = contain(at.kernel, hands, signal)
    assert set(taken) <= set(MEASURES) and (taken or kind == "copy_lost")
    assert isinstance(signal, Report)
