"""Login codes: a key at the terminal signs a pass; a short code, valid once, opens the pages with it.

The pages, while they are served, keep a challenge in the folder. `peelian log-on` signs it together with the digest of
a code it makes and shows to its person only. Whoever types the code at the pages has the pass looked up by that digest;
it is taken away before it is looked at, so that it never serves twice.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.identity.step_up import pass_text
from peelian.storage.office_settings import read_settings
from peelian.storage.operator_keys import load_key
from peelian.storage.private_files import in_plain_words, private_folder, put_private, read_private

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none looks like another
LENGTH, LASTS = 8, timedelta(minutes=2)
_SHORT = re.compile(r"[a-z][a-z0-9-]{1,39}")
_LIKE = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What a person left for the pages: their short name, when, the digest of the code, and their signature."""

    short: str
    at: str
    hashed: str
    signature: str  # hexadecimal, over `pass_text`


class Passes(Protocol):
    """Where passes are left and taken."""

    nonce: str

    def leave(self, short: str, key: Ed25519PrivateKey) -> str:
        """Leave a pass; returns the code that takes it."""
        ...

    def take(self, code: str, now: datetime) -> Pass | None:
        """The pass of a code, never to be had again; None where there is none, or it is older than two minutes."""
        ...

    def close(self) -> None:
        """No pass is left or taken any more."""
        ...


class MemoryPasses:
    """Passes of an office in memory."""

    def __init__(self, public_key: str, now: Callable[[], datetime]) -> None:
        self.public_key, self.nonce, self.now = public_key, secrets.token_hex(32), now
        self._left: dict[str, Pass] = {}

    def leave(self, short: str, key: Ed25519PrivateKey) -> str:
        """Leave a pass; returns its code."""
        code, made = _made(short, key, (self.public_key, self.nonce), self.now())
        self._left[made.hashed] = made
        return code

    def take(self, code: str, now: datetime) -> Pass | None:
        """The pass of a code, once."""
        return _in_time(self._left.pop(_hashed(self.nonce, code), None), now)

    def close(self) -> None:
        """Forget all."""
        self._left.clear()


class FilePasses:
    """Passes in a private folder, while the pages are served."""

    def __init__(self, folder: Path, public_key: str) -> None:
        self.folder, self.nonce = private_folder(folder), secrets.token_hex(32)
        for old in folder.glob("*.pass"):
            old.unlink(missing_ok=True)
        put_private(folder / "challenge", json.dumps({"office": public_key, "nonce": self.nonce}).encode())

    def leave(self, short: str, key: Ed25519PrivateKey) -> str:
        """Leave a pass; returns its code."""
        return leave_pass(self.folder, short, key)

    def take(self, code: str, now: datetime) -> Pass | None:
        """The pass of a code, once; what is older than it may be is removed."""
        self._sweep()
        file = self.folder / f"{_hashed(self.nonce, code)}.pass"
        taken = file.with_suffix(f".{secrets.token_hex(4)}.taken")
        try:
            file.rename(taken)  # of two who know the code, one has it
            content = read_private(taken)
        except (FileNotFoundError, InputError):
            return None
        finally:
            taken.unlink(missing_ok=True)
        try:
            made = Pass(**json.loads(content))
            return _in_time(made, now) if all(isinstance(part, str) for part in asdict(made).values()) else None
        except (TypeError, ValueError):
            return None

    def close(self) -> None:
        """Take the challenge away: nobody signs one that nobody will ask for."""
        (self.folder / "challenge").unlink(missing_ok=True)

    def _sweep(self) -> None:
        for file in self.folder.glob("*.pass"):
            with suppress(FileNotFoundError):
                if datetime.fromtimestamp(file.stat().st_mtime, UTC) < datetime.now(UTC) - 2 * LASTS:
                    file.unlink()


def pass_at(office: Path, short: str) -> str:
    """Sign the challenge of an office's pages with an operator's key; the code that takes the pass, for two minutes.

    The office is not opened: its pages, which are being served, have it open. OutOfOrder: no pages are served.
    """
    if not _SHORT.fullmatch(short):
        raise InputError("not a short name", accepted="2 to 40 small letters, digits and dashes")
    read_settings(office)
    return leave_pass(office / "desk", short, load_key(office / "keys" / "operators" / f"{short}.pem"))


def leave_pass(folder: Path, short: str, key: Ed25519PrivateKey) -> str:
    """Sign the challenge in the folder and leave the pass beside it; returns the code. OutOfOrder: nobody serves."""
    try:
        told = json.loads(read_private(folder / "challenge"))
        asked = (str(told["office"]), str(told["nonce"]))
    except FileNotFoundError:
        raise OutOfOrder("The pages of this office are not being served. Start them with `peelian serve`") from None
    except (ValueError, KeyError, TypeError):
        raise InputError("the challenge of the pages is damaged", accepted="`peelian serve` started again") from None
    code, made = _made(short, key, asked, datetime.now(UTC))
    with in_plain_words("no code was made"):
        put_private(folder / f"{made.hashed}.pass", json.dumps(asdict(made)).encode())
    return code


def _made(short: str, key: Ed25519PrivateKey, asked: tuple[str, str], now: datetime) -> tuple[str, Pass]:
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    office, nonce = asked
    hashed, at = _hashed(nonce, code), now.isoformat()
    signature = key.sign(pass_text(office, nonce, hashed, at)).hex()
    return f"{code[:4]}-{code[4:]}", Pass(short=short, at=at, hashed=hashed, signature=signature)


def _hashed(nonce: str, code: str) -> str:
    plain = "".join(letter for letter in code.upper().translate(_LIKE) if letter in LETTERS)
    return hmac.digest(nonce.encode(), plain.encode(), "sha256").hex()


def _in_time(made: Pass | None, now: datetime) -> Pass | None:
    try:
        fresh = made is not None and timedelta(0) <= now - datetime.fromisoformat(made.at) <= LASTS
    except (ValueError, TypeError):
        return None
    return made if fresh else None
