"""Webhooks: alarms to another system over HTTP, signed and repeated until they arrive."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from peelian.errors import InputError
from peelian.kernel.model.alarms import Move

TRIES = 8  # over about two minutes, where the receiver answers and does not take a step
LONGEST_PAUSE = 60.0  # seconds
HERE = ("127.0.0.1", "localhost", "::1")
NO_ANSWER = 0


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Webhook:
    """Posts each move as JSON: a sink of an outlet. `told` counts delivered, repeated and given up ones.

    The header Peelian-Signature holds `t=SECONDS,v1=HEX`: HMAC-SHA256 over "SECONDS.BODY" with the shared secret. The
    header Idempotency-Key (a draft of the IETF's HTTPAPI group) is the same whenever a step is told again. Where nobody
    answers it waits and tries again; a step that is answered with a refusal eight times is given up, so that those
    after it are told.
    """

    def __init__(self, url: str, secret: bytes, *, clock: Callable[[], float] = time.monotonic) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
            raise InputError("webhook address without HTTPS", column="url", accepted="https://…")
        if len(secret) < 16:
            raise InputError("webhook secret too short", column="secret", accepted="16 bytes or more")
        self.url, self.told = url, Counter[str]()
        self._secret, self._clock = secret, clock
        self._open = urllib.request.build_opener(_NoRedirects).open
        self._failing, self._misses, self._refusals, self._due = -1, 0, 0, 0.0

    def again(self, move: Move) -> None:
        """What was delivered before needs no remembering: the receiver knows a step by its entry."""

    def tell(self, entry: int, move: Move) -> bool:
        """Post a step once, unless its pause lasts: whether it arrived, or is given up. Ten seconds at most."""
        if move.kind == "silent":
            return True
        if entry != self._failing:
            self._failing, self._misses, self._refusals, self._due = entry, 0, 0, 0.0
        if self._clock() < self._due:
            return False
        status = self._posted(entry, move)
        if 200 <= status < 300:
            self.told["delivered"] += 1
            return True
        self.told["repeated"] += 1
        self._due = self._clock() + min(2.0**self._misses, LONGEST_PAUSE)
        self._misses += 1
        self._refusals += status != NO_ANSWER
        if self._refusals < TRIES:
            return False
        self.told["given up"] += 1
        return True

    def _posted(self, entry: int, move: Move) -> int:
        body = json.dumps(body_of_hook(entry, move), sort_keys=True).encode()
        headers = {
            "content-type": "application/json",
            "peelian-signature": signature(self._secret, body, time.time()),
            "idempotency-key": f'"{move.alarm}.{entry}"',
        }
        request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310 - the scheme was checked when it was made
        try:
            with self._open(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as answered:
            return answered.code
        except (urllib.error.URLError, OSError, ValueError):
            return NO_ANSWER


def signature(secret: bytes, body: bytes, seconds: float) -> str:
    """What the receiver checks: the time, so that an old message cannot be played again, and the code over both.

    >>> signature(b"k" * 16, b"{}", 1_000_000_000.9)[:15]
    't=1000000000,v1'
    """
    stamp = str(int(seconds))
    code = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={code}"


def body_of_hook(entry: int, move: Move) -> dict[str, Any]:
    """What leaves of a move: no person's token, no reason, no text. A step told twice has the same `entry`."""
    choices = {name: move.detail[name] for name in ("choice", "disposition", "until") if name in move.detail}
    return {
        **choices,
        "entry": entry,
        "alarm": move.alarm,
        "step": move.step,
        "state": str(move.state),
        "zone": move.zone,
        "type": move.type,
        "level": str(move.level),
        "exercise": move.kind == "exercise",
        "active": move.active,
        "at": move.at.isoformat(),
        "facts": dict(move.facts),
    }
