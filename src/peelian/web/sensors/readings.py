"""The door for readings by HTTP POST: the sensor's own key, a small plain body that comes soon, an answer once kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import FastAPI, Request, Response

from peelian.web.identity.guards import Guard

Take = Callable[[str, str, bytes], str]
"""Sensor, its key and a message → "" once what it changed is kept, or why it was not taken."""

LOCAL = ("127.0.0.1", "localhost", "[::1]")
LARGEST = 65_536  # bytes of one message
PATIENCE = 10.0  # seconds in which a message must be there
NOT_ITS_KEY, KEY_REPLACED = "not this sensor's key", "this key was replaced: give the sensor its new one"
KINDS = frozenset(
    {
        "",
        "application/json",
        "application/ld+json",
        "application/xml",
        "application/atom+xml",
        "text/xml",
        "text/csv",
        "text/plain",
        "application/octet-stream",
    }
)
"""Content types that may be said; what a message is stands in the register, not in its header."""


def add_readings(app: FastAPI, take: Take, *, patience: float = PATIENCE) -> None:
    """`POST /readings/SENSOR`: 204 kept, 401 another's key, 408 too slow, 413 too large, 415 packed or no message."""

    @app.post("/readings/{sensor}", include_in_schema=False)
    async def readings(request: Request, sensor: str) -> Response:
        """A message of a sensor; 204 once what it changed is kept."""
        if unread := _not_read(request):
            return _said(*unread)
        try:
            body = await asyncio.wait_for(_body(request), patience)
        except TimeoutError:
            return _said("too slow", 408)
        if body is None:
            return _said("too large", 413)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        why = await asyncio.to_thread(take, sensor, key if scheme.lower() == "bearer" else "", body)
        if not why:
            return Response(status_code=204)
        return _said(why, 401 if why in (NOT_ITS_KEY, KEY_REPLACED) else 503)


def readings_app(take: Take) -> FastAPI:
    """The door alone, for a listener without pages; for a proxy on this machine."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, hosts=LOCAL)
    add_readings(app, take)
    return app


def _not_read(request: Request) -> tuple[str, int] | None:
    """Why a message is refused before its body is read, by what its header says of it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if kind not in KINDS or packed != "identity":
        return "a plain message, not packed, as JSON, CSV or XML", 415
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        return "no such length", 400
    return ("too large", 413) if int(length[:12]) > LARGEST else None


async def _body(request: Request) -> bytes | None:
    """The body, however it is cut into pieces; None as soon as it is too large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _said(why: str, status: int) -> Response:
    """A refusal; the connection ends, because what else comes over it was not read."""
    return Response(f"{why}\n", status_code=status, media_type="text/plain", headers={"connection": "close"})
