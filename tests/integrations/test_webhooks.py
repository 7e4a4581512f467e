"""The webhook: signed, repeated until it arrives, no redirect followed, never in the way, nothing personal in it."""

from __future__ import annotations

import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest
from floors import Town

from peelian.errors import InputError
from peelian.integrations.webhooks import TRIES, Webhook, body_of_hook
from peelian.kernel.model.alarms import Move, Post

SECRET = b"a secret of sixteen bytes"


class Receiver(http.server.BaseHTTPRequestHandler):
    answers: ClassVar[list[int]] = []
    got: ClassVar[list[tuple[str, bytes]]] = []
    keys: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.keys.append(self.headers["idempotency-key"])
        self.got.append((self.headers["peelian-signature"], body))
        self.send_response(self.answers.pop(0) if self.answers else 204)
        self.send_header("location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[str]:
    Receiver.answers, Receiver.got, Receiver.keys = [], [], []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()


class Clock:
    """A clock that goes on when somebody waits."""

    def __init__(self) -> None:
        self.now, self.waits = 0.0, list[float]()

    def __call__(self) -> float:
        return self.now


def told(hook: Webhook, clock: Clock, move: Move, times: int) -> bool:
    """Offer a step as an outlet does, again after each pause."""
    for _ in range(times):
        if hook.tell(7, move):
            return True
        clock.waits.append(hook._due - clock.now)
        clock.now = hook._due
    return False


def test_it_is_signed_over_time_and_body(receiver: str) -> None:
    (move,) = Town().signal()
    assert Webhook(receiver, SECRET).tell(7, move)
    ((signed, body),) = Receiver.got
    stamp, code = (part.partition("=")[2] for part in signed.split(","))
    assert hmac.compare_digest(code, hmac.new(SECRET, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest())
    assert json.loads(body) == body_of_hook(7, move) and "by" not in json.loads(body)


def test_it_is_repeated_until_it_arrives_under_one_key_and_follows_no_redirect(receiver: str) -> None:
    Receiver.answers = [500, 302, 429, 204]
    clock, (move,) = Clock(), Town().signal()
    hook = Webhook(receiver, SECRET, clock=clock)
    assert told(hook, clock, move, 4)
    assert hook.told == {"delivered": 1, "repeated": 3} and clock.waits == [1, 2, 4]
    assert Receiver.keys == [f'"{move.alarm}.7"'] * 4
    assert hook.tell(8, move) and Receiver.keys[-1] == f'"{move.alarm}.8"'


def test_within_its_pause_nothing_is_posted(receiver: str) -> None:
    Receiver.answers = [503]
    hook, move = Webhook(receiver, SECRET, clock=Clock()), Town().signal()[0]
    assert [hook.tell(7, move) for _ in range(50)] == [False] * 50 and len(Receiver.got) == 1


def test_a_step_that_is_refused_again_and_again_is_given_up_for_those_after_it(receiver: str) -> None:
    Receiver.answers = [400] * TRIES
    clock, move = Clock(), Town().signal()[0]
    hook = Webhook(receiver, SECRET, clock=clock)
    assert told(hook, clock, move, TRIES) and hook.told == {"repeated": TRIES, "given up": 1}
    assert hook.tell(8, move) and hook.told["delivered"] == 1


def test_where_nobody_answers_nothing_is_given_up() -> None:
    clock, move = Clock(), Town().signal()[0]
    hook = Webhook("http://127.0.0.1:9/hook", SECRET, clock=clock)
    assert not told(hook, clock, move, 3 * TRIES)
    assert hook.told == {"repeated": 3 * TRIES} and max(clock.waits) == 60


def test_a_silent_alarm_is_told_to_nobody(receiver: str) -> None:
    assert Webhook(receiver, SECRET).tell(7, Town(Post(watch="w-1", zones=9, silent=True)).signal()[0])
    assert Receiver.got == []


@pytest.mark.parametrize("url", ["http://town.example/hook", "ftp://127.0.0.1/", "file:///etc/passwd", "hook"])
def test_only_https_leaves_the_machine(url: str) -> None:
    with pytest.raises(InputError, match="HTTPS"):
        Webhook(url, SECRET)


def test_a_short_secret_is_none() -> None:
    with pytest.raises(InputError, match="secret"):
        Webhook("https://town.example/hook", b"short")
