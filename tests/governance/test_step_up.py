"""A step-up is a signature over a fresh challenge by the enrolled key, and it holds for five minutes."""

from __future__ import annotations

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from desk import desk
from toy import TOY

from peelian.errors import Refused
from peelian.governance.acts import must_be_allowed
from peelian.governance.capability import Role
from peelian.governance.step_up import challenge, prove

ROLES = frozenset({Role.CLERK})


def test_no_two_challenges_are_the_same_and_each_names_the_office() -> None:
    town = desk((TOY,))
    asked = {challenge(town.house) for _ in range(100)}
    assert len(asked) == 100 and all(town.house.public_key.encode() in one for one in asked)


def test_it_opens_records_for_five_minutes_and_only_for_the_one_who_proved() -> None:
    town = desk((TOY,))
    clerk, house = town.people["clerk"], town.house
    for action in ("open_record", "export"):
        with pytest.raises(Refused, match="at the desk"):
            must_be_allowed(house, clerk, action, roles=ROLES, rule="the_reader_may_read")
    prove(house, town.people["analyst"])
    with pytest.raises(Refused):
        must_be_allowed(house, clerk, "open_record", roles=ROLES, rule="the_reader_may_read")
    prove(house, clerk)
    assert town.kinds()[-1] == "PROVED"
    must_be_allowed(house, clerk, "open_record", roles=ROLES, rule="the_reader_may_read")
    town.clock.days(5 / 24 / 60)
    with pytest.raises(Refused):
        must_be_allowed(house, clerk, "open_record", roles=ROLES, rule="the_reader_may_read")


def test_another_key_proves_nothing() -> None:
    town = desk((TOY,))
    before = town.kinds()
    borrowed = dataclasses.replace(town.people["clerk"], sign=Ed25519PrivateKey.generate().sign)
    with pytest.raises(Refused):
        prove(town.house, borrowed)
    assert town.kinds() == before
