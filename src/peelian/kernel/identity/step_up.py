"""Step-up: a person confirms their identity with their key, valid for five minutes.

Records that name a person are read, and anything is exported, only within five minutes of a step-up (the policy says
so). At the terminal they sign the log's own entry: it names the office, the act and the time, and serves once.
"""

from __future__ import annotations

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.policy.signed_entries import signed_entry, signer_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel

PASS = b"peelian log-on 1\n"


def pass_text(public_key: str, nonce: str, hashed: str, at: str) -> bytes:
    """What a person signs to come to the pages: this office, this run of them, a code nobody else saw, and when."""
    return PASS + "\n".join((public_key, nonce, hashed, at)).encode()


@act
def prove(kernel: Kernel, by: Operator) -> None:
    """Log that the operator proves who they are, signed with their key. Refused where it is not the enrolled one."""
    session = {"session": by.session} if by.session else {}
    with kernel.lock:
        entry = signed_entry(kernel, by, kernel.entry("PROVED", {"by": by.person.token, **session}))
        try:
            signer_of(kernel, entry)
        except OutOfOrder:
            says = "not the enrolled key"
            raise Refused([refusal("the_step_up_is_fresh", says, "Use the key made at enrolment.")]) from None
        kernel.take(entry)
