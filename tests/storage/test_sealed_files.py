"""Streams over sealed objects behave as files do, and never close somebody else's descriptor."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from peelian.errors import IntegrityError, OutOfOrder
from peelian.kernel.vault.chunk_cipher import VAULT, ChunkKey, key_to_seal
from peelian.storage.sealed_files import OpenedObject, SealingFile

PLAIN = bytes(range(256)) * 1000


@pytest.fixture
def key() -> ChunkKey:
    return key_to_seal(VAULT, bytes(range(32)), salt=bytes(24), context=b"c")


def _written(path: Path, key: ChunkKey, plain: bytes) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    with SealingFile(file, key) as sealing:
        assert sealing.writable() and not sealing.readable()
        assert sealing.write(memoryview(plain).cast("H")) == len(plain)  # any buffer counts its bytes
        assert sealing.tell() == len(plain)
        with pytest.raises(OutOfOrder):
            _ = sealing.sealed
        sealing.finish()
    return file


def test_it_reads_like_a_file(tmp_path: Path, key: ChunkKey) -> None:
    opened = OpenedObject(_written(tmp_path / "o", key, PLAIN), key, start=0)
    assert opened.readable() and opened.seekable() and not opened.writable()
    with io.BufferedReader(opened) as file:
        assert file.read(3) == PLAIN[:3]
        assert file.seek(-5, os.SEEK_END) == len(PLAIN) - 5
        assert file.read() == PLAIN[-5:] and file.read() == b""
        assert file.seek(100) == 100 and file.seek(70_000, os.SEEK_CUR) == 70_100
        assert file.read(65_536) == PLAIN[70_100 : 70_100 + 65_536]
        file.seek(10**9)
        assert file.read(1) == b""
        with pytest.raises(ValueError, match="before the beginning"):
            file.seek(-1)
        file.seek(0)
        assert b"".join(file) == PLAIN
    with pytest.raises(ValueError, match="closed"):
        opened.readinto(bytearray(1))


def test_a_damaged_object_leaves_the_descriptor_to_its_owner(tmp_path: Path, key: ChunkKey) -> None:
    file = _written(tmp_path / "o", key, PLAIN)
    os.ftruncate(file, 1000)
    with pytest.raises(IntegrityError):
        OpenedObject(file, key, start=0)
    os.close(file)
    again = os.open(tmp_path / "o", os.O_RDONLY)  # most likely the same number
    for _ in range(3):
        with pytest.raises(IntegrityError):
            OpenedObject(again, key, start=0)
    os.fstat(again)
    os.close(again)


def test_an_object_cut_while_it_is_read_is_refused(tmp_path: Path, key: ChunkKey) -> None:
    with OpenedObject(_written(tmp_path / "o", key, PLAIN), key, start=0) as opened:
        assert opened.read(10) == PLAIN[:10]
        os.truncate(tmp_path / "o", 70_000)
        opened.seek(70_000)
        with pytest.raises(IntegrityError):
            opened.read(10)
