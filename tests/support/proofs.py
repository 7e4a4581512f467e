"""Proofs of who is at the desk: an office in memory that takes passkeys, and what it says of a proof."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from desk import Desk, desk

from peelian.errors import PeelianError, Refused
from peelian.kernel.identity.session_binding import pass_of, the_proof_holds, the_session_may_begin
from peelian.kernel.identity.step_up import pass_text
from peelian.kernel.model.contexts import Authenticator
from peelian.kernel.model.people import Operator
from peelian.kernel.model.technology import Technology
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.policy.signed_entries import signed_entry
from peelian.kernel.state.kernel import Kernel

JUDGED = {"PROVED": the_proof_holds, "SESSION_BEGAN": the_session_may_begin}


@dataclasses.dataclass(frozen=True)
class Court:
    """An office at its desks, and what it says of entries that tell of sessions."""

    town: Desk

    def entry(self, kind: str, **fields: Any) -> dict[str, Any]:
        """An entry of now."""
        return dict(self.town.kernel.entry(kind, fields))

    def by(self, short: str, kind: str, **fields: Any) -> dict[str, Any]:
        """An entry of now that a person signed."""
        who = self.town.people[short]
        said = self.entry(kind, **{"by": who.person.token, **fields})
        return dict(signed_entry(self.town.kernel, who, said))

    def takes(self, entry: Mapping[str, Any]) -> None:
        """The entry may stand next in the log."""
        JUDGED[str(entry["kind"])](self.town.kernel, entry)

    def refuses(self, entry: Mapping[str, Any], match: str) -> None:
        """It may not, and in these words it is said."""
        with pytest.raises(PeelianError, match=match):
            self.takes(entry)


def court(known: tuple[Technology, ...] = (), *, authenticator: Authenticator | None = None) -> Court:
    """An office that takes what this authenticator signs."""
    town = desk(known)
    town.clock.now += timedelta(minutes=6)  # whoever agreed to the enrolments had stepped up
    named = dataclasses.replace(town.kernel.office, authenticator=authenticator)
    kernel = dataclasses.replace(town.kernel, office=named)
    return Court(town=dataclasses.replace(town, office=dataclasses.replace(town.office, kernel=kernel)))


def a_pass(kernel: Kernel, by: Operator) -> dict[str, str | int]:
    """What a person's key signs at the terminal for them to log on at the pages, made now."""
    nonce, code, at = secrets.token_hex(32), secrets.token_hex(32), kernel.now().isoformat()
    return pass_of(nonce, code, at, by.sign(pass_text(kernel.office.public_key, nonce, code, at)).hex())


def without(entry: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The entry without some of its fields."""
    return {key: value for key, value in entry.items() if key not in keys}


def away(by: Operator, session: str = "") -> Operator:
    """The same person, in a session or at no terminal of ours, whose key is elsewhere."""

    def sign(message: bytes) -> bytes:
        raise Refused([refusal("the_key_is_at_hand", "it is elsewhere", "sign there")])

    return Operator(person=by.person, sign=sign, session=session)
