"""Exposed secrets: which of the office's secrets a copy found outside holds, and which of them the office still uses.

Nobody ticks this off: each secret in the copy is compared with the office's own as it is now. While one is still used,
whoever has the copy can sign, link, open or log on with it, and the breach is not contained. An incident keeps their
names and fingerprints, never a secret.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.operations.working_key import working_keys
from peelian.oversight.breach.incident import amend
from peelian.oversight.breach.incident_entry import Incident
from peelian.oversight.breach.taken_secrets import (
    ADDRESS,
    LOG,
    LONGEST_PLACE,
    OTHER,
    PERSON,
    PROVENANCE,
    RING,
    SESSIONS,
    TOKENS,
    WORKING,
    sessions_open_of,
)
from peelian.storage.key_store import RING as RING_FOLDER
from peelian.storage.office_settings import SETTINGS
from peelian.storage.operator_keys import bare_key
from peelian.storage.protected_keys import is_protected, public_key_in
from peelian.storage.working_keys import FILES, mark_of

_KNOWN = {"log.pem": LOG, "log.next.pem": LOG, "token.key": TOKENS, "provenance.pem": PROVENANCE}
_KNOWN |= {"provenance.next.pem": PROVENANCE}
_OF_WORKING = "%s: working key"  # the key for tokens is the first of these


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedSecret:
    """A secret in a found copy: its kind, its place in the copy, its fingerprint ("" where it has none that tells
    nothing of it), whether the office still uses it, and whether nothing but the permissions of its file protected
    it. `size`: how long the log was when it was looked for."""

    kind: str
    place: str
    in_use: bool
    mark: str = ""
    bare: bool = True
    size: int = 0


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
    size = office.kernel.stores.log.size()  # first: what is replaced meanwhile counts as replaced afterwards
    found = (*_keys(office, copy, size), *_addresses(office.path, copy), *_sessions(office, copy))
    if not found:
        raise InputError("no secret of an office in this folder", file=copy.name, accepted="a copy with its keys")
    return found


def note_exposed(office: Office, by: Operator, id: str, found: Iterable[ExposedSecret]) -> Incident:
    """Have an incident name the secrets found in what was taken; errors as for `amend`."""
    told = [{name: value for name, value in asdict(one).items() if name != "bare"} for one in found]
    return amend(office.kernel, by, id, step="secrets", changes={"secrets": told})


def _keys(office: Office, copy: Path, size: int) -> Iterator[ExposedSecret]:
    """Files of the key folder: `keys/` of the copy, or the copy itself where the key folder alone was taken."""
    folder = copy / "keys" if (copy / "keys").is_dir() else copy if (copy / "operators").is_dir() else None
    own = (office.path or Path()) / "keys"
    for file in sorted(folder.rglob("*")) if folder else ():
        place = file.relative_to(folder or copy)
        if not file.is_file() or (kind := _kind_of(place)) == "":
            continue
        content, bare, mark = file.read_bytes(), True, _mark(file, kind)
        named = f"keys/{place.as_posix()}"[:LONGEST_PLACE]
        if kind in (TOKENS, WORKING):
            is_present, what = mark_of(content) == working_keys(office).mark(), mark_of(content)
            as_working = named if kind == WORKING else _OF_WORKING % named
            yield ExposedSecret(kind=WORKING, place=as_working, in_use=is_present, mark=what, size=size)
        if kind == WORKING:
            continue
        if kind == PERSON:
            bare = not is_protected(content)
            in_use = not mark or mark in _of_people(office)
        else:
            in_use = any(content == one.read_bytes() for one in own.rglob("*") if one.is_file())
        yield ExposedSecret(kind=kind, place=named, in_use=in_use, mark=mark, bare=bare, size=size)


def _kind_of(place: Path) -> str:
    """Of what kind a file of the key folder is; "" for what is no secret."""
    if place.name in _KNOWN and len(place.parts) == 1:
        return _KNOWN[place.name]
    if RING_FOLDER in place.parts:
        return RING if not place.name.endswith("lock") else ""
    if place.parts[0] in ("operators", "operators.next"):
        return PERSON if place.suffix == ".pem" else ""
    if len(place.parts) == 1 and place.match(FILES):
        return WORKING
    return OTHER if place.suffix in (".pem", ".key", ".secret", ".token") else ""


def _mark(file: Path, kind: str) -> str:
    """The fingerprint of a key that was drawn by chance, from which nobody finds the key: of a pair its public half;
    "" where the pair cannot be read, and for what a person may have chosen."""
    content = file.read_bytes()
    if kind in (LOG, PROVENANCE, PERSON):
        try:
            return public_key_in(content, file.name) if is_protected(content) else _public(content, file.name)
        except InputError:
            return ""
    return mark_of(content) if kind in (TOKENS, RING) else ""


def _of_people(office: Office) -> set[str]:
    """The public keys of people: those enrolled, and those that wait for a renewal."""
    waiting = office.people_keys.next_keys().values() if office.people_keys else ()
    return {*waiting, *(one.public_key for one in office.kernel.state.people.values())}


def _public(content: bytes, name: str) -> str:
    return bare_key(content, name).public_key().public_bytes_raw().hex()


def _addresses(own: Path, copy: Path) -> Iterator[ExposedSecret]:
    there, here = (_settings(folder) for folder in (copy, own))
    for name in ("database", "keys_database"):
        if "@" in (address := str(there.get(name, ""))) or "password" in address:
            in_use = address == str(here.get(name, ""))
            yield ExposedSecret(kind=ADDRESS, place=f"office.toml: {name}", in_use=in_use)


def _settings(folder: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _sessions(office: Office, copy: Path) -> Iterator[ExposedSecret]:
    """Sessions and access tokens that were open when the database was copied, and still are."""
    if (copy / "state" / "state.db").is_file():
        size = min(_size_in(copy), office.kernel.stores.log.size())
        still = sessions_open_of(office.kernel, size)
        yield ExposedSecret(kind=SESSIONS, place="state/state.db", in_use=still, mark=str(size))


def _size_in(copy: Path) -> int:
    """How long the log of the copy is at least; without a head, as long as it can be: every session is old then."""
    sizes: list[int] = []
    for file in (copy / "log" / "checkpoint", copy / "log.signed"):
        digits = (*(file.read_bytes() if file.is_file() else b"").split(b"\n"), b"", b"")[1]
        sizes += [int(digits)] if digits.isdigit() else []
    return max(sizes, default=1 << 60)
