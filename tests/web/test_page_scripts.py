"""Scripts from the registry: only what was locked is fetched, kept or served."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import runpy
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from authentication import at_pages
from desk import desk

from peelian.errors import InputError
from peelian.web.app import make_app
from peelian.web.maps.scripts import locked_scripts

ROOT = Path(__file__).resolve().parents[2]
FETCH: Callable[..., list[str]] = runpy.run_path(str(ROOT / "tools" / "fetch_scripts.py"))["fetch"]
SCRIPT = b"export const answer = 42\n"


def archive(members: dict[str, bytes], link: str = "") -> bytes:
    """A registry's archive of these files, and a symbolic link to the machine's accounts."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, content in members.items():
            one = tarfile.TarInfo(name)
            one.size = len(content)
            tar.addfile(one, io.BytesIO(content))
        if link:
            one = tarfile.TarInfo(link)
            one.type, one.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(one)
    return made.getvalue()


def locked(web: Path, content: bytes, inside: str = "package/a.mjs", wanted: bytes = SCRIPT) -> Path:
    """A folder whose lock names one file of one archive."""
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"
    files = {"a.mjs": {"in": inside, "sha256": hashlib.sha256(wanted).hexdigest()}}
    package = {"name": "a", "version": "1", "tarball": "https://registry.npmjs.org/a/-/a-1.tgz"}
    lock = {"packages": [{**package, "integrity": integrity, "files": files}]}
    (web / "scripts.lock.json").write_text(json.dumps(lock), encoding="utf-8")
    return web


def test_what_was_locked_is_fetched_once_and_served(tmp_path: Path) -> None:
    content = archive({"package/a.mjs": SCRIPT, "package/b.mjs": b"unasked"})
    web = locked(tmp_path, content)
    asked: list[str] = []

    def read(address: str) -> bytes:
        asked.append(address)
        return content

    assert FETCH(web, read) == ["a.mjs"] and FETCH(web, read) == []
    assert asked == ["https://registry.npmjs.org/a/-/a-1.tgz"]
    assert [file.name for file in (web / "static" / "vendor").iterdir()] == ["a.mjs"], "nothing that was not locked"
    assert locked_scripts(web)["a.mjs"].content == SCRIPT


def test_another_archive_than_the_locked_one_is_refused(tmp_path: Path) -> None:
    web = locked(tmp_path, archive({"package/a.mjs": SCRIPT}))
    with pytest.raises(SystemExit, match="not the archive that was locked"):
        FETCH(web, lambda address: archive({"package/a.mjs": b"evil"}))
    assert not (web / "static").exists()


@pytest.mark.parametrize("members", [{"package/a.mjs": b"evil"}, {}])
def test_another_file_or_a_link_in_the_archive_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    content = archive(members, link="" if members else "package/a.mjs")
    with pytest.raises(SystemExit, match="not the file that was locked"):
        FETCH(locked(tmp_path, content), lambda address: content)
    assert not (tmp_path / "static").exists()


def test_only_the_registry_is_asked(tmp_path: Path) -> None:
    web = locked(tmp_path, archive({"package/a.mjs": SCRIPT}))
    lock = (web / "scripts.lock.json").read_text(encoding="utf-8")
    (web / "scripts.lock.json").write_text(lock.replace("registry.npmjs.org", "registry.npmjs.org.example"))
    with pytest.raises(SystemExit, match="not an address of"):
        FETCH(web)


def test_a_missing_and_an_altered_script_are_told_with_the_remedy(tmp_path: Path) -> None:
    web = locked(tmp_path, b"")
    with pytest.raises(InputError, match=r"a\.mjs is missing.*fetch_scripts"):
        locked_scripts(web)
    (web / "static" / "vendor").mkdir(parents=True)
    (web / "static" / "vendor" / "a.mjs").write_bytes(SCRIPT + b"x")
    with pytest.raises(InputError, match=r"a\.mjs was altered.*fetch_scripts"):
        locked_scripts(web)


def test_this_copy_s_own_scripts_are_there() -> None:
    try:
        assert set(locked_scripts()) >= {"maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css", "pmtiles.js"}
    except InputError as error:
        pytest.fail(f"{error}\nThe scripts of the map page were not fetched: python {ROOT}/tools/fetch_scripts.py")


def test_scripts_are_served_compressed_and_nothing_beside_them() -> None:
    client: Any = at_pages(make_app(desk().office))
    got = client.get("/static/vendor/maplibre-gl-worker.mjs", headers={"accept-encoding": "gzip"})
    assert got.headers["content-encoding"] == "gzip" and got.headers["content-type"].startswith("text/javascript")
    assert "worker-src 'self'" in got.headers["content-security-policy"]
    plain = client.get("/static/vendor/maplibre-gl-worker.mjs", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.content == got.content
    for name in ("..%2fpeelian.css", "../map.css", "scripts.lock.json", "maplibre-gl.mjs.map", "%00", "a" * 3000):
        assert client.get(f"/static/vendor/{name}").status_code == 404 or "/vendor/" not in str(
            client.get(f"/static/vendor/{name}").url
        )


def test_a_page_s_script_is_small_enough_for_its_bar() -> None:
    scripts = locked_scripts()
    sent = sum(len(gzip.compress(scripts[name].content)) for name in scripts if not name.endswith(".txt"))
    assert sent < 600_000
