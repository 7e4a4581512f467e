"""Names of people: known until they are forgotten, and then in no copy of the database."""

from __future__ import annotations

import pytest

from peelian.errors import IntegrityError
from peelian.kernel.model.ports import Named
from peelian.storage.database import Database
from peelian.storage.key_store import KeyStore
from peelian.storage.people_names import NameRows
from peelian.storage.schema import NAMES

JANE, AGAIN = Named(person="tok-1", name="Jane Doe", salt="s1"), Named(person="tok-1", name="Jane Roe", salt="s2")
JOE = Named(person="tok-2", name="Joe", salt="s3")


@pytest.fixture
def names(database: Database, keys: KeyStore) -> NameRows:
    return NameRows(database, keys)


def test_a_name_is_known_by_its_enrolment_and_lies_nowhere_in_the_clear(names: NameRows, database: Database) -> None:
    names.keep("d1", JANE)
    names.keep("d2", AGAIN)
    assert (names.known("d1"), names.known("d2"), names.known("d3")) == (JANE, AGAIN, None)
    with database.reading() as connection:
        assert b"Jane" not in b"".join(bytes(row.sealed) for row in connection.execute(NAMES.select()))


def test_a_forgotten_name_is_in_no_copy_and_others_stay(names: NameRows, database: Database) -> None:
    for digest, named in (("d1", JANE), ("d2", AGAIN), ("d3", JOE)):
        names.keep(digest, named)
    with database.reading() as connection:
        rows = [dict(row) for row in connection.execute(NAMES.select()).mappings()]
    assert names.forget("tok-1") == 2 and names.forget("tok-1") == 0
    with database.writing() as connection:  # an old dump
        connection.execute(NAMES.delete())
        connection.execute(NAMES.insert(), rows)
    assert names.known("d1") is None and names.known("d2") is None and names.known("d3") == JOE


def test_whoever_comes_back_has_a_name_again(names: NameRows) -> None:
    names.keep("d1", JANE)
    names.forget("tok-1")
    names.keep("d9", AGAIN)
    assert names.known("d9") == AGAIN and names.known("d1") is None


def test_a_name_that_was_moved_to_another_enrolment_is_refused(names: NameRows, database: Database) -> None:
    names.keep("d1", JANE)
    with database.writing() as connection:
        connection.execute(NAMES.update().values(digest="d2"))
    with pytest.raises(IntegrityError):
        names.known("d2")
