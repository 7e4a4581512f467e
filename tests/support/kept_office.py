"""An office that an earlier version of the program made, unpacked for today's code (`tools/make_kept_office.py`)."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from desk import Desk, Hands

from peelian.operations.office import open_office

ARCHIVE = Path(__file__).parents[1] / "data" / "kept" / "office-f72ad466.tar.xz"
TYPED = ("square-1", "jane-doe-12-main-street", "feeder-1")


@contextmanager
def kept_office(folder: Path) -> Iterator[Desk]:
    """The office of commit f72ad466, opened a day after it was left, with everybody at their desks."""
    with tarfile.open(ARCHIVE) as tar:
        tar.extractall(folder, filter="data")
    for file in (folder / "office").rglob("*"):
        file.chmod(0o700 if file.is_dir() else 0o600)
    (folder / "office").chmod(0o700)
    clock = Hands()
    clock.now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    with open_office(folder / "office", clock=clock) as office:
        shorts = [file.stem for file in sorted((folder / "office" / "keys" / "operators").glob("*.pem"))]
        yield Desk(office=office, clock=clock, people={short: office.operator(short) for short in shorts})
