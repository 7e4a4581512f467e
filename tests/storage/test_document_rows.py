"""Sealed documents: found by digest, bound to their partition, gone with its key, and never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.kernel.model.ports import Leaf
from peelian.storage.database import Database
from peelian.storage.document_rows import MOST_BYTES, DocumentRows
from peelian.storage.key_store import KeyStore
from peelian.storage.schema import DOCUMENTS, KEYS

DIGEST, TEXT = "ab" * 32, b"Jane Doe, 1 Main Street" * 9


@pytest.fixture
def archive(database: Database, keys: KeyStore) -> DocumentRows:
    return DocumentRows(database, keys)


def test_a_document_comes_back_and_lies_nowhere_in_the_clear(archive: DocumentRows, tmp_path: Path) -> None:
    archive.put(DIGEST, TEXT, partition="cases.2026q1")
    archive.put(DIGEST, TEXT, partition="cases.2026q1")
    assert archive.get(DIGEST) == TEXT and archive.partitions() == {"cases.2026q1": frozenset({DIGEST})}
    found = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Jane" not in found and b"Main" not in found
    archive.put("cd" * 32, b"")
    assert archive.get("cd" * 32) == b"" and "office" in archive.partitions()


def test_several_are_kept_together_or_not_at_all(archive: DocumentRows, database: Database) -> None:
    archive.put(DIGEST, TEXT)
    archive.put("ef" * 32, TEXT)
    leaves = [
        Leaf(digest="cd" * 32, document=b"new"),
        Leaf(digest="ef" * 32, document=TEXT),
        Leaf(digest=DIGEST, document=b"another"),
    ]
    with database:  # also where the act goes on
        with pytest.raises(OutOfOrder, match="never overwrites"):
            archive.put_all(leaves)
        archive.put("01" * 32, TEXT)
    assert archive.several([leaf.digest for leaf in leaves]) == {DIGEST: TEXT, "ef" * 32: TEXT}
    assert archive.get("01" * 32) == TEXT
    with pytest.raises(InputError, match="up to"):
        archive.put(DIGEST, bytes(MOST_BYTES + 1))


def test_beside_an_altered_one_none_is_kept(archive: DocumentRows, database: Database) -> None:
    archive.put(DIGEST, TEXT)
    with database.writing() as connection:
        connection.execute(DOCUMENTS.update().values(sealed=b"altered"))
    with database, pytest.raises(IntegrityError, match="altered, cut or swapped"):
        archive.put_all([Leaf(digest="cd" * 32, document=b"new"), Leaf(digest=DIGEST, document=TEXT)])
    assert archive.several(["cd" * 32]) == {}


def test_a_document_goes_with_its_act(archive: DocumentRows, database: Database) -> None:
    with pytest.raises(IntegrityError), database:
        archive.put(DIGEST, TEXT)
        with database.writing() as connection:
            connection.execute(DOCUMENTS.insert(), [{"digest": "x", "partition": "y", "sealed": b""}] * 2)
    with pytest.raises(InputError, match="no document"):
        archive.get(DIGEST)


def test_several_come_back_without_those_that_are_gone(archive: DocumentRows) -> None:
    archive.put(DIGEST, TEXT, partition="cases.2026q1")
    archive.put("cd" * 32, TEXT, partition="cases.2026q1")
    archive.put("cd" * 32, TEXT, partition="register.2026q1")  # carried over
    assert archive.several([DIGEST, "cd" * 32, "ef" * 32]) == {DIGEST: TEXT, "cd" * 32: TEXT}
    archive.destroy_partition("cases.2026q1")
    assert archive.several([DIGEST, "cd" * 32]) == {"cd" * 32: TEXT} and archive.several([]) == {}


def test_an_act_in_which_a_partition_was_destroyed_does_not_remember_it(
    archive: DocumentRows, database: Database
) -> None:
    archive.put(DIGEST, TEXT, partition="cases.2026q1")
    with database:
        database.settle()
        assert archive.get(DIGEST) == archive.get(DIGEST) == TEXT
        archive.destroy_partition("cases.2026q1")
        with pytest.raises(InputError, match="no document"):
            archive.get(DIGEST)
        with pytest.raises(OutOfOrder, match="destroyed"):
            archive.put(DIGEST, TEXT, partition="cases.2026q1")


def test_a_destroyed_partition_takes_its_documents_and_no_others(archive: DocumentRows, database: Database) -> None:
    archive.put(DIGEST, TEXT, partition="cases.2026q1")
    archive.put("cd" * 32, TEXT, partition="cases.2026q1")
    archive.put("cd" * 32, TEXT, partition="cases.carried-9")
    with database.reading() as connection:
        rows = [dict(row) for row in connection.execute(DOCUMENTS.select()).mappings()]
    assert archive.destroy_partition("cases.2026q1") == 2 and archive.is_destroyed("cases.2026q1")
    assert archive.destroy_partition("cases.2026q1") == 0
    assert archive.get("cd" * 32) == TEXT, "it was carried over"
    with database.writing() as connection:  # an old dump beside today's keys
        connection.execute(DOCUMENTS.delete())
        connection.execute(DOCUMENTS.insert(), rows)
    with pytest.raises(OutOfOrder, match="destroyed"):
        archive.get(DIGEST)
    assert archive.get("cd" * 32) == TEXT
    with pytest.raises(OutOfOrder, match="destroyed"):
        archive.put("ef" * 32, TEXT, partition="cases.2026q1")
    assert archive.destroy_partition("never-was") == 0 and archive.is_destroyed("never-was")
    assert not archive.is_destroyed("cases.2026q2")


@pytest.mark.parametrize("change", ["bit", "cut", "swapped", "moved"])
def test_one_that_was_altered_cut_swapped_or_moved_is_refused(
    archive: DocumentRows, database: Database, change: str
) -> None:
    archive.put(DIGEST, TEXT, partition="cases.2026q1")
    archive.put("cd" * 32, b"other", partition="cases.2026q1")
    with database.writing() as connection:
        mine = DOCUMENTS.update().where(DOCUMENTS.c.digest == DIGEST)
        sealed = {row.digest: bytes(row.sealed) for row in connection.execute(DOCUMENTS.select())}
        made = {
            "bit": sealed[DIGEST][:-1] + bytes([sealed[DIGEST][-1] ^ 1]),
            "cut": sealed[DIGEST][:-1],
            "swapped": sealed["cd" * 32],
        }
        values = {"sealed": made[change]} if change in made else {"partition": "people.2026q1"}
        connection.execute(mine.values(**values))
    archive.put("ef" * 32, b"x", partition="people.2026q1")
    with pytest.raises(IntegrityError, match="altered, cut or swapped"):
        archive.get(DIGEST)


def test_documents_whose_key_is_lost_are_said_to_be(archive: DocumentRows, keys: KeyStore) -> None:
    archive.put(DIGEST, TEXT)
    with keys.database.writing() as connection:
        connection.execute(KEYS.delete())
    with pytest.raises(IntegrityError, match="lost the key of archive partition office"):
        archive.get(DIGEST)


@pytest.mark.parametrize("name", ["", "short", "../../etc", "a b" * 9, "x" * 129])
def test_what_is_no_digest_or_partition_is_refused(archive: DocumentRows, name: str) -> None:
    with pytest.raises(InputError):
        archive.put(name, TEXT)
    with pytest.raises(InputError):
        archive.put(DIGEST, TEXT, partition="A" + name)
