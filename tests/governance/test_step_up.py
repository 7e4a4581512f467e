"""A step-up is the log's own entry, signed with the enrolled key, and it holds for five minutes."""

from __future__ import annotations

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from desk import desk
from toy import TOY

from peelian.errors import OutOfOrder, Refused
from peelian.governance.acts import must_be_allowed
from peelian.governance.capability import Role
from peelian.governance.signed_entries import signer_of
from peelian.governance.step_up import prove

ROLES = frozenset({Role.CLERK})


def test_what_is_signed_names_the_office_the_act_and_the_time() -> None:
    town = desk((TOY,))
    house, clerk = town.house, town.people["clerk"]
    for _ in range(2):
        prove(house, clerk)
    first, second = [entry for _, entry in house.log.read() if entry["kind"] == "PROVED"][-2:]
    assert signer_of(house, first) == signer_of(house, second) == clerk.person
    assert first["signature"] != second["signature"]
    for altered in ({**first, "t": second["t"]}, {**first, "session": "s-1"}, {**first, "kind": "SUSPENDED"}):
        with pytest.raises(OutOfOrder):
            signer_of(house, altered)


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
