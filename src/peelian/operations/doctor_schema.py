"""What `peelian doctor` says of the format of an office, and of the schema of its databases. It only looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from peelian.errors import InputError, PeelianError, sentence
from peelian.storage.database import as_it_is
from peelian.storage.key_store import FILE
from peelian.storage.office_settings import database_place, must_be_of_this_format, read_settings, settings_file
from peelian.storage.schema import KEY_METADATA, METADATA
from peelian.storage.schema_description import differences

REMEDY = "Find out who altered it, and restore that database from its backup."


def of_another_format(path: Path) -> list[tuple[str, str]]:
    """What is wrong with the format of the office, and the remedy; nothing where that is this program's, or where its
    settings cannot be read."""
    try:
        found = settings_file(path)
    except InputError:
        return []
    try:
        must_be_of_this_format(path, found)
    except InputError as error:
        return [(error.wrong, error.accepted)]
    except PeelianError as error:  # a database that does not answer
        return [(str(error), "Correct it, then run the doctor again.")]
    return []


def of_the_schema(path: Path) -> Iterator[tuple[str, str]]:
    """Each database whose tables, columns, indexes, views or triggers are not as declared, and the remedy. A database
    that cannot be looked at is not judged here: opening it says why. O(columns)."""
    try:
        settings = read_settings(path)
    except PeelianError:
        return
    places = {"database": (database_place(path, settings), METADATA)}
    if "registrar" not in settings:
        places["key store"] = (settings.get("keys_database") or path / "keys" / "store" / FILE, KEY_METADATA)
    for what, (place, metadata) in places.items():
        if isinstance(place, Path) and not place.is_file():
            continue
        try:
            with closing(as_it_is(place, only_looks=True)) as database, database.reading() as connection:
                unlike = differences(connection, metadata)
        except PeelianError:
            continue
        if unlike:
            says = "The schema of the %(what)s differs from the declared one: %(names)s."
            yield sentence(says, what=sentence(what), names=", ".join(unlike[:8])), REMEDY
