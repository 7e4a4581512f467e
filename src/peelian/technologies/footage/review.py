"""The review of a proposal as a page sees it: what is proposed, pictures and sound on demand, one way to confirm."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, BinaryIO

from peelian.technologies.footage.plan import BLUR_REASONS, CLASSES, METHODS, SOUNDS, Plan, as_bytes, reviewed
from peelian.technologies.footage.plan_format import read_plan
from peelian.technologies.footage.redaction_view import WORDS
from peelian.technologies.footage.review_bench import Bench
from peelian.technologies.footage.review_form import Fields, Row, plan_of, rows_of

Keep = Callable[[bytes], Any]


class Review:
    """One recording under review. Safe to ask from several threads; close it when the page is done."""

    classes, methods, sounds, reasons, words = CLASSES, METHODS, SOUNDS, BLUR_REASONS[1:], WORDS

    def __init__(self, item: BinaryIO, plan: BinaryIO, *, by: str, now: Callable[[], str], keep: Keep) -> None:
        self.plan: Plan = read_plan(plan)
        self.by, self._now, self._keep = by, now, keep
        self._bench = Bench(item, self.plan)
        self._lock = threading.Lock()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The tracks, and blank rows for boxes drawn by hand."""
        return rows_of(self.plan)

    @property
    def rate(self) -> float:
        """Pictures per second, on average, for moving through the recording."""
        seconds = self._bench.milliseconds(self.plan.pictures - 1) / 1000
        return (self.plan.pictures - 1) / seconds if seconds else 25.0

    def picture(self, number: int) -> bytes:
        """One picture as JPEG."""
        with self._lock:
            return self._bench.picture(number)

    def sound(self, milliseconds: int) -> bytes:
        """A few seconds of sound as WAV; empty where there is none."""
        with self._lock:
            return self._bench.sound(milliseconds)

    def confirm(self, fields: Fields) -> Any:
        """Keep the plan that a form says, as reviewed by the person at the desk; returns its admission."""
        plan = reviewed(plan_of(fields, self.plan), by=self.by, at=self._now())
        return self._keep(as_bytes(plan))

    def close(self) -> None:
        """Let the recording go."""
        with self._lock:
            self._bench.close()
