"""An archive sent while it is made: whole, readable by others, one piece in memory at a time."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from peelian.operations.zipped import PIECE, pieces_of, zipped


def test_what_is_sent_is_an_archive_that_other_programs_read(tmp_path: Path) -> None:
    (tmp_path / "large.age").write_bytes(content := bytes(range(256)) * (3 * PIECE // 256) + b"end")
    files = [("large.age", pieces_of(tmp_path / "large.age")), ("large.age.receipt", [b"receipt"])]
    made = b"".join(zipped(files))
    with ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None and archive.read("large.age") == content
        assert archive.read("large.age.receipt") == b"receipt"
    (tmp_path / "made.zip").write_bytes(made)
    assert subprocess.run(["python3", "-m", "zipfile", "-t", tmp_path / "made.zip"], check=True).returncode == 0


def test_no_more_than_a_piece_is_held() -> None:
    asked = 0

    def pieces() -> Iterator[bytes]:
        nonlocal asked
        for _ in range(8):
            asked += 1
            yield b"x" * PIECE

    sent = zipped([("a", pieces())])
    assert len(next(sent)) < 2 * PIECE and asked == 1
