"""Replaces sound by silence or a tone, sample by sample, so that nothing of the original remains in a span."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.plan import Span

TONE_HERTZ = 1_000
TONE_LEVEL = 0.1
MARGIN = 3_072
"""Samples more at both ends: AAC codes in overlapping windows of 2,048, which would carry a trace into the span."""


def replaced(samples: NDArray[np.float32], start: int, rate: int, spans: Sequence[Span]) -> NDArray[np.float32]:
    """Sound (float32[channels, samples], the first one at sample `start` of the recording) with its spans replaced.

    O(samples + spans). The tone is a sine of 1 kHz whose phase follows the recording, so that blocks join.

    >>> replaced(np.ones((1, 4), np.float32), 0, 1000, [Span(start=0, end=2)]).tolist()
    [[0.0, 0.0, 0.0, 0.0]]
    """
    count = samples.shape[1]
    made = samples
    for span in spans:
        first = max(0, span.start * rate // 1000 - MARGIN - start)
        last = min(count, -(-span.end * rate // 1000) + MARGIN - start)
        if first >= last:
            continue
        made = made.copy() if made is samples else made
        made[:, first:last] = _tone(start + first, last - first, rate) if span.how == "tone" else 0
    return made


def _tone(start: int, count: int, rate: int) -> NDArray[np.float32]:
    cycles = (np.arange(start, start + count, dtype=np.int64) * TONE_HERTZ) % rate
    return (TONE_LEVEL * np.sin(2 * np.pi * cycles / rate)).astype(np.float32)
