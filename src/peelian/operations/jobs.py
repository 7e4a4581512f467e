"""Jobs: work that goes on while its person looks at a page, leaves it and comes back. They end with the process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from peelian.kernel.model.fan_out import Progress


class Job:
    """A call in a thread of its own: what it is at (a message id), its share done (0 to 1), and how it ended."""

    def __init__(self, work: Callable[[Progress], Any]) -> None:
        self.says, self.share = "", 0.0
        self.result: Any = None
        self.error: Exception | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._run, args=(work,), daemon=True, name="peelian-job").start()

    @property
    def ended(self) -> bool:
        """Whether it came to its end, well or with an error."""
        return self._ended.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether it has ended."""
        return self._ended.wait(seconds)

    def outcome(self) -> Any:
        """What the call returned; raises what it raised."""
        if self.error is not None:
            raise self.error
        return self.result

    def _progress(self, says: str, share: float) -> None:
        self.says, self.share = says, min(max(share, 0.0), 1.0)

    def _run(self, work: Callable[[Progress], Any]) -> None:
        try:
            self.result = work(self._progress)
        except Exception as error:  # it is raised again where its person looks
            self.error = error
        finally:
            self._ended.set()
