"""Exact discrete Laplace noise by OpenDP, and the store of noisy answers. Needs the extra `privacy`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.storage.private_files import in_plain_words, private_folder, put_private

_DIGEST = re.compile(r"[0-9a-f]{64}")


def discrete_laplace(counts: Sequence[int], *, sensitivity: int, milli_epsilon: int) -> tuple[int, ...]:
    """Each count plus its own exact draw, by OpenDP's sampler (no floating point in the draw; answers `noise.Draw`).

    `sensitivity`: how much one record may change all counts together (L1). The scale is the smallest for which the
    library itself proves that no more than milli_epsilon / 1000 is spent. O(counts).
    """
    measurement = _measurement(sensitivity, milli_epsilon)
    return tuple(int(value) for value in measurement([int(count) for count in counts])) if len(counts) else ()


class KeptAnswers:
    """Answers `noise.Answers` with a folder: one small file each, never overwritten. Noisy counts are no secret."""

    def __init__(self, folder: Path) -> None:
        self.folder = private_folder(folder)

    def find(self, digest: str) -> tuple[int, ...] | None:
        """The answer kept under a digest; None where there is none; IntegrityError where it is damaged."""
        path = self._path(digest)
        try:
            kept = json.loads(path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        except ValueError:
            kept = None
        if not isinstance(kept, list) or not all(type(value) is int for value in kept):
            raise IntegrityError("A stored noisy answer is damaged. Restore it from the backup; do not draw it again.")
        return tuple(kept)

    def keep(self, digest: str, answer: tuple[int, ...]) -> None:
        """Keep an answer so that it survives a power cut; OutOfOrder where another one is kept."""
        if (known := self.find(digest)) is not None:
            if known != answer:
                raise OutOfOrder("Another answer is stored for this question. Noise is drawn once.")
            return
        with in_plain_words("the noisy answer was not kept, and nothing of it left"):
            put_private(self._path(digest), json.dumps(list(answer)).encode())

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise InputError("not a question digest", accepted="64 hexadecimal digits")
        return self.folder / digest


def _measurement(sensitivity: int, milli_epsilon: int) -> Any:
    """OpenDP's measurement with a scale that spends no more than asked, by its own account."""
    dp = _opendp()
    if sensitivity < 1 or milli_epsilon < 1:
        raise InputError("noise without a scale", accepted="sensitivity and thousandths of epsilon from 1 on")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    scale = sensitivity * 1000 / milli_epsilon
    made = dp.m.make_laplace(*space, scale=scale)
    while made.map(sensitivity) > milli_epsilon / 1000:  # a last bit of rounding
        scale = math.nextafter(scale, math.inf)
        made = dp.m.make_laplace(*space, scale=scale)
    return made


def _opendp() -> Any:
    try:
        import opendp.prelude as dp  # an extra: only when something is released with noise
    except ImportError:
        raise InputError("noise needs the extra `privacy`", accepted="pip install 'peelian[privacy]'") from None
    dp.enable_features("contrib")  # the name OpenDP gives to what its maintainers have not proven formally
    return dp
