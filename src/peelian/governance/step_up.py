"""The step-up: a person proves, with their key, that it is they who are at the desk now.

Records that name a person are read, and anything is exported, only within five minutes of a step-up (the policy says
so). At the terminal they sign the log's own entry: it names the office, the act and the time, and serves once.
"""

from __future__ import annotations

from peelian.errors import OutOfOrder, Refused
from peelian.governance.acts import no
from peelian.governance.house import House
from peelian.governance.people import Operator
from peelian.governance.signed_entries import signed_entry, signer_of

PASS = b"peelian log-on 1\n"


def pass_text(public_key: str, nonce: str, hashed: str, at: str) -> bytes:
    """What a person signs to come to the pages: this office, this run of them, a code nobody else saw, and when."""
    return PASS + "\n".join((public_key, nonce, hashed, at)).encode()


def prove(house: House, by: Operator) -> None:
    """Log that the operator proves who they are, signed with their key. Refused where it is not the enrolled one."""
    session = {"session": by.session} if by.session else {}
    with house.lock:
        entry = signed_entry(house, by, house.entry("PROVED", {"by": by.person.token, **session}))
        try:
            signer_of(house, entry)
        except OutOfOrder:
            says = "not the enrolled key"
            raise Refused([no("the_step_up_is_fresh", says, "Use the key made at enrolment.")]) from None
        house.take(entry)
