"""Connections of the pages: each has a deadline, and no address, nor all together, can hold more than their share.

The server under the pages has a time-out only between requests. What it lacks is here: a request's head and its body
must be there in time, an answer must be read in time, and where an address holds too many connections the oldest
unfinished one ends. So whoever opens thousands of connections and sends nothing closes their own.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import h11
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from peelian.web.identity.attempts import network_of

FIRST_BYTES = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What visitors may hold of the pages: connections, requests at once, and seconds."""

    connections: int = 1_000
    connections_each: int = 64  # of one address; not of a proxy, behind which stand many
    requests_each: int = 32  # at once, of one address
    head_bytes: int = 32 << 10
    head_seconds: float = 10  # from the connection, or the answer before, to the end of a request's head
    body_seconds: float = 60  # from there to the end of its body
    reading_seconds: float = 60  # that an answer may wait until more of it is read


@dataclass(slots=True)
class Connections:
    """The open connections of one server, by network; those whose request is not all there, oldest first."""

    budget: Budget
    proxies: Collection[str] = ()
    held: Counter[str] = field(default_factory=Counter)
    unfinished: dict[str, dict[Any, None]] = field(default_factory=dict)  # network → connections
    oldest: dict[Any, None] = field(default_factory=dict)  # the same of all networks

    def came(self, one: BoundedProtocol) -> None:
        """Count a connection; the oldest unfinished one of its network, or of all, ends where there are too many."""
        self.held[one.network] += 1
        direct = one.client is None or one.client[0] not in self.proxies
        if direct and self.held[one.network] > self.budget.connections_each:
            next(iter(self.unfinished.get(one.network, ())), one).drop()
        elif self.held.total() > self.budget.connections:
            next(iter(self.oldest), one).drop()

    def waits(self, one: BoundedProtocol) -> None:
        """Its request is not all there."""
        self.unfinished.setdefault(one.network, {})[one] = None
        self.oldest[one] = None

    def works(self, one: BoundedProtocol) -> None:
        """Its request is being answered, or it is gone."""
        self.oldest.pop(one, None)
        if (own := self.unfinished.get(one.network)) is not None:
            own.pop(one, None)
            if not own:
                del self.unfinished[one.network]

    def went(self, one: BoundedProtocol) -> None:
        """Count it no longer."""
        self.works(one)
        self.held[one.network] -= 1
        if not self.held[one.network]:
            del self.held[one.network]


class BoundedProtocol(H11Protocol):
    """A connection that ends where its request, or the reading of its answer, takes too long."""

    def __init__(self, *given: Any, of: Connections, **named: Any) -> None:
        super().__init__(*given, **named)
        self.of, self.network, self.part, self.counted = of, "", "", False
        self.deadline: asyncio.TimerHandle | None = None
        self.stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Its head is awaited from now on."""
        super().connection_made(transport)
        self.network, self.counted = network_of(self.client[0] if self.client else ""), True
        self.of.came(self)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """It holds nothing any more."""
        super().connection_lost(exc)
        self._forget()

    def data_received(self, data: bytes) -> None:
        """More came: of the head, the body, or both to the end. More than one part never makes a deadline later."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """The next head is awaited."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """An answer waits until its reader takes more of it."""
        super().pause_writing()
        self.stalled = self.stalled or self.loop.call_later(self.of.budget.reading_seconds, self.drop)

    def resume_writing(self) -> None:
        """It does."""
        super().resume_writing()
        if self.stalled:
            self.stalled.cancel()
            self.stalled = None

    def drop(self) -> None:
        """End the connection at once; whatever works on its request learns that nobody is there."""
        self._forget()
        self.transport.abort()

    def _look(self) -> None:
        """Begin the deadline of the part that is awaited now, if it is another than before."""
        if not self.counted or self.transport.is_closing():
            return
        budget = self.of.budget
        part, seconds = {h11.IDLE: ("head", budget.head_seconds), h11.SEND_BODY: ("body", budget.body_seconds)}.get(
            self.conn.their_state, ("", 0.0)
        )
        if part == self.part:
            return
        if self.deadline:
            self.deadline.cancel()
        self.part, self.deadline = part, self.loop.call_later(seconds, self.drop) if part else None
        (self.of.waits if part else self.of.works)(self)

    def _forget(self) -> None:
        for timer in (self.deadline, self.stalled):
            if timer:
                timer.cancel()
        self.deadline = self.stalled = None
        if self.counted:
            self.counted = False
            self.of.went(self)


TOO_MANY = (  # in both languages: before a page is chosen, its language is unknown
    "Too many requests at once from this address. Wait a second, then try again.\n"
    "Trop de demandes à la fois depuis cette adresse. Attendez une seconde, puis réessayez.\n"
)


class RequestsAtOnce:
    """Answers an address that asks for too much at once with 429, before a page or a thread works on it."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self.app, self.most = app, most
        self.now: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        network = network_of(client[0] if client else "")
        if self.now[network] >= self.most:
            await PlainTextResponse(TOO_MANY, status_code=429, headers={"retry-after": "1"})(scope, receive, send)
            return
        self.now[network] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.now[network] -= 1
            if not self.now[network]:
                del self.now[network]


class BodyFirst:
    """Lets a request in once its body is there, or 64 KiB of it: no page and no thread waits for a slow sender."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = {name for name, _ in scope["headers"]} if scope["type"] == "http" else set()
        if not told & {b"content-length", b"transfer-encoding"}:
            await self.app(scope, receive, send)
            return
        taken, size, more = deque[Message](), 0, True
        while more and size < FIRST_BYTES:
            message = await receive()
            if message["type"] == "http.disconnect":
                return  # nobody is there to be answered
            taken.append(message)
            size += len(message.get("body", b""))
            more = message.get("more_body", False)

        async def again() -> Message:
            return taken.popleft() if taken else await receive()

        await self.app(scope, again, send)
