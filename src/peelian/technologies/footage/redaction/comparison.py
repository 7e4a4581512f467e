"""Comparison of a redacted copy with its original: frames and sound side by side, and what is still to be looked at.

Each stretch of the plan, kept or dropped, is divided into pieces: frames of one second, sound of seven. The recording
as a whole is one more stretch, in pieces of five seconds: a face that nobody covered lies in no box. A piece counts as
looked at once one of its frames, or its sound, was shown from the copy.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import BinaryIO

from peelian.kernel.model.custody_declarations import ReviewerDesk
from peelian.technologies.footage.formats.plan import read_plan
from peelian.technologies.footage.measure.excerpts import HEARD, Bench
from peelian.technologies.footage.measure.plan import Plan
from peelian.technologies.footage.proposal.declared import WORDS

PIECE_OF_SOUND = 1_000 * (HEARD - 1)  # milliseconds; one second is left for the frame that it begins at
SOUND, RECORDING, SAMPLED = "sound", "recording", "sampled"
EVERY = 5  # seconds of the whole recording of which one frame is looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A box or a span of sound, from one frame to another; `left` are the first frames of pieces not looked at."""

    what: str
    state: str
    first: int
    last: int
    pieces: int
    step: int = 1  # frames of a piece
    left: set[int] = field(default_factory=set)


class Comparison:
    """A copy beside its original. Safe to ask from several threads; close it when the page is done."""

    template, words = "comparison.html", WORDS

    def __init__(self, files: Mapping[str, BinaryIO], desk: ReviewerDesk) -> None:
        self.plan: Plan = read_plan(files["plan"])
        self._desk, self._lock, self._closing = desk, threading.Lock(), ExitStack()
        with ExitStack() as closing:
            self._original = closing.enter_context(Bench(files["item"], self.plan))
            self._copy = closing.enter_context(Bench(files["redacted"], self.plan))
            self._closing = closing.pop_all()
        self.rate = max(1, round(1000 * (self.plan.pictures - 1) / max(1, self.milliseconds(self.plan.pictures - 1))))
        self.stretches = (*self._boxes(), *self._spans(), self._whole())
        self._told = False

    def milliseconds(self, number: int) -> int:
        """When a frame is shown."""
        return self._copy.milliseconds(number)

    @property
    def left(self) -> int:
        """The first frame that is still to be looked at or listened from; -1 where there is none."""
        return min((frame for one in self.stretches for frame in one.left), default=-1)

    def picture(self, number: int) -> bytes:
        """A frame of the copy as JPEG: looked at."""
        with self._lock:
            made = self._copy.picture(number)
            for one in self.stretches:
                if one.what != SOUND and one.first <= number <= one.last:
                    one.left.discard(number - (number - one.first) % one.step)
            self._tell()
            return made

    def original(self, number: int) -> bytes:
        """The same frame of the original."""
        with self._lock:
            return self._original.picture(number)

    def sound(self, number: int) -> bytes:
        """A few seconds of the copy's sound as WAV: listened to; empty where there is none."""
        with self._lock:
            start = self.milliseconds(number)
            made = self._copy.sound(start)
            for one in self.stretches:
                if one.what == SOUND:
                    one.left.difference_update({n for n in one.left if start - 1 <= self.milliseconds(n) <= start + 1})
            self._tell()
            return made

    def original_sound(self, number: int) -> bytes:
        """The same seconds of the original."""
        with self._lock:
            return self._original.sound(self.milliseconds(number))

    def close(self) -> None:
        """Let both recordings go."""
        with self._lock:
            self._closing.close()
            self._desk.done()

    def _tell(self) -> None:
        """Have the log say so, once everything was looked at."""
        if self.left < 0 and not self._told:
            self._desk.viewed("redacted")
            self._told = True

    def _boxes(self) -> list[Stretch]:
        """O(seconds of all boxes)."""
        found = []
        for track in self.plan.tracks:
            last = min(track.last, self.plan.pictures - 1)
            found.append(self._pieces(track.what, track.state, (track.first, last), self.rate))
        return found

    def _whole(self) -> Stretch:
        return self._pieces(RECORDING, SAMPLED, (0, self.plan.pictures - 1), EVERY * self.rate)

    def _pieces(self, what: str, state: str, ends: tuple[int, int], step: int) -> Stretch:
        left = set(range(ends[0], ends[1] + 1, step))
        return Stretch(what=what, state=state, first=ends[0], last=ends[1], pieces=len(left), step=step, left=left)

    def _spans(self) -> list[Stretch]:
        found = []
        for span in self.plan.sound:
            end = min(span.end, self.milliseconds(self.plan.pictures - 1))
            n = max(1, math.ceil((end - span.start) / PIECE_OF_SOUND))
            left = {self._frame_at(span.start + k * PIECE_OF_SOUND) for k in range(n)}
            first, last = min(left), self._frame_at(end)
            found.append(Stretch(what=SOUND, state=span.how, first=first, last=last, pieces=len(left), left=left))
        return found

    def _frame_at(self, milliseconds: int) -> int:
        """The last frame that is not after this time. O(log frames)."""
        low, high = 0, self.plan.pictures - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.milliseconds(middle) <= milliseconds else (low, middle - 1)
        return low
