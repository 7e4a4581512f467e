"""Exact discrete Laplace noise by OpenDP. Needs the extra `privacy`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from peelian.errors import InputError


def discrete_laplace(counts: Sequence[int], *, sensitivity: int, milli_epsilon: int) -> tuple[int, ...]:
    """Each count plus its own exact draw, by OpenDP's sampler (no floating point in the draw; answers `noise.Draw`).

    `sensitivity`: how much one record may change all counts together (L1). The scale is the smallest for which the
    library itself proves that no more than milli_epsilon / 1000 is spent. O(counts).
    """
    measurement = _measurement(sensitivity, milli_epsilon)
    return tuple(int(value) for value in measurement([int(count) for count in counts])) if len(counts) else ()


def _measurement(sensitivity: int, milli_epsilon: int) -> Any:
    """OpenDP's measurement with a scale that spends no more than asked, by its own account."""
    domains, metrics, measurements = _opendp()
    if sensitivity < 1 or milli_epsilon < 1:
        raise InputError("noise without a scale", accepted="sensitivity and thousandths of epsilon from 1 on")
    space = domains.vector_domain(domains.atom_domain(T="i64")), metrics.l1_distance(T="i64")
    scale = sensitivity * 1000 / milli_epsilon
    made = measurements.make_laplace(*space, scale=scale)
    while made.map(sensitivity) > milli_epsilon / 1000:  # a last bit of rounding
        scale = math.nextafter(scale, math.inf)
        made = measurements.make_laplace(*space, scale=scale)
    return made


def _opendp() -> tuple[Any, Any, Any]:
    """The three modules that are needed: OpenDP's prelude would import scikit-learn as well, for two seconds."""
    try:
        from opendp import domains, measurements, metrics, mod  # an extra: only when something is released with noise
    except ImportError:
        raise InputError("noise needs the extra `privacy`", accepted="pip install 'peelian[privacy]'") from None
    mod.enable_features("contrib")  # the name OpenDP gives to what its maintainers have not proven formally
    return domains, metrics, measurements
