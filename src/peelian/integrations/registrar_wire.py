"""Registrar wire: calls and errors as JSON text over a WebSocket on a Unix socket, bytes as a message of their own.

    question  {"op": word, …} or {"act": name, "arguments": {…}}   and its bytes, where "bytes" says so
    answer    {"ok": …} or {"error": class, …};  before it, for each signature an act needs: {"sign": hex, "as": name}

Arguments and results are read by the types that the verb itself declares (msgspec), so that nothing but those values
comes in. Nothing is ever unpickled, and nothing in a message names code or a path: an act is looked up by its name.
"""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec

from peelian.errors import InputError, PeelianError
from peelian.kernel.model.people import Operator

MOST_TEXT = 1 << 20
MOST_BYTES = (64 << 20) + (64 << 10)  # the largest document of the archive, sealed


class Gone(PeelianError):
    """The other side went away, or said what nobody expected."""


class Connection(typing.Protocol):
    """What both sides of a WebSocket have."""

    def send(self, message: str | bytes) -> None: ...

    def recv(self, timeout: float | None = None) -> str | bytes: ...


def send_message(connection: Connection, head: Mapping[str, Any], body: bytes = b"") -> None:
    """Send a message, and its bytes after it; InputError where it is larger than either side reads."""
    text = json.dumps({**head, "bytes": True} if body else head)
    if len(text) > MOST_TEXT or len(body) > MOST_BYTES:
        raise InputError("message too large", accepted=f"up to {MOST_TEXT:,} bytes of text, {MOST_BYTES:,} of data")
    connection.send(text)
    if body:
        connection.send(body)


def hear(
    connection: Connection, timeout: float | None = None, *, rest: float | None = None
) -> tuple[dict[str, Any], bytes]:
    """The next message with its bytes; Gone for anything else than both sides say. `rest`: seconds that the bytes may
    take once the message is there, where that is not the same."""
    text = connection.recv(timeout)
    try:
        if not isinstance(text, str) or len(text) > MOST_TEXT:
            raise ValueError
        head = json.loads(text)
        if not isinstance(head, dict):
            raise ValueError
    except (ValueError, RecursionError):
        raise Gone("what was said is no message of a registrar") from None
    if not head.get("bytes"):
        return head, b""
    body = connection.recv(timeout if rest is None else rest)
    if not isinstance(body, bytes):
        raise Gone("what was said is no message of a registrar")
    return head, body


def given(verb: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an act as plain values; of whoever acts, who they are and in which session."""
    return {name: _plain_of(value) for name, value in arguments.items()}


def taken(
    verb: Callable[..., Any], arguments: Mapping[str, Any], operator: Callable[[str, str, str], Operator]
) -> dict[str, Any]:
    """The arguments of an act as its verb takes them; InputError for any other. `operator(person, session, name)`
    is who acts, by the name of the argument."""
    types = _types(verb)
    if not isinstance(arguments, dict) or not set(arguments) <= set(types):
        raise InputError("not the arguments of this act", accepted=", ".join(sorted(types)))
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if types[name] in (Operator, Operator | None):
            found[name] = None if value is None else operator(str(value["person"]), str(value["session"]), name)
        else:
            found[name] = _read(value, types[name], name)
    return found


def result(verb: Callable[..., Any], value: Any) -> Any:
    """What an act returned, as the other side sent it, in the type that its verb declares."""
    return _read(value, _hints(verb).get("return", None), "result")


def plainly(value: Any) -> Any:
    """What an act returns, as plain values."""
    return msgspec.to_builtins(value, enc_hook=_told)


def _plain_of(value: Any) -> Any:
    if isinstance(value, Operator):
        return {"person": value.person.token, "session": value.session}
    return plainly(value)


def _told(value: object) -> str:
    """A sentence of ours is said in English: it is of a kind of its own."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(type(value).__name__)


def _read(value: Any, kind: Any, name: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        raise InputError(
            "not a value of this act", column=name, accepted=getattr(kind, "__name__", str(kind))
        ) from None


@cache
def _hints(verb: Callable[..., Any]) -> Mapping[str, Any]:
    return typing.get_type_hints(verb, include_extras=True)


@cache
def _types(verb: Callable[..., Any]) -> Mapping[str, Any]:
    """The type of every argument of an act or a question but the first, which whoever answers gives."""
    hints = _hints(verb)
    return {name: hints[name] for name in list(inspect.signature(verb).parameters)[1:]}
