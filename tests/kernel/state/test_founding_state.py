"""What takes two people to give, and when one alone may still found an office."""

from __future__ import annotations

from dataclasses import replace

import pytest

from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Person
from peelian.kernel.state.founding_state import APPROVERS, ENTRUSTED, MOST_FOUNDERS, PROPOSERS, Founding, takes_two

ANN = Person(
    token="a", name="Ann", unit="board", roles=frozenset({Role.BOARD}), public_key="k", trained_until="2027-01-01"
)
CLERK = replace(ANN, roles=frozenset({Role.CLERK}))


def test_whoever_approves_may_propose_and_takes_two() -> None:
    assert APPROVERS < PROPOSERS and APPROVERS < ENTRUSTED and Role.CUSTODIAN in ENTRUSTED


@pytest.mark.parametrize(
    ("was", "person", "two"),
    [
        (None, ANN, True),
        (None, CLERK, False),
        (ANN, replace(ANN, trained_until="2030-01-01"), False),
        (ANN, replace(ANN, roles=frozenset({Role.BOARD, Role.CLERK})), True),
        (replace(ANN, roles=frozenset({Role.BOARD, Role.CLERK})), ANN, False),
        (ANN, CLERK, False),
        (CLERK, ANN, True),
        (ANN, replace(ANN, unit="elsewhere"), True),
        (ANN, replace(ANN, name="Bob"), True),
        (ANN, replace(ANN, public_key="other"), True),
        (CLERK, replace(CLERK, unit="elsewhere"), False),
    ],
)
def test_more_oversight_or_another_overseer_takes_two(was: Person | None, person: Person, two: bool) -> None:
    assert takes_two(was, person) is two


def test_room_ends_with_a_pair_that_could_agree_and_stays_ended() -> None:
    founding, entry = Founding(), {"t": "2026-01-01T00:00:00.00Z", "by": "office"}
    for n, unit in enumerate(("IT", "it ", "i.t")):
        founding.joined(entry, None, replace(ANN, token=str(n), unit=unit))
    assert founding.has_room(ANN) and not founding.ended
    founding.joined(entry, None, replace(CLERK, unit="records"))
    assert founding.ended and not founding.has_room(ANN)
    founding.entrusted.clear()
    assert not founding.has_room(ANN)


def test_room_for_others_than_approvers_is_bounded() -> None:
    founding, entry = Founding(), {"t": "2026-01-01T00:00:00.00Z", "by": "office"}
    auditor = replace(ANN, roles=frozenset({Role.AUDITOR}))
    for n in range(MOST_FOUNDERS):
        assert founding.has_room(auditor)
        founding.joined(entry, None, replace(auditor, token=str(n)))
    assert not founding.has_room(auditor) and founding.has_room(ANN)
