"""Blocks written past the page cache: the file holds every byte in its place, whatever the pieces and the disk."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import resource
from pathlib import Path

import pytest

from peelian.storage.direct_files import BLOCK, SLACK, DirectFile


def _written(path: Path, sizes: list[int]) -> bytes:
    rng, content = random.Random(3), b""
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    out = DirectFile(file)
    for size in sizes:
        part = rng.randbytes(size)
        out.write(part)
        content += part
    out.finish()
    out.close()
    os.close(file)
    return content


@pytest.mark.parametrize(
    "sizes",
    [[], [1], [SLACK] * 16, [SLACK] * 17, [65_552] * 200, [SLACK - 1, 1] * 40, [7, *[65_552] * 97, 3]],
    ids=["nothing", "one byte", "a block", "a block and more", "chunks", "pairs", "odd"],
)
def test_every_byte_is_in_its_place(tmp_path: Path, sizes: list[int]) -> None:
    content = _written(tmp_path / "f", sizes)
    assert (tmp_path / "f").read_bytes() == content


def test_pieces_of_any_size(tmp_path: Path) -> None:
    rng = random.Random(8)
    for k in range(5):
        sizes = [rng.choice([1, 17, 4_096, rng.randrange(SLACK)]) for _ in range(rng.randrange(90))]
        assert _written(tmp_path / str(k), sizes) == (tmp_path / str(k)).read_bytes()


def test_a_file_system_without_direct_writing_gets_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def plain_only(file: int, data: memoryview) -> int:
        if fcntl.fcntl(file, fcntl.F_GETFL) & os.O_DIRECT:
            raise OSError(errno.EINVAL, "Invalid argument")
        return real(file, data)

    monkeypatch.setattr(os, "write", plain_only)
    content = _written(tmp_path / "f", [65_552] * 100)
    assert (tmp_path / "f").read_bytes() == content


def test_after_one_failure_nothing_is_said_to_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = os.open(tmp_path / "f", os.O_RDWR | os.O_CREAT)
    out = DirectFile(file)
    with monkeypatch.context() as m:
        m.setattr(os, "write", lambda file, data: (_ for _ in ()).throw(OSError(errno.EIO, "")))
        with pytest.raises(OSError):
            for _ in range(5 * BLOCK // SLACK):
                out.write(bytes(SLACK))
    for _ in range(2):
        with pytest.raises(OSError):
            out.finish()
    out.close()
    os.close(file)


def test_a_disk_that_refuses_in_the_middle_of_a_block_says_why(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    file = os.open(tmp_path / "f", os.O_RDWR | os.O_CREAT)
    out = DirectFile(file)
    resource.setrlimit(resource.RLIMIT_FSIZE, (BLOCK + 5_000, hard))  # a real refusal, after a part of a block
    try:
        with pytest.raises(OSError) as refused:
            for _ in range(4 * BLOCK // SLACK):
                out.write(bytes(SLACK))
            out.finish()
        assert refused.value.errno == errno.EFBIG
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        out.close()
        os.close(file)
