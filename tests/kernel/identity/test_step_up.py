"""A step-up is the log's own entry, signed with the enrolled key, and it holds for five minutes."""

from __future__ import annotations

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from desk import desk
from toy import TOY

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.policy.authorize import must_be_allowed
from peelian.kernel.policy.signed_entries import signer_of

ROLES = frozenset({Role.CLERK})


def test_what_is_signed_names_the_office_the_act_and_the_time() -> None:
    town = desk((TOY,))
    kernel, clerk = town.kernel, town.people["clerk"]
    for _ in range(2):
        prove(kernel, clerk)
    first, second = [entry for _, entry in kernel.stores.log.read() if entry["kind"] == "PROVED"][-2:]
    assert signer_of(kernel, first) == signer_of(kernel, second) == clerk.person
    assert first["signature"] != second["signature"]
    for altered in ({**first, "t": second["t"]}, {**first, "session": "s-1"}, {**first, "kind": "SUSPENDED"}):
        with pytest.raises(OutOfOrder):
            signer_of(kernel, altered)


def test_it_opens_records_for_five_minutes_and_only_for_the_one_who_proved() -> None:
    town = desk((TOY,))
    clerk, kernel = town.people["clerk"], town.kernel
    for action in ("open_record", "export"):
        with pytest.raises(Refused, match="Identity not confirmed"):
            must_be_allowed(kernel, clerk, action, roles=ROLES, rule="the_reader_may_read")
    prove(kernel, town.people["analyst"])
    with pytest.raises(Refused):
        must_be_allowed(kernel, clerk, "open_record", roles=ROLES, rule="the_reader_may_read")
    prove(kernel, clerk)
    assert town.kinds()[-1] == "PROVED"
    must_be_allowed(kernel, clerk, "open_record", roles=ROLES, rule="the_reader_may_read")
    town.clock.days(5 / 24 / 60)
    with pytest.raises(Refused):
        must_be_allowed(kernel, clerk, "open_record", roles=ROLES, rule="the_reader_may_read")


def test_another_key_proves_nothing() -> None:
    town = desk((TOY,))
    before = town.kinds()
    borrowed = dataclasses.replace(town.people["clerk"], sign=Ed25519PrivateKey.generate().sign)
    with pytest.raises(Refused):
        prove(town.kernel, borrowed)
    assert town.kinds() == before
