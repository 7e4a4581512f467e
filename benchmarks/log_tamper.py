"""Tampering: every single-byte edit of a log of 200 entries, and 10,000 random tamperings with one of 100,000.

The small log is verified whole each time. Of the long one the real verifier checks, each time, the bundles that were
touched and all tiles above them up to the signed root (`verify_log(first=…, last=…)`); every 500th is verified whole.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from log_parts import ORIGIN, SIGNER, filled
from tamper import Hands

from figures import Figure, finish, flags, plain, show
from peelian.kernel.log.signed_note import key_of
from peelian.oversight.verification.verifier import verify_log

KEY = key_of(ORIGIN, SIGNER).text


def every_byte(folder: Path, step: int) -> tuple[int, int]:
    """How many bytes of a log of 200 entries were edited, one at a time, and how many edits were noticed."""
    tried = noticed = 0
    for path in sorted(filled(folder / "small", 200).rglob("*")):
        if not path.is_file() or path.name == "lock":
            continue
        data = path.read_bytes()
        for at in range(0, len(data), step):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
            tried += 1
            noticed += not verify_log(folder / "small", key=KEY).ok
        path.write_bytes(data)
    assert verify_log(folder / "small", key=KEY).ok
    return tried, noticed


def by_chance(folder: Path, size: int, count: int) -> tuple[Counter[str], Counter[str], int]:
    """Tamperings tried and noticed, by kind, and how many times a first bad entry was named wrongly."""
    log = filled(folder / "long", size)
    hands = Hands(log, size, Random(2026))
    tried, noticed, misnamed = Counter[str](), Counter[str](), 0
    for number in range(count):
        done = hands.tamper()
        verdict = verify_log(log, key=KEY, first=done.first, last=done.last)
        if number % 500 == 0:
            assert not verify_log(log, key=KEY).ok
        done.undo()
        tried[done.kind] += 1
        noticed[done.kind] += not verdict.ok
        misnamed += done.index is not None and verdict.first_bad_index != done.index
    assert verify_log(log, key=KEY).ok
    return tried, noticed, misnamed


def main() -> None:
    asked = flags("Every edit of a small log and 10,000 random tamperings with a long one.").parse_args()
    figures: list[Figure] = []
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a private folder is made in it
    with TemporaryDirectory(dir=memory) as folder:
        tried, seen = every_byte(Path(folder), 101 if asked.quick else 1)
        figures.append(show(plain("single-byte edits of a log of 200 entries", tried, "edits")))
        figures.append(show(_all("single-byte edits noticed", seen, tried)))
        kinds, found, misnamed = by_chance(Path(folder), *((10_000, 1_000) if asked.quick else (100_000, 10_000)))
        for kind in sorted(kinds):
            figures.append(show(_all(f"{kind} noticed, of {kinds[kind]:,}", found[kind], kinds[kind])))
        figures.append(show(_all("random tamperings noticed", found.total(), kinds.total())))
        figures.append(show(_all("first bad entry named rightly", kinds.total() - misnamed, kinds.total())))
    finish(figures, asked.json)


def _all(name: str, value: int, of: int) -> Figure:
    return Figure(name=name, value=value, unit=f"of {of:,}", bar="all", holds=value == of)


if __name__ == "__main__":
    main()
