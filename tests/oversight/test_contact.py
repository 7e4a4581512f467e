"""The public contact: a signed, logged record; the newest counts; nothing that is no contact is kept."""

from __future__ import annotations

import pytest
from desk import desk

from peelian.errors import InputError, Refused
from peelian.oversight.transparency.contact import Contact, contact_of, state_contact


def test_the_newest_contact_counts_and_is_in_the_log() -> None:
    town = desk()
    assert contact_of(town.kernel) is None
    state_contact(town.kernel, town.people["custodian"], Contact(email="a@town.example"))
    state_contact(town.kernel, town.people["clerk"], Contact(postal=" 1 Main St ", telephone="+1 416 555-0199"))
    assert contact_of(town.kernel) == Contact(postal="1 Main St", telephone="+1 416 555-0199")
    assert town.kinds().count("CONTACT_STATED") == 2
    with pytest.raises(Refused):
        state_contact(town.kernel, town.people["analyst"], Contact(email="a@town.example"))


@pytest.mark.parametrize(
    "wrong",
    [
        Contact(),
        Contact(email="javascript:alert(1)"),
        Contact(email="a@b.example?bcc=x@y.example"),
        Contact(postal="1 Main St\n2"),
        Contact(postal="x" * 201),
        Contact(telephone="call us"),
    ],
)
def test_what_is_no_contact_is_refused(wrong: Contact) -> None:
    town = desk()
    with pytest.raises(InputError):
        state_contact(town.kernel, town.people["custodian"], wrong)
    assert contact_of(town.kernel) is None
