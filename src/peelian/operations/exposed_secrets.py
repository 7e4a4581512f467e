"""Exposed secrets: which of the office's secrets a copy found outside holds, and which of them the office still uses.

Nobody ticks this off: each secret in the copy is compared with the office's own as it is now. While one is still used,
whoever has the copy can sign, link, open or log on with it, and the breach is not contained.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from peelian.errors import InputError, OutOfOrder
from peelian.operations.office import Office
from peelian.storage.key_store import RING
from peelian.storage.office_settings import SETTINGS
from peelian.storage.operator_keys import bare_key
from peelian.storage.protected_keys import is_protected, public_key_in

_KNOWN = {
    "log.pem": "log key",
    "log.next.pem": "log key",
    "token.key": "token key",
    "provenance.pem": "provenance key",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedSecret:
    """A secret in a found copy: its kind, its place in the copy, whether the office still uses it, and whether nothing
    but the permissions of its file protected it."""

    kind: str
    place: str
    in_use: bool
    bare: bool = True


def exposed_secrets(office: Office, copy: Path) -> tuple[ExposedSecret, ...]:
    """Every secret in the folder of a copy, which stays as it is; a key that cannot be read counts as still in use.

    InputError: there is no such folder, or no secret in it. OutOfOrder: the office is in memory.
    """
    if office.path is None:
        raise OutOfOrder("An office in memory has no key files.")
    if not copy.is_dir():
        raise InputError("no such folder", file=copy.name, accepted="the folder of the copy found")
    if copy.resolve() == office.path.resolve():
        raise InputError("this is the office itself", file=copy.name, accepted="the folder of the copy found")
    found = (*_keys(office, copy), *_addresses(office.path, copy), *_sessions(office, copy))
    if not found:
        raise InputError("no secret of an office in this folder", file=copy.name, accepted="a copy with its keys")
    return found


def _keys(office: Office, copy: Path) -> Iterator[ExposedSecret]:
    """Files of the key folder: `keys/` of the copy, or the copy itself where the key folder alone was taken."""
    folder = copy / "keys" if (copy / "keys").is_dir() else copy if (copy / "operators").is_dir() else None
    own = (office.path or Path()) / "keys"
    for file in sorted(folder.rglob("*")) if folder else ():
        place = file.relative_to(folder or copy)
        if not file.is_file() or (kind := _kind_of(place)) == "":
            continue
        content, bare = file.read_bytes(), True
        if kind == "signing key of a person":
            bare = not is_protected(content)
            in_use = _is_enrolled(office, content, file.name)
        else:
            in_use = any(content == one.read_bytes() for one in own.rglob("*") if one.is_file())
        yield ExposedSecret(kind=kind, place=f"keys/{place.as_posix()}", in_use=in_use, bare=bare)


def _kind_of(place: Path) -> str:
    """Of what kind a file of the key folder is; "" for what is no secret."""
    known = {
        "log.pem": "log key",
        "log.next.pem": "log key",
        "token.key": "token key",
        "provenance.pem": "provenance key",
    }
    if place.name in known and len(place.parts) == 1:
        return known[place.name]
    if RING in place.parts:
        return "key ring" if not place.name.endswith("lock") else ""
    if place.parts[0] == "operators":
        return "signing key of a person" if place.suffix == ".pem" else ""
    return "other key" if place.suffix in (".pem", ".key", ".secret", ".token") else ""


def _is_enrolled(office: Office, content: bytes, name: str) -> bool:
    """Whether what is signed with this key counts: its person is enrolled with it."""
    try:
        public = public_key_in(content, name) if is_protected(content) else _public(content, name)
    except InputError:
        return True
    return any(person.public_key == public for person in office.kernel.state.people.values())


def _public(content: bytes, name: str) -> str:
    return bare_key(content, name).public_key().public_bytes_raw().hex()


def _addresses(own: Path, copy: Path) -> Iterator[ExposedSecret]:
    there, here = (_settings(folder) for folder in (copy, own))
    for name in ("database", "keys_database"):
        if "@" in (address := str(there.get(name, ""))) or "password" in address:
            yield ExposedSecret(
                kind="address of a database", place=f"office.toml: {name}", in_use=address == str(here.get(name, ""))
            )


def _settings(folder: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _sessions(office: Office, copy: Path) -> Iterator[ExposedSecret]:
    """Sessions that were open when the database was copied, and still are."""
    if not (copy / "state" / "state.db").is_file():
        return
    size, seated = _size_in(copy), office.kernel.state.seated
    began = office.kernel.stores.log.read(kinds=["SESSION_BEGAN"])
    still = any(index < size and str(entry["session"]) in seated for index, entry in began)
    yield ExposedSecret(kind="open sessions", place="state/state.db", in_use=still)


def _size_in(copy: Path) -> int:
    """How long the log of the copy is at least; without a head, as long as it can be: every session is old then."""
    sizes: list[int] = []
    for file in (copy / "log" / "checkpoint", copy / "log.signed"):
        digits = (*(file.read_bytes() if file.is_file() else b"").split(b"\n"), b"", b"")[1]
        sizes += [int(digits)] if digits.isdigit() else []
    return max(sizes, default=1 << 60)
