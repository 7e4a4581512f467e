"""Review of suggested redactions for a page: boxes, frames and sound on demand, one way to confirm."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.kernel.model.custody_declarations import ReviewerDesk
from peelian.technologies.footage.exemptions import EXEMPTIONS
from peelian.technologies.footage.followable import FOLLOWED, is_too_large, must_be_followable
from peelian.technologies.footage.following import WAYS, Followed, followed
from peelian.technologies.footage.plan import BLUR_REASONS, CLASSES, METHODS, SOUNDS, Plan, as_bytes, reviewed
from peelian.technologies.footage.plan_format import read_plan
from peelian.technologies.footage.redaction_view import WORDS
from peelian.technologies.footage.review_bench import Bench
from peelian.technologies.footage.review_form import Faults, Fields, Form, faults_in, form_of, form_sent, plan_of


class Review:
    """One recording under review. Safe to ask from several threads; close it when the page is done."""

    template = "review.html"
    classes, methods, sounds, reasons, words = CLASSES, METHODS, SOUNDS, BLUR_REASONS[1:], WORDS
    exemptions = EXEMPTIONS
    followed = FOLLOWED

    def __init__(self, files: Mapping[str, BinaryIO], desk: ReviewerDesk) -> None:
        self.plan: Plan = read_plan(files["plan"])
        self._desk = desk
        self._bench = Bench(files["item"], self.plan)
        self._lock, self._following = threading.Lock(), threading.Lock()
        self._closed = False

    def form(self, fields: Fields | None = None) -> Form:
        """The form of the plan, or as somebody sent it."""
        return form_of(self.plan) if fields is None else form_sent(fields, self.plan)

    def faults(self, fields: Fields) -> Faults:
        """What is wrong with a form that was sent, by field."""
        return faults_in(fields, self.plan)

    @property
    def times(self) -> list[int]:
        """When each picture is shown, in milliseconds from the first one on."""
        return [self._bench.milliseconds(number) for number in range(self.plan.pictures)]

    @property
    def rate(self) -> float:
        """Pictures per second, on average, for moving through the recording."""
        seconds = self._bench.milliseconds(self.plan.pictures - 1) / 1000
        return (self.plan.pictures - 1) / seconds if seconds else 25.0

    def picture(self, number: int, *, full: bool = False) -> bytes:
        """One picture as JPEG, at most 960 wide or in full."""
        with self._lock:
            return self._bench.picture(number, full=full)

    def sound(self, number: int) -> bytes:
        """A few seconds of sound as WAV, from one picture on; empty where there is none."""
        with self._lock:
            return self._bench.sound(self._bench.milliseconds(number))

    def follow(self, number: int, box: tuple[int, int, int, int], *, what: str, way: str = "both") -> Followed:
        """Where a box drawn in one picture goes, for a few seconds each way: positions for this plan, kept nowhere.

        `what` is what it covers, one of `FOLLOWED`. One at a time; pictures are handed out meanwhile. InputError: the
        box is not inside the picture or too small, it can be no such thing, or another is being followed.
        """
        if way not in WAYS:
            raise InputError("no such direction", column="way", accepted=", ".join(WAYS))
        must_be_followable(self.plan, number, what, box)
        if not self._following.acquire(blocking=False):
            raise InputError("another box is being followed", accepted="wait until it is done")
        try:
            size = self.plan.width, self.plan.height
            return followed(
                self._stretch,
                number,
                box,
                pictures=self.plan.pictures,
                size=size,
                fits=lambda n, moved: not is_too_large(self.plan, n, what, moved),
                reach=WAYS[way],
            )
        finally:
            self._following.release()

    def _stretch(self, first: int, count: int) -> list[NDArray[np.uint8]]:
        with self._lock:
            if self._closed:
                raise InputError("review closed", accepted="open it again")
            return self._bench.stretch(first, count)

    def milliseconds(self, number: int) -> int:
        """When a picture is shown."""
        return self._bench.milliseconds(number)

    def waveform(self) -> bytes:
        """The sound of the whole recording as SVG; empty where there is none."""
        with self._lock:
            return self._bench.waveform()

    def confirm(self, fields: Fields) -> Any:
        """Keep the plan that a form says, as reviewed by the person at the desk; returns its admission."""
        plan = reviewed(plan_of(fields, self.plan), by=self._desk.by, at=self._desk.now())
        return self._desk.keep(as_bytes(plan))

    def close(self) -> None:
        """Let the recording go."""
        with self._lock:
            self._closed = True
            self._bench.close()
            self._desk.done()
