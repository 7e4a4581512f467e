"""The format of an office: a number in its settings, read before anything else is, and what to do about another one.

It says how everything in the folder and its databases is laid out. A program reads one format. It leaves an older or
newer office as it is and names the way out. Only `operations/upgrade` moves an office to this format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from peelian.errors import InputError, sentence

FORMAT, NEEDS = 1, "0.1.0"  # what this program reads and writes, and the first version that does
MOST = 9_999
UPGRADE = "`peelian machine upgrade`, which says with --check what it would do"
LAST_WORD = (
    "the program that made it. It exports the register: `register --language en --to FILE`. Then import the "
    "data into a new office"
)
"""What works with the program of every commit that made offices this program does not read."""


def stated_format(found: Mapping[str, Any]) -> int:
    """The format that settings state; 0 where they state none. InputError where it is no number of a format."""
    if "format" not in found:
        return 0
    number = found["format"]
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST:
        accepted = sentence("a whole number of 1 to %(most)d, as in the data backup of this office", most=MOST)
        raise InputError("the format of the office is not a number of a format", column="format", accepted=accepted)
    return number


def must_not_be_newer(found: Mapping[str, Any]) -> None:
    """InputError where a newer program made the office, with the version that reads it."""
    if (number := stated_format(found)) <= FORMAT:
        return
    says = sentence("made by a newer program (format %(n)d; this one reads format %(own)d)", n=number, own=FORMAT)
    needs = str(found.get("needs", ""))
    known = re.fullmatch(r"\d{1,4}(\.\d{1,4}){1,3}", needs, re.ASCII)
    accepted = sentence("peelian ≥ %(version)s", version=needs) if known else "the newest version of peelian"
    raise InputError(says, accepted=accepted)


def must_be_this_format(found: Mapping[str, Any], office: Path, place: Path | str) -> None:
    """InputError where the office, with its database at `place`, has another format than this program reads, and what
    to do then. Nothing is written."""
    must_not_be_newer(found)
    if (number := stated_format(found)) == FORMAT:
        return
    if number == 0:
        must_be_known(office, place)
    says = "this office has an older format (%(n)s; this program reads format %(own)d)"
    raise InputError(sentence(says, n=number or "no number", own=FORMAT), accepted=UPGRADE)


def must_be_known(office: Path, place: Path | str) -> None:
    """InputError where an office without a number is older than every format that can be upgraded. Nothing is written;
    of a database that cannot be looked at nothing is said here."""
    from peelian.storage.database import as_it_is

    if isinstance(place, Path) and not place.is_file():
        if not (office / "keys" / "store").is_dir():  # from before there was a database
            raise InputError("this office was made by an older format", accepted=LAST_WORD)
        return
    with closing(as_it_is(place, only_looks=True)) as database, database.reading() as connection:
        if not _is_known(connection):
            raise InputError("this office was made by an older format", accepted=LAST_WORD)


def _is_known(connection: Connection) -> bool:
    from peelian.storage.migrate import is_as_migrated, stated_version
    from peelian.storage.schema import OLDER

    at = stated_version(connection)
    return at != "" and (at not in OLDER or is_as_migrated(connection))
