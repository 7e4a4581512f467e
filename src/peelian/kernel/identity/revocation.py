"""Revocation of access: close an account or end a session, logged first and effective at once."""

from __future__ import annotations

from peelian.errors import OutOfOrder
from peelian.kernel.identity.enrolment import must_not_be_the_last
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.policy.signed_entries import acted, shown
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel

FORGETTERS = frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER})
CLOSERS = frozenset({Role.CUSTODIAN, Role.COUNCIL, Role.PRIVACY_OFFICER, Role.BOARD})


@act
def retire(kernel: Kernel, by: Operator, person: str) -> bool:
    """Close the account with this token: nothing it signs counts any more. False where it was closed before.

    OutOfOrder: nobody closes their own account, so that the office is never left without a hand. Refused: nor does
    anybody close the last one that may approve what takes two people.
    """
    must_hold_role(kernel, by, CLOSERS, "the_closer_may_close")
    with kernel.lock:
        if person == by.person.token:
            raise OutOfOrder("You cannot close your own account. Ask someone else to close it.")
        if person not in kernel.state.people:
            return False
        must_not_be_the_last(kernel, person)
        acted(kernel, by, "RETIRED", person=person)
        return True


@act
def forget(kernel: Kernel, by: Operator, person: str) -> None:
    """Forget the name of somebody who has left: from now on they are a token everywhere, in every old case, too.

    OutOfOrder while they are enrolled: names of those who may act are known.
    """
    must_hold_role(kernel, by, FORGETTERS, "the_one_who_forgets_may_forget")
    with kernel.lock:
        if person in kernel.state.people:
            raise OutOfOrder("This person is still enrolled. Close their account first.")
        acted(kernel, by, "FORGOTTEN", person=person)
        kernel.stores.directory.forget(person)


@act
def end_session(kernel: Kernel, by: Operator, session: str) -> bool:
    """End a session: no record is shown in it any more. False where it was ended before."""
    must_hold_role(kernel, by, CLOSERS, "the_closer_may_close")
    with kernel.lock:
        if session in kernel.state.ended:
            return False
        shown(kernel, by, "SESSION_ENDED", session=session)
        return True
