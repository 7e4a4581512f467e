"""Access tokens: a person lends a program a session of theirs, in one of their roles and until a date.

A token is the secret of a session, and its log entry is that of a session. What is done with it is judged and logged
as at the pages: by the one role it was made for, with a step-up of its own where one is due.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_be_allowed
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel

LENT, MOST_DAYS = "token", 90


@act
def token_made(kernel: Kernel, by: Operator, session: str, *, role: Role, until: str) -> None:
    """Log that a person lends a program the new session `session`, in one role and until a time of the log.

    Refused without a fresh step-up, or where they do not hold the role. OutOfOrder: a token makes no other. InputError:
    an end that is not within 90 days.
    """
    with kernel.lock:
        must_be_allowed(kernel, by, "open_record", roles=frozenset({role}), rule="the_person_may_enter")
        state = kernel.state
        if not by.session or state.bound(by.session):
            raise OutOfOrder("A token is made at the pages, in a session of your own.")
        if session in state.seated or session in state.ended:
            raise OutOfOrder("This session name was already used.")
        if not timedelta() < datetime.fromisoformat(until) - kernel.now() <= timedelta(days=MOST_DAYS):
            raise InputError("not a number of days", accepted="1 to 90")
        told = {"by": by.person.token, "seat": by.session, "role": str(role), "until": until}
        kernel.append("SESSION_BEGAN", session=session, how=LENT, **told)
