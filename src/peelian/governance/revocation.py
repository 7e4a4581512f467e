"""Taking access away at once: an account is closed, a session ended; both are logged first and hold from then on."""

from __future__ import annotations

from peelian.errors import OutOfOrder
from peelian.governance.acts import must_hold
from peelian.governance.capability import Role
from peelian.governance.enrolling import must_not_be_the_last
from peelian.governance.house import House
from peelian.governance.people import Operator
from peelian.governance.signed_entries import acted, shown

FORGETTERS = frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER})
CLOSERS = frozenset({Role.CUSTODIAN, Role.COUNCIL, Role.PRIVACY_OFFICER, Role.BOARD})


def retire(house: House, by: Operator, person: str) -> bool:
    """Close the account with this token: nothing it signs counts any more. False where it was closed before.

    OutOfOrder: nobody closes their own account, so that the office is never left without a hand. Refused: nor does
    anybody close the last one that may approve what takes two people.
    """
    must_hold(house, by, CLOSERS, "the_closer_may_close")
    with house.lock:
        if person == by.person.token:
            raise OutOfOrder("You cannot close your own account. Ask someone else to close it.")
        if person not in house.book.people:
            return False
        must_not_be_the_last(house, person)
        acted(house, by, "RETIRED", person=person)
        return True


def forget(house: House, by: Operator, person: str) -> None:
    """Forget the name of somebody who has left: from now on they are a token everywhere, in every old case, too.

    OutOfOrder while they are enrolled: names of those who may act are known.
    """
    must_hold(house, by, FORGETTERS, "the_one_who_forgets_may_forget")
    with house.lock:
        if person in house.book.people:
            raise OutOfOrder("This person is still enrolled. Close their account first.")
        acted(house, by, "FORGOTTEN", person=person)


def end_session(house: House, by: Operator, session: str) -> bool:
    """End a session: no record is shown in it any more. False where it was ended before."""
    must_hold(house, by, CLOSERS, "the_closer_may_close")
    with house.lock:
        if session in house.book.ended:
            return False
        shown(house, by, "SESSION_ENDED", session=session)
        return True
