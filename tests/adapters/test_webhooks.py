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
from broker import until
from floors import Town

from peelian.adapters.webhooks import MOST_WAITING, TRIES, Webhook, body_of_hook
from peelian.errors import InputError
from peelian.governance.alarms import Post

SECRET = b"a secret of sixteen bytes"


class Receiver(http.server.BaseHTTPRequestHandler):
    answers: ClassVar[list[int]] = []
    got: ClassVar[list[tuple[str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append((self.headers["peelian-signature"], body))
        self.send_response(self.answers.pop(0) if self.answers else 204)
        self.send_header("location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[str]:
    Receiver.answers, Receiver.got = [], []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()


def test_it_is_signed_over_time_and_body(receiver: str) -> None:
    hook = Webhook(receiver, SECRET)
    (move,) = Town().signal()
    hook.tell(7, move)
    hook.stop()
    ((signed, body),) = Receiver.got
    stamp, code = (part.partition("=")[2] for part in signed.split(","))
    assert hmac.compare_digest(code, hmac.new(SECRET, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest())
    assert json.loads(body) == body_of_hook(7, move) and "by" not in json.loads(body)


def test_it_is_repeated_until_it_arrives_and_follows_no_redirect(receiver: str) -> None:
    Receiver.answers = [500, 302, 429, 204]
    waits: list[float] = []
    hook = Webhook(receiver, SECRET, pause=waits.append)
    hook.tell(7, Town().signal()[0])
    hook.stop()
    assert hook.told == {"delivered": 1, "repeated": 3} and waits == [1, 2, 4]


def test_where_nobody_answers_it_gives_up_and_nothing_waited_for_it() -> None:
    hold = threading.Event()
    hook = Webhook("http://127.0.0.1:9/hook", SECRET, pause=lambda seconds: hold.wait(10) and None)
    move = Town().signal()[0]
    for _ in range(MOST_WAITING + 50):
        taken = hook.tell(7, move)
    assert not taken and hook.told["held back"] >= 49 and not hook.settled(), "told at once that the line is full"
    hold.set()
    assert until(lambda: hook.told["given up"] >= 1) and hook.told["repeated"] >= TRIES


def test_a_silent_alarm_is_told_to_nobody(receiver: str) -> None:
    hook = Webhook(receiver, SECRET)
    hook.tell(7, Town(Post(watch="w-1", zones=9, silent=True)).signal()[0])
    hook.stop()
    assert Receiver.got == []


@pytest.mark.parametrize("url", ["http://town.example/hook", "ftp://127.0.0.1/", "file:///etc/passwd", "hook"])
def test_only_https_leaves_the_machine(url: str) -> None:
    with pytest.raises(InputError, match="HTTPS"):
        Webhook(url, SECRET)


def test_a_short_secret_is_none() -> None:
    with pytest.raises(InputError, match="secret"):
        Webhook("https://town.example/hook", b"short")
