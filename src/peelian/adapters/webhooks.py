"""Alarms to another system over HTTP: signed, repeated until they arrive, and never in the way of an alarm."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from peelian.errors import InputError
from peelian.governance.alarms import Move

MOST_WAITING = 1_000
TRIES = 8  # over about four minutes
HERE = ("127.0.0.1", "localhost", "::1")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Webhook:
    """Posts each move as JSON: a sink of an outlet. `told` counts delivered, repeated, given up and held back ones.

    The header Peelian-Signature holds `t=SECONDS,v1=HEX`: HMAC-SHA256 over "SECONDS.BODY" with the shared secret.
    """

    def __init__(self, url: str, secret: bytes, *, pause: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
            raise InputError("a webhook is spoken to over HTTPS", column="url", accepted="https://…")
        if len(secret) < 16:
            raise InputError("the secret of a webhook is too short", column="secret", accepted="16 bytes or more")
        self.url, self.told = url, Counter[str]()
        self._secret, self._pause = secret, pause
        self._open = urllib.request.build_opener(_NoRedirects).open
        self._waiting: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._work, name="webhook", daemon=True)
        self._thread.start()

    def again(self, move: Move) -> None:
        """What was delivered before needs no remembering: the receiver knows a step by its entry."""

    def tell(self, entry: int, move: Move) -> bool:
        """Put a move in the line; returns at once. False where the line is full: tell it later."""
        if move.kind == "silent":
            return True
        try:
            self._waiting.put_nowait(json.dumps(body_of_hook(entry, move), sort_keys=True).encode())
        except queue.Full:
            self.told["held back"] += 1
            return False
        return True

    def settled(self) -> bool:
        """Whether nothing waits in the line: all was delivered, or given up."""
        return not self._waiting.unfinished_tasks

    def stop(self) -> None:
        """Deliver what waits, then stop; after ten seconds what still waits is left."""
        with suppress(queue.Full):
            self._waiting.put(None, timeout=10)
        self._thread.join(timeout=10)

    def _work(self) -> None:
        body: bytes | None = b""
        while body is not None:
            body = self._waiting.get()
            if body is not None:
                self._deliver(body)
            self._waiting.task_done()

    def _deliver(self, body: bytes) -> None:
        for nth in range(TRIES):
            if self._posted(body):
                self.told["delivered"] += 1
                return
            self.told["repeated"] += 1
            self._pause(min(2.0**nth, 60.0))
        self.told["given up"] += 1

    def _posted(self, body: bytes) -> bool:
        headers = {"content-type": "application/json", "peelian-signature": signature(self._secret, body, time.time())}
        request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310 - the scheme was checked when it was made
        try:
            with self._open(request, timeout=10) as answer:
                return bool(200 <= answer.status < 300)
        except (urllib.error.URLError, OSError, ValueError):
            return False


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
