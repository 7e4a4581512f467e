"""The packing streams: any length goes through one piece of memory, and every file's digest is listed."""

from __future__ import annotations

import hashlib
import io
import zipfile

from peelian.technologies.footage.disclosure.declared import DISCLOSE
from peelian.technologies.footage.disclosure.package import PIECE, Packing, packed


def test_a_stream_is_packed_with_its_digest() -> None:
    out, content = io.BytesIO(), bytes(range(256)) * (PIECE // 128)
    with zipfile.ZipFile(out, "w") as file:
        packing = Packing(file)
        assert packing.stream("long", io.BytesIO(content)) == hashlib.sha256(content).hexdigest()
        packing.put("short", b"x")
    with zipfile.ZipFile(out) as file:
        assert file.read("long") == content and set(packing.digests) == {"long", "short"}


def test_without_an_office_nothing_is_signed() -> None:
    out, data = io.BytesIO(), DISCLOSE.arithmetic().example().datasets
    assert data["redacted"].stream is not None
    listed = packed(out, data["redacted"].stream, data, facts={"days": 1}, provenance=None)
    assert "office.pem" not in listed and "package.sig" not in zipfile.ZipFile(out).namelist()
