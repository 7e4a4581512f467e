"""Forms with files, taken in as they arrive, for pages without a script. Nothing of them is put on a disk as it is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Collection
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from peelian.errors import InputError, sentence
from peelian.operations.uploads import Upload
from peelian.web.auth_middleware import form_of, must_be_of_this_session

MOST_FIELD = 4096
MOST_TEXT = 9 << 20  # of a form whose files are texts: the largest file of a meter has 8 MiB
CARRIED = "form"  # the field that every form of a session has


class _Parts:
    """The parts of a form in order: short fields, of which the session's token comes first, then one file."""

    def __init__(self, request: Request, begin: Callable[[str], Upload]) -> None:
        self._request, self._begin = request, begin
        self._header, self._value, self._headers = b"", b"", {}  # type: ignore[var-annotated]
        self._field, self._held = "", b""
        self._checked = self.whole = False
        self.upload: Upload | None = None

    def callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_header_field": self._on_name,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_part,
            "on_part_data": self._on_data,
            "on_part_end": self._on_end,
            "on_end": self._on_whole,
        }

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _on_part(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._headers = {}
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            return
        if not self._checked or self.upload is not None:
            raise InputError("not this page's form", accepted="the page's own form, with one file")
        self.upload = self._begin(options[b"filename"].decode("utf-8", "replace"))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self.upload is not None and not self._field.startswith(CARRIED):
            self.upload.add(self.upload.taken, data[start:end])
            return
        self._held += data[start:end]
        if len(self._held) > MOST_FIELD:
            raise InputError("form too large", accepted="the page's own form, with one file")

    def _on_end(self) -> None:
        if self._field == CARRIED and self.upload is None:
            must_be_of_this_session(self._request, self._held.decode("latin-1"), {})
            self._checked = True
        self._held = b""

    def _on_whole(self) -> None:
        self.whole = True


async def file_of(request: Request, begin: Callable[[str], Upload]) -> Upload:
    """The file of a form, whole; `begin(name)` makes the upload it goes into.

    InputError for what is no such form, or has no file; Refused where it does not carry what this session's forms do.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 70:
        raise InputError("not this page's form", accepted="the page's own form, with one file")
    parts = _Parts(request, begin)
    callbacks: Any = parts.callbacks()
    parser = MultipartParser(boundary, callbacks)
    try:
        async for chunk in request.stream():
            await run_in_threadpool(parser.write, chunk)
        parser.finalize()
    except FormParserError:
        raise InputError("not this page's form", accepted="the page's own form, with one file") from None
    if not parts.whole:
        raise InputError("the file broke off on its way", accepted="the page's own form, with one file")
    if parts.upload is None or not parts.upload.taken:
        raise InputError("no file chosen", accepted="one file")
    parts.upload.finish()
    return parts.upload


class _InMemory(MultiPartParser):
    """A form whose files stay in memory: nothing of them reaches a disk."""

    spool_max_size = MOST_TEXT + 1


async def texts_of(request: Request, *, many: Collection[str] = (), binary: Collection[str] = ()) -> dict[str, str]:
    """The fields of a form with files as texts, the last of each name that is not empty; those in `many` joined by
    commas, files of those in `binary` in base 64. Nothing of it is kept for the page that asks for a session or a
    passphrase.

    InputError where it is too large, no form, or a file is no text; Refused where it does not carry what this
    session's forms do.
    """
    kind, _ = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        fields = await form_of(request, many=many)
        request.scope["state"].pop("sent", None)
        return fields
    read: dict[str, list[str]] = {}
    try:
        parser = _InMemory(request.headers, _counted(request), max_files=9, max_part_size=MOST_TEXT)
        for name, value in (await parser.parse()).multi_items():
            content = b"" if isinstance(value, str) else await value.read()
            if name in binary:
                text = b64encode(content).decode()
            else:
                text = value if isinstance(value, str) else content.decode("utf-8-sig")
            read.setdefault(name, []).extend([text] if text else [])
    except MultiPartException:
        raise InputError("not this page's form", accepted="the page's own form") from None
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8 text", accepted="a text file in UTF-8") from None
    must_be_of_this_session(request, "".join(read.pop(CARRIED, [])[-1:]), {})
    return {name: ",".join(texts) if name in many else "".join(texts[-1:]) for name, texts in read.items()}


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    taken = 0
    async for part in request.stream():
        taken += len(part)
        if taken > MOST_TEXT:
            raise InputError("form too large", accepted=sentence("at most %(n)d KiB", n=MOST_TEXT >> 10))
        yield part
