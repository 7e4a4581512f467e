"""The step-up: a person proves, with their key over a fresh challenge, that it is they who are at the desk now.

Records that name a person are read, and anything is exported, only within five minutes of a step-up (the policy says
so). A challenge serves once; what is signed names the office and the act, so that no other signature passes for it.
"""

from __future__ import annotations

import secrets

from peelian.errors import Refused
from peelian.governance.acts import no
from peelian.governance.house import House
from peelian.governance.people import Operator, signature_holds

PREFIX = b"peelian step-up 1\n"
PASS = b"peelian log-on 1\n"


def challenge(house: House) -> bytes:
    """What has to be signed: bound to this office, never the same twice."""
    return PREFIX + house.public_key.encode() + b"\n" + secrets.token_hex(32).encode()


def pass_text(public_key: str, nonce: str, hashed: str, at: str) -> bytes:
    """What a person signs to come to the pages: this office, this run of them, a code nobody else saw, and when."""
    return PASS + "\n".join((public_key, nonce, hashed, at)).encode()


def prove(house: House, by: Operator) -> None:
    """Sign a fresh challenge with the operator's key; logged as PROVED. Refused where it is not the enrolled key."""
    asked = challenge(house)
    person = house.book.people.get(by.person.token)
    if person is None or not signature_holds(person.public_key, by.sign(asked).hex(), asked):
        raise Refused([no("the_step_up_is_fresh", "this is not the enrolled key", "use the key made at enrolment")])
    house.append("PROVED", by=person.token)
