"""Entry schema: what a log entry may hold, and the one spelling that is hashed and stored."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from peelian.errors import InputError
from peelian.kernel.model.ports import Entry
from peelian.measure.canonical import canonical, spelled

LONGEST_ENTRY = 65_535
LONGEST_VALUE = 200
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KIND = re.compile(r"[A-Z][A-Z_]{0,39}")
_VALUE = re.compile(r"[!#-\[\]-~]*")  # printable ASCII without blank, quote, backslash: no sentence, hardly a name
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\dZ", re.ASCII)
_LARGEST = 2**53 - 1  # the whole numbers every JSON reader keeps exactly (RFC 8259, section 6)


def time_text(moment: datetime) -> str:
    """UTC to 1/100 s, cut and not rounded, so that a time never lies ahead; InputError for a time without a zone.

    >>> time_text(datetime(2026, 11, 24, 15, 32, 1, 129_999, tzinfo=UTC))
    '2026-11-24T15:32:01.12Z'
    """
    if moment.tzinfo is None:
        raise InputError("log time without a time zone", accepted="a time with its zone")
    return f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:22]}Z"


def read_time(text: str) -> datetime:
    """The moment a time of the log names; InputError where it is none.

    >>> read_time("2026-11-24T15:32:01.12Z").microsecond
    120000
    """
    if _TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise InputError(_described("a log entry's t is", text), accepted="UTC to 1/100 s, as 2026-11-24T15:32:01.12Z")


def encode_entry(entry: Entry) -> bytes:
    """The canonical JSON of a valid entry, at most 65,535 bytes; InputError says which key is wrong and how.

    >>> encode_entry({"v": 1, "t": "2026-11-24T15:32:01.12Z", "kind": "ASKED", "case": "c1"})
    b'{"case":"c1","kind":"ASKED","t":"2026-11-24T15:32:01.12Z","v":1}'
    """
    if not isinstance(entry, Mapping) or not all(isinstance(key, str) for key in entry):
        raise InputError(f"a log entry is {type(entry).__name__}", accepted="a flat mapping of text and whole numbers")
    for key, value in entry.items():
        _the_key_is_a_word(key)
        _the_value_is_a_token_or_whole_number(key, value)
    _the_version_the_time_and_the_kind_are_there(entry)
    spelling = canonical(spelled(entry))
    if len(spelling) > LONGEST_ENTRY:
        raise InputError(f"a log entry of {len(spelling):,} bytes", accepted=f"at most {LONGEST_ENTRY:,}")
    return spelling


def decode_entry(spelling: bytes) -> Entry:
    """The entry whose canonical spelling this is; InputError for any other bytes, also for a second spelling."""
    try:
        entry = json.loads(spelling)
        same = isinstance(entry, dict) and encode_entry(entry) == spelling
    except (ValueError, RecursionError) as wrong:
        raise InputError(f"{len(spelling):,} bytes are not a log entry") from wrong
    if not same:
        raise InputError(f"{len(spelling):,} bytes are not the canonical form of a log entry")
    return dict(entry)


def known_entry(spelling: bytes) -> Entry:
    """The entry of a spelling whose hash was checked against a signed root: it was valid when it was written."""
    entry: Entry = msgspec.json.decode(spelling)
    return entry


def _the_key_is_a_word(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise InputError(
            _described("a key of a log entry is", key),
            accepted="a lower-case word of at most 40 letters, digits and underscores",
        )


def _the_value_is_a_token_or_whole_number(key: str, value: object) -> None:
    if isinstance(value, str):
        if len(value) <= LONGEST_VALUE and _VALUE.fullmatch(value):
            return
    elif isinstance(value, int) and not isinstance(value, bool) and -_LARGEST <= value <= _LARGEST:
        return
    raise InputError(
        _described(f"value of {key} in a log entry:", value),
        accepted=f"a token of at most {LONGEST_VALUE} printable ASCII characters without blanks, quotes and "
        "backslashes, or a whole number below 2^53; sentences and names belong in the archive",
    )


def _the_version_the_time_and_the_kind_are_there(entry: Entry) -> None:
    version, moment, kind = entry.get("v"), entry.get("t"), entry.get("kind")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError("log entry without version v", accepted="v, a whole number from 1 on")
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        raise InputError("log entry without kind", accepted="kind, an upper-case word of at most 40 letters")
    read_time(moment if isinstance(moment, str) else "")


def _described(what: str, value: object) -> str:
    """A value by its kind, never quoted: it might be a person's."""
    if isinstance(value, str):
        blanks = (
            ", with blanks, quotes, backslashes or characters outside printable ASCII"
            if not _VALUE.fullmatch(value)
            else ""
        )
        return f"{what} text of {len(value):,} characters{blanks}"
    return f"{what} of type {type(value).__name__}"
