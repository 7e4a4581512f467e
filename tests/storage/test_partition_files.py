"""A partition's file: whatever a crash, a power cut or a bad hand leaves in it, what was acknowledged is found
again."""

from __future__ import annotations

import errno
import os
import threading
import tracemalloc
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import IntegrityError, OutOfOrder
from peelian.storage.partition_files import _HEAD, _MAGIC, _SUM, MOST_DOCUMENT, PartitionFile

DOCUMENTS = st.dictionaries(st.from_regex(r"[0-9A-Za-z_-]{8,128}", fullmatch=True), st.binary(min_size=1), min_size=1)
TORN = st.sampled_from(["cut", "zeros", "noise", "holes"])


def _torn(data: bytes, how: str, at: int, noise: bytes) -> bytes:
    """What a power cut may leave of a write that nobody was told is durable."""
    at %= len(data) + 1
    if how == "cut":
        return data[:at]
    if how == "zeros":
        return data[:at] + bytes(len(data) - at)
    if how == "noise":
        return data[:at] + noise
    return data[: at // 2] + bytes(at - at // 2) + data[at:]


@settings(max_examples=300, deadline=None)
@given(
    writes=st.lists(st.tuples(DOCUMENTS, DOCUMENTS, TORN, st.integers(0, 10_000), st.binary()), min_size=1, max_size=5)
)
def test_after_any_power_cut_what_was_acknowledged_is_there_and_nothing_is_made_up(
    tmp_path_factory: pytest.TempPathFactory, writes: list[Any]
) -> None:
    path = tmp_path_factory.mktemp("partition") / "partition"
    kept: dict[str, bytes] = {}
    offered: dict[str, set[bytes]] = {}
    for acknowledged, lost, how, at, noise in writes:
        PartitionFile(path).append(acknowledged)
        kept |= acknowledged
        whole = path.read_bytes()
        PartitionFile(path).append(lost)
        path.write_bytes(whole + _torn(path.read_bytes()[len(whole) :], how, at, noise))
        for digest, document in (*acknowledged.items(), *lost.items()):
            offered.setdefault(digest, set()).add(document)
        partition = PartitionFile(path)
        assert kept.keys() <= partition.digests() <= offered.keys()
        for digest in kept:  # of the others a hole inside may be there: their seal tells
            assert partition.read(digest) in offered[digest]


@pytest.mark.parametrize("shared", [1, 2, 3, 4, 5, 9])
def test_what_is_appended_behind_a_torn_document_is_there_though_its_first_bytes_make_that_one_whole(
    tmp_path: Path, shared: int
) -> None:
    """The torn one misses just what the next one begins with."""
    path = tmp_path / "partition"
    PartitionFile(path).append({"first-1234": b"1"})
    whole = path.read_bytes()
    PartitionFile(path).append({"third-1234": b"3"})
    begins = path.read_bytes()[len(whole) :][:shared]
    path.write_bytes(whole)
    PartitionFile(path).append({"torn-12345": b"torn" + begins})
    path.write_bytes(path.read_bytes()[:-shared])
    assert PartitionFile(path).digests() == {"first-1234"}
    one = PartitionFile(path)
    one.append({"third-1234": b"3"})
    one.append({"fourth-123": b"4"})
    for again in (one, PartitionFile(path)):
        assert {"first-1234", "third-1234", "fourth-123"} <= again.digests() <= {"torn-12345", *one.digests()}
        assert [again.read(digest) for digest in ("first-1234", "third-1234", "fourth-123")] == [b"1", b"3", b"4"]
        again.append({f"more-{len(again.digests()):05}": b"5"})
        assert again.read("third-1234") == PartitionFile(path).read("third-1234") == b"3"


def test_what_another_one_appends_is_seen(tmp_path: Path) -> None:
    one, two = PartitionFile(tmp_path / "partition"), PartitionFile(tmp_path / "partition")
    assert one.digests() == frozenset() and one.read("first-1234") is None
    two.append({"first-1234": b"1"})
    assert one.read("first-1234") == b"1"
    one.append({"second-123": b"2"})
    assert two.digests() == one.digests() == {"first-1234", "second-123"} and two.holds("second-123")


def test_a_write_that_another_one_saw_before_it_failed_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = PartitionFile(tmp_path / "partition"), PartitionFile(tmp_path / "partition")
    one.append({"first-1234": b"1" * 100})

    def seen_and_failed(file: int) -> None:
        assert "lost-12345" in two.digests()
        raise OSError(errno.EIO, "")

    with monkeypatch.context() as m:
        m.setattr(os, "fdatasync", seen_and_failed)
        with pytest.raises(OSError):
            one.append({"lost-12345": b"2" * 100})
    one.append({"kept-12345": b"3" * 500, "kept-67890": b"4" * 500})
    assert two.read("kept-12345") == b"3" * 500 and two.read("lost-12345") is None
    assert two.digests() == {"first-1234", "kept-12345", "kept-67890"}


def test_the_newest_of_one_digest_counts(tmp_path: Path) -> None:
    partition = PartitionFile(tmp_path / "partition")
    partition.append({"mark-12345": b"torn"})
    partition.append({"mark-12345": b"whole"})
    assert partition.read("mark-12345") == PartitionFile(partition.path).read("mark-12345") == b"whole"


def test_a_file_that_was_replaced_or_overwritten_is_looked_at_anew(tmp_path: Path) -> None:
    partition, other = PartitionFile(tmp_path / "partition"), PartitionFile(tmp_path / "other")
    partition.append({"mark-12345": b"old", "mark-67890": b"old, too"})
    other.append({"else-12345": b"other", "else-67890": b"another one"})
    data = other.path.read_bytes()
    partition.path.write_bytes(data)  # in its place
    assert partition.read("mark-12345") is None and partition.read("else-67890") == b"another one"
    other.append({"more-12345": b"3"})
    os.replace(other.path, partition.path)
    assert partition.digests() == {"else-12345", "else-67890", "more-12345"}


def test_what_is_put_on_a_partition_that_was_removed_meanwhile_is_not_said_to_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partition, real = PartitionFile(tmp_path / "partition"), os.fdatasync
    partition.append({"mark-12345": b"1"})

    def sync(file: int) -> None:
        partition.path.unlink(missing_ok=True)
        real(file)

    monkeypatch.setattr(os, "fdatasync", sync)
    with pytest.raises(OutOfOrder, match="destroyed or replaced meanwhile"):
        partition.append({"mark-67890": b"2"})
    assert partition.remove() == 0


def test_many_threads_append_at_once(tmp_path: Path) -> None:
    partitions = [PartitionFile(tmp_path / "partition") for _ in range(2)]

    def put(n: int) -> None:
        for j in range(20):
            partitions[n % 2].append({f"thread-{n}-{j:04d}": bytes([n]) * (j + 1)})

    threads = [threading.Thread(target=put, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = PartitionFile(tmp_path / "partition")
    assert len(again.digests()) == 160
    assert all(again.read(f"thread-{n}-{j:04d}") == bytes([n]) * (j + 1) for n in range(8) for j in range(20))


def test_it_is_no_link_and_for_its_owner_only(tmp_path: Path) -> None:
    partition = PartitionFile(tmp_path / "partition")
    partition.append({"mark-12345": b"1"})
    assert partition.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("put", [lambda path: path.symlink_to("/dev/null"), os.mkfifo, Path.mkdir])
def test_what_is_put_in_its_place_is_refused_and_never_waited_for(tmp_path: Path, put: Any) -> None:
    partition = PartitionFile(tmp_path / "partition")
    partition.append({"mark-12345": b"1"})
    partition.path.unlink()
    put(partition.path)
    for way in (
        partition.digests,
        lambda: partition.read("mark-12345"),
        lambda: partition.append({"mark-67890": b"2"}),
    ):
        with pytest.raises(IntegrityError, match="a link, a pipe or a folder"):
            way()


def test_a_length_that_no_document_has_is_not_read_into_memory(tmp_path: Path) -> None:
    partition = PartitionFile(tmp_path / "partition")
    partition.append({"mark-12345": b"1"})
    head = _HEAD.pack(_MAGIC, 10, MOST_DOCUMENT + 1, 0) + b"mark-12345"
    with partition.path.open("ab") as file:
        file.write(head + _SUM.pack(crc32(head)))
        file.truncate(file.tell() + MOST_DOCUMENT + 1)  # a hole: it takes no room
    tracemalloc.start()
    try:
        assert PartitionFile(partition.path).read("mark-12345") == b"1"
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
