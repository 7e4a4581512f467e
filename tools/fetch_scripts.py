#!/usr/bin/env python3
"""Fetch the map page's scripts from the npm registry, as locked in src/peelian/web/scripts.lock.json.

Only the standard library is needed. Every archive must have the locked SHA-512 and every file the locked SHA-256;
what is there already and intact is not fetched again.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import sys
import tarfile
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

WEB = Path(__file__).resolve().parents[1] / "src" / "peelian" / "web"
REGISTRY = "https://registry.npmjs.org/"
MOST_BYTES = 32 << 20  # of an archive, and of a file in it
TRIES = 3


def fetch(web: Path = WEB, read: Callable[[str], bytes] | None = None) -> list[str]:
    """Put the locked files into `web/static/vendor`; returns the names of those that were fetched.

    SystemExit where an archive or a file is not what was locked: nothing of it is kept then.
    """
    folder, fetched = web / "static" / "vendor", []
    for package in json.loads((web / "scripts.lock.json").read_text(encoding="utf-8"))["packages"]:
        files: Mapping[str, Mapping[str, str]] = package["files"]
        if all(_intact(folder / name, of["sha256"]) for name, of in files.items()):
            continue
        for name, content in _unpacked(package, (read or _read)(package["tarball"])).items():
            folder.mkdir(parents=True, exist_ok=True)
            unfinished = folder / f".{name}.{os.getpid()}"
            unfinished.write_bytes(content)
            os.replace(unfinished, folder / name)
            fetched.append(name)
    return fetched


def _intact(file: Path, digest: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest


def _read(address: str) -> bytes:
    """An archive from the registry; SystemExit where it cannot be had."""
    if not address.startswith(REGISTRY):
        raise SystemExit(f"fetch_scripts: not an address of {REGISTRY}: {address}")
    for left in reversed(range(TRIES)):
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 (https, checked above)
                return bytes(answer.read(MOST_BYTES + 1))
        except OSError as error:
            if not left:
                raise SystemExit(f"fetch_scripts: {address} cannot be read ({error}).") from None
    raise AssertionError


def _unpacked(package: Mapping[str, Any], archive: bytes) -> dict[str, bytes]:
    """The locked files of an archive, by the names they get here. Nothing is unpacked to a path the archive names."""
    wanted = f"sha512-{base64.b64encode(hashlib.sha512(archive).digest()).decode()}"
    if wanted != package["integrity"]:
        raise SystemExit(f"fetch_scripts: {package['tarball']} is not the archive that was locked.")
    made = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for name, of in package["files"].items():
            member = tar.getmember(of["in"])
            content = tar.extractfile(member) if member.isfile() and member.size <= MOST_BYTES else None
            made[name] = content.read() if content else b""
            if hashlib.sha256(made[name]).hexdigest() != of["sha256"]:
                raise SystemExit(f"fetch_scripts: {of['in']} of {package['name']} is not the file that was locked.")
    return made


if __name__ == "__main__":
    names = fetch()
    sys.stdout.write(f"fetched: {', '.join(names)}\n" if names else "")
