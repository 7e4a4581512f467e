"""Login codes: a key at the terminal signs a pass; a short code, valid once, opens the pages with it.

The pages keep a challenge in the office's database. `peelian log-on` signs it together with the digest of a code it
makes and shows to its person only. Whoever types the code at the pages has the pass looked up by that digest; it is
taken away before it is looked at, so that it never serves twice.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import OutOfOrder
from peelian.kernel.identity.step_up import pass_text
from peelian.kernel.model.ports import Tickets
from peelian.storage.database import open_database
from peelian.storage.office_settings import database_place, read_settings
from peelian.storage.schema import METADATA
from peelian.storage.tickets import TicketRows

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none looks like another
LENGTH, LASTS = 8, timedelta(minutes=2)
TICKET, CHALLENGE, SERVING = "pass", "log-on challenge", "serving"
_LIKE = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What a person left for the pages: their short name, when, the digest of the code, and their signature."""

    short: str
    at: str
    hashed: str
    signature: str  # hexadecimal, over `pass_text`


class Passes:
    """Passes that wait for their code, for every process that serves the pages. `nonce` is the office's challenge."""

    def __init__(self, tickets: Tickets, public_key: str, now: Callable[[], datetime]) -> None:
        self._tickets, self.public_key, self.now = tickets, public_key, now
        if tickets.get(CHALLENGE, public_key) is None:
            tickets.put(CHALLENGE, public_key, secrets.token_hex(32), now())

    @property
    def nonce(self) -> str:
        """What passes are made for, besides the office: the same until the pages are set up anew."""
        return str(self._tickets.get(CHALLENGE, self.public_key))

    def leave(self, short: str, key: Ed25519PrivateKey) -> str:
        """Leave a pass; returns its code."""
        code, now = "".join(secrets.choice(LETTERS) for _ in range(LENGTH)), self.now()
        hashed, at = _hashed(self.nonce, code), now.isoformat()
        signature = key.sign(pass_text(self.public_key, self.nonce, hashed, at)).hex()
        made = Pass(short=short, at=at, hashed=hashed, signature=signature)
        self._tickets.forget(TICKET, now - 2 * LASTS)
        self._tickets.put(TICKET, hashed, json.dumps(asdict(made)), now)
        return f"{code[:4]}-{code[4:]}"

    def take(self, code: str, now: datetime) -> Pass | None:
        """The pass of a code, never to be had again; None where there is none, or it is older than two minutes."""
        left = self._tickets.take(TICKET, _hashed(self.nonce, code))
        try:
            made = Pass(**json.loads(left or "{}"))
            fresh = timedelta(0) <= now - datetime.fromisoformat(made.at) <= LASTS
        except (TypeError, ValueError):  # there is none, or it is none
            return None
        return made if fresh else None


def leave_pass(office: Path, short: str, key: Ed25519PrivateKey) -> str:
    """Sign the challenge of an office's pages with an operator's key; the code that takes the pass, for two minutes.

    OutOfOrder: no pages are served.
    """
    settings = read_settings(office)
    database = open_database(database_place(office, settings), METADATA)
    try:
        with database.alone(SERVING, wait=False) as nobody:
            served = [held for held, _ in TicketRows(database).all(CHALLENGE)]
        if nobody or not served:
            raise OutOfOrder("The pages of this office are not being served. Start them with `peelian serve`")
        return Passes(TicketRows(database), served[-1], lambda: datetime.now(UTC)).leave(short, key)
    finally:
        database.close()


def _hashed(nonce: str, code: str) -> str:
    plain = "".join(letter for letter in code.upper().translate(_LIKE) if letter in LETTERS)
    return hmac.digest(nonce.encode(), plain.encode(), "sha256").hex()
