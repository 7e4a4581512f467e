"""The town of `peelian demo`, as it was built, and copies of it to play in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peelian.kernel.model.ports import Clock
from peelian.operations.office import Office, open_office


@dataclass(frozen=True)
class Built:
    """The town as it was built: its folder, what happened, and every line that was told."""

    folder: Path
    record: dict[str, Any]
    said: tuple[str, ...]

    @property
    def told(self) -> str:
        return "\n".join(self.said)

    @contextmanager
    def copy(self, where: Path, *, clock: Clock | None = None) -> Iterator[Office]:
        """The town as it was built, to be changed; nothing of it is in any other copy."""
        shutil.copytree(self.folder, where)
        with open_office(where, clock=clock) as office:
            yield office
