"""What stands before every page: the host is checked, every answer carries the security headers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Content-Security-Policy of every answer: own style sheet, own images, no inline anything, no framing."""

MAP_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data: blob:; script-src 'self'; worker-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""The same of a map page, of its script and of the script's worker: they fetch the map's data from here."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # ours only: without it a form of ours would not say where it comes from
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """Refuses requests to a host we are not (DNS rebinding), and adds the headers to whatever is answered."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], policy: str = POLICY) -> None:
        self.app, self.hosts = app, frozenset(hosts)
        self.headers = HEADERS | {"content-security-policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else ""
        if scope["type"] == "http" and host_name(host) not in self.hosts:
            wrong = PlainTextResponse("This is not the address of these pages.\n", status_code=421)
            await wrong(scope, receive, guarded)
        else:
            if scope.get("method") == "HEAD":
                scope = {**scope, "method": "GET"}  # the server itself leaves the body of such an answer out
            await self.app(scope, receive, guarded)


class ErrorHandler:
    """Answers every error that comes up to it, so that no message of an unforeseen one reaches a page or a log."""

    def __init__(self, app: ASGIApp, *, answer: Callable[[Request, Exception], Response]) -> None:
        self.app, self.answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except Exception as error:
            if begun:
                raise RuntimeError(f"an answer broke off ({type(error).__name__})") from None
            await self.answer(Request(scope), error)(scope, receive, send)


def shown_by(looking: Callable[[], AbstractContextManager[None]]) -> type[APIRoute]:
    """Routes whose pages are made within `looking` where they only show something.

    What such a route's function takes is read when it is first asked for (or described): to read all of them costs
    more than most pages do, and each is found by its path alone.
    """

    class Shown(APIRoute):
        def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
            shows = not iscoroutinefunction(endpoint) and set(more.get("methods") or {"GET"}) == {"GET"}
            self._declared = path, _within(looking, endpoint) if shows else endpoint, more
            self.path, self.endpoint = self._declared[:2]
            self.name = more.get("name") or endpoint.__name__
            self.methods = {method.upper() for method in more.get("methods") or {"GET"}}
            self.include_in_schema = more.get("include_in_schema", True)
            self.path_regex, self.path_format, self.param_convertors = compile_path(path)

        def __getattr__(self, name: str) -> Any:  # met where something is not there yet
            if "_declared" not in self.__dict__ or "app" in self.__dict__:
                raise AttributeError(name)
            path, endpoint, more = self._declared
            super().__init__(path, endpoint, **more)
            return getattr(self, name)

    return Shown


def _within(looking: Callable[[], AbstractContextManager[None]], endpoint: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(endpoint)
    def shown(*given: Any, **named: Any) -> Any:
        with looking():
            return endpoint(*given, **named)

    return shown


def host_name(host: str) -> str:
    """The name in a Host header, without its port.

    >>> host_name("127.0.0.1:8181"), host_name("[::1]:8181"), host_name("Town.example")
    ('127.0.0.1', '[::1]', 'town.example')
    """
    name = host.lower()
    if name.startswith("["):
        return name[: name.find("]") + 1]
    return name.partition(":")[0]
