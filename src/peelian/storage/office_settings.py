"""Office settings: format, name, log origin, witness and secret."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peelian.errors import InputError
from peelian.kernel.log.signed_note import read_key
from peelian.kernel.log.witness_protocol import Witness
from peelian.kernel.model.archive_partitions import checked_periods
from peelian.kernel.model.org_units import log_word
from peelian.storage.office_format import FORMAT, NEEDS, must_be_this_format, must_not_be_newer
from peelian.storage.private_files import in_plain_words, put_private, read_private

SETTINGS = "office.toml"
SECRET_BYTES = 32
NEEDED = ("name", "origin")
WITNESS = ("witness_key", "witness_url")
OPTIONAL = (*WITNESS, "registrar", "tokens", "database", "keys_database")
_KEEP = re.compile(r"keep_([a-z]+)_days")


def read_settings(office: Path, *, of_any_format: bool = False) -> dict[str, str]:
    """The settings of the office in a folder; InputError where it holds none, or damaged ones, and where the office has
    another format than this program reads, unless `of_any_format`."""
    found = settings_file(office)
    if of_any_format:
        must_not_be_newer(found)
    else:
        must_be_of_this_format(office, found)
    try:
        kept = [key for key in found if key in OPTIONAL or _KEEP.fullmatch(key)]
        return {key: str(found[key]) for key in (*NEEDED, *kept)}
    except KeyError:
        raise _damaged() from None


def must_be_of_this_format(office: Path, found: Mapping[str, Any]) -> None:
    """InputError where the office, whose settings file says this, has another format than this program reads, and what
    to do then. Nothing is written."""
    must_not_be_newer(found)
    if all(key in found for key in NEEDED):
        must_be_this_format(found, office, database_place(office, found))


def settings_file(office: Path) -> dict[str, Any]:
    """What the settings file says, its format with it; InputError where there is none, or a damaged one."""
    file = office / SETTINGS
    if not file.is_file():
        raise InputError(f"{office.name or office} is not an office", accepted="a folder made by `peelian office`")
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):  # also a number of thousands of digits
        raise _damaged() from None


def _damaged() -> InputError:
    accepted = "name and origin, unchanged; the data backup has the whole file"
    return InputError("the office's settings are damaged", file=SETTINGS, accepted=accepted)


def write_settings(office: Path, settings: Mapping[str, str]) -> None:
    """Put the settings in place, as this program's format, wholly or not at all. InputError where one holds what no
    line of text may."""
    if any(not value.isprintable() for value in settings.values()):
        raise InputError("a setting is not one line of text", accepted="printable text")
    lines = [f'format = {FORMAT}\nneeds = "{NEEDS}"\n']
    lines += [f'{key} = "{_quoted(value)}"\n' for key, value in settings.items()]
    with in_plain_words("the settings were not changed"):
        put_private(office / SETTINGS, "".join(lines).encode())


def witness_of(settings: Mapping[str, str]) -> Witness | None:
    """The witness that the office has chosen; InputError where its key line is none."""
    if not all(key in settings for key in WITNESS):
        return None
    return Witness(key=read_key(settings["witness_key"]), url=settings["witness_url"])


def witness_word(witness: Witness | None) -> str:
    """What the log says of the witness that was chosen: its name and its key's id, as one word; "" for none."""
    return f"{log_word(witness.key.name)}-{witness.key.id.hex()}" if witness else ""


def periods_of(settings: Mapping[str, str]) -> dict[str, int]:
    """For how many days each retention class of the archive is kept, by `keep_cases_days = 2557` and its like; what is
    not said keeps its default. InputError where a class or a time is none."""
    said = {found[1]: text for key, text in settings.items() if (found := _KEEP.fullmatch(key))}
    for name, text in said.items():
        if not re.fullmatch(r"\d{1,6}", text, re.ASCII):
            raise InputError(
                "not a number of days", file=SETTINGS, column=f"keep_{name}_days", accepted="a whole number"
            )
    return checked_periods({name: int(text) for name, text in said.items()})


def new_origin(name: str, sigsum_key: bytes | None = None) -> str:
    """A name for an office's log, never the same twice; with the log's public key, the one that sigsum gives a log."""
    if sigsum_key is not None:
        return f"sigsum.org/v1/tree/{hashlib.sha256(sigsum_key).hexdigest()}"
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "office"
    return f"peelian.invalid/{slug}-{secrets.token_hex(4)}"


def new_secret(file: Path) -> None:
    """32 bytes from the system's random source, which the tokens in the log are made with."""
    put_private(file, secrets.token_bytes(SECRET_BYTES))


def database_place(office: Path, settings: Mapping[str, Any]) -> Path | str:
    """Where the office's database is: a PostgreSQL address, or a file; of a divided office, that of its pages."""
    if "registrar" in settings:
        return office / "own" / "own.db"
    return str(settings.get("database") or "") or office / "state" / "state.db"


def secret_for(secret: bytes, use: str) -> bytes:
    """A key for one use, derived from the office's secret."""
    return hmac.digest(secret, f"peelian {use} 1".encode(), "sha256")


def read_secret(file: Path) -> bytes:
    """The secret; InputError where it is missing or not whole, or where others may read it."""
    try:
        secret = read_private(file)
    except FileNotFoundError:
        raise InputError(
            "key missing", accepted="the whole file from the key folder's own backup", file=file.name
        ) from None
    if len(secret) != SECRET_BYTES:  # with an empty one, anybody could make the tokens of the log
        raise InputError("key damaged", accepted="the whole file from the key folder's own backup", file=file.name)
    return secret


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
