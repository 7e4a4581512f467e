"""Known things: a damaged one is told to whoever asks for it, and hides nothing else."""

from __future__ import annotations

import pytest

from peelian.errors import DiskFull, IntegrityError, Objection, OfficeShut
from peelian.kernel.state.known import Known, unless_damaged

FAULT = IntegrityError("it was altered", of="document d")


def known() -> Known[int]:
    made: Known[int] = Known()
    made.put("a", 1)
    made.put("b", 2)
    made.damaged("b", FAULT)
    return made


def test_a_damaged_one_is_there_and_cannot_be_had() -> None:
    found = known()
    assert list(found) == ["a", "b"] and len(found) == 2 and "b" in found and found.keys() == {"a", "b"}
    for ask in (lambda: found["b"], lambda: found.get("b"), lambda: dict(found)):
        with pytest.raises(IntegrityError, match="it was altered"):
            ask()
    assert found.get("a") == 1 and found.get("c") is None and found.readable("b") is None


def test_those_that_are_gone_through_are_whole() -> None:
    found = known()
    assert found.copy() == {"a": 1} and list(found.values()) == [1] and list(found.items()) == [("a", 1)]


def test_what_is_put_anew_or_dropped_is_damaged_no_more() -> None:
    found = known()
    found.put("b", 3)
    assert found["b"] == 3 and not found.faults
    again = known()
    assert again.drop("b") is None and again.drop("a") == 1 and len(again) == 0


def test_a_damaged_one_that_moves_stays_damaged() -> None:
    found, there = known(), Known[int]()
    found.moves("a", there)
    found.moves("b", there)
    assert len(found) == 0 and there["a"] == 1 and list(there.faults) == ["b"]


@pytest.mark.parametrize("fault", [OfficeShut("head"), DiskFull("full"), Objection("rewritten")])
def test_what_shuts_the_office_is_not_kept_to_one_thing(fault: IntegrityError) -> None:
    with pytest.raises(type(fault)):
        known().damaged("a", fault)
    with pytest.raises(type(fault)):
        unless_damaged(lambda one: None, lambda: raised(fault), 0)


def raised(fault: IntegrityError) -> int:
    raise fault


def test_a_page_that_shows_other_things_too_goes_on_and_the_fault_is_noticed() -> None:
    met: list[IntegrityError] = []
    assert unless_damaged(met.append, lambda: raised(FAULT), 7) == 7 and met == [FAULT]
    assert unless_damaged(met.append, lambda: 8, 7) == 8 and len(met) == 1
