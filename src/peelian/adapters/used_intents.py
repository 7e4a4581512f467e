"""Which logged openings were used: one bit per log index on disk, so that none serves twice, even after a restart."""

from __future__ import annotations

import os
from pathlib import Path

from peelian.adapters.private_files import locked, open_private, private_folder
from peelian.errors import OutOfOrder


class UsedIntents:
    """A file of bits in a private folder. 1,000,000 entries take 125 kB."""

    def __init__(self, folder: Path) -> None:
        self._path = private_folder(folder) / "used"
        self._lock = folder / "lock-used"

    def use(self, intent: int) -> None:
        """Mark an opening as used, and wait for the disk; OutOfOrder where it was used before."""
        place, bit = intent // 8, 1 << intent % 8
        with locked(self._lock):
            file = open_private(self._path, os.O_RDWR | os.O_CREAT)
            try:
                held = (os.pread(file, 1, place) or b"\0")[0]
                if held & bit:
                    raise OutOfOrder("this opening was used already: each logged opening unwraps a key once")
                os.pwrite(file, bytes([held | bit]), place)
                os.fdatasync(file)
            finally:
                os.close(file)

    def count(self) -> int:
        """How many openings were ever used. O(log entries / 8)."""
        return int.from_bytes(self._path.read_bytes()).bit_count() if self._path.exists() else 0
