"""The map page's scripts from the npm registry: checked against the lock, and served compressed."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePath

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.errors import InputError, sentence
from peelian.web.identity.guards import MAP_POLICY
from peelian.web.pages import digest_of

MOST_PACKED = 8 << 20
LOCK = "scripts.lock.json"
MEDIA = {".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css", ".txt": "text/plain"}
REMEDY = "Run: python tools/fetch_scripts.py (from the source), or reinstall Peelian."


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One locked file: what it holds, what kind it is, and its address, which changes with its content."""

    content: bytes
    media: str
    address: str


@cache
def locked_scripts(web: Traversable | None = None) -> Mapping[str, Script]:
    """The locked files by name; InputError, with the remedy, where one is missing or altered. O(bytes), once."""
    web = web or resources.files("peelian.web")
    made: dict[str, Script] = {}
    for package in json.loads((web / LOCK).read_text(encoding="utf-8"))["packages"]:
        for name, of in package["files"].items():
            file = web / "static" / "vendor" / name
            if not file.is_file():
                raise InputError(sentence("The map's script %(name)s is missing", name=name), accepted=REMEDY)
            content = file.read_bytes()
            if hashlib.sha256(content).hexdigest() != of["sha256"]:
                raise InputError(sentence("The map's script %(name)s was altered", name=name), accepted=REMEDY)
            media = f"{MEDIA[PurePath(name).suffix]}; charset=utf-8"
            made[name] = Script(content=content, media=media, address=f"/static/vendor/{name}?{digest_of(content)}")
    return made


def add_locked_scripts(app: FastAPI, kept: Mapping[str, str]) -> None:
    """Serves them with the headers `kept`; 404 for any other name, and for all where one is missing or altered."""

    @app.get("/static/vendor/{name}", include_in_schema=False)
    def vendored(request: Request, name: str) -> Response:
        try:
            found = locked_scripts().get(name)
        except InputError:
            found = None
        if found is None:
            raise HTTPException(404)
        return packed(request, found.content, found.media, {**kept, "content-security-policy": MAP_POLICY})


def packed(request: Request, content: bytes, media: str, headers: Mapping[str, str]) -> Response:
    """An answer compressed where the browser takes that. Only for content that echoes nothing of the request.

    What is too large to be compressed while somebody waits goes as it is.
    """
    headers = {**headers, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", "") and (made := compressed(content)):
        content, headers = made, {**headers, "content-encoding": "gzip"}
    return Response(content, media_type=media, headers=headers)


def compressed(content: bytes) -> bytes | None:
    """The content as gzip, kept for whoever asks next; None of what is too large. O(bytes), once."""
    return _gzip(content) if len(content) <= MOST_PACKED else None


@lru_cache(maxsize=24)
def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)
