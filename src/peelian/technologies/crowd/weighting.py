"""A-weighting of a sound level meter as a digital filter (IEC 61672-1)."""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import InputError, sentence

POLES_HZ = (20.598997, 107.65265, 737.86223, 12_194.217)  # IEC 61672-1, annex E; the first and the last are double
CLASS_1_FROM_HZ = 44_100  # below it, the filter cannot reach 20 kHz
CLASS_2_FROM_HZ = 32_000
FASTEST_HZ = 768_000

Floats = NDArray[np.float64]


def class_of(rate_hz: int) -> int:
    """The class of IEC 61672-1 that the weighting meets at this sampling rate: 1 from 44.1 kHz on, 2 from 32 kHz on.

    A microphone has its own class: a meter is no better than the worse of the two. InputError below 32 kHz.

    >>> class_of(48_000), class_of(32_000)
    (1, 2)
    """
    if not CLASS_2_FROM_HZ <= rate_hz <= FASTEST_HZ:
        accepted = sentence(
            "%(first)d Hz or more for class 1, %(second)d Hz or more for class 2",
            first=CLASS_1_FROM_HZ,
            second=CLASS_2_FROM_HZ,
        )
        raise InputError(sentence("sound sampled at %(n)d Hz cannot be metered", n=rate_hz), accepted=accepted)
    return 1 if rate_hz >= CLASS_1_FROM_HZ else 2


def a_weighting_db(frequency_hz: Floats) -> Floats:
    """The weighting by its formula (IEC 61672-1, annex E), in dB; 0 dB at 1 kHz.

    >>> a_weighting_db(np.array([100.0, 1_000.0, 10_000.0])).round(1).tolist()
    [-19.1, 0.0, -2.5]
    """
    return 20 * np.log10(_analog(np.asarray(frequency_hz, dtype=np.float64)) / _analog(np.array(1_000.0)))


def a_weighting(rate_hz: int) -> Floats:
    """Second-order sections of the weighting for `scipy.signal.sosfilt`: float64[3, 6], gain 1 at 1 kHz.

    The four zeros and the four low poles go through the bilinear transform. The double pole at 12.2 kHz would be
    squeezed by it (7 dB too low at 16 kHz and 44.1 kHz), so that section is matched instead: its poles by impulse
    invariance, its zeros so that the magnitude agrees at 0 Hz, at 8 kHz and at half the rate (after Vicanek, Matched
    Second Order Digital Filters, 2016). InputError: as `class_of`.
    """
    class_of(rate_hz)
    low = 2 * np.pi * np.array([POLES_HZ[0], POLES_HZ[0], POLES_HZ[1], POLES_HZ[2]])
    zeros, poles, gain = scipy.signal.bilinear_zpk(np.zeros(4), -low, 1.0, fs=float(rate_hz))
    sections = np.vstack([scipy.signal.zpk2sos(zeros, poles, gain), _matched_low_pass(rate_hz)])
    _, at_1_khz = scipy.signal.freqz_sos(sections, worN=np.array([1_000.0]), fs=float(rate_hz))
    sections[0, :3] /= abs(at_1_khz[0])
    return sections


def _analog(frequency_hz: Floats) -> Floats:
    f2 = frequency_hz**2
    first, second, third, last = (pole**2 for pole in POLES_HZ)
    found: Floats = last * f2**2 / ((f2 + first) * np.sqrt((f2 + second) * (f2 + third)) * (f2 + last))
    return found


def _matched_low_pass(rate_hz: int) -> Floats:
    """The double pole at 12.2 kHz as one section whose magnitude agrees at three frequencies."""
    corner = POLES_HZ[3]
    pole = math.exp(-2 * math.pi * corner / rate_hz)
    below = np.array([1.0, -2 * pole, pole * pole])
    wanted = np.array([0.0, 8_000.0, rate_hz / 2])
    target = 1 / (1 + (wanted / corner) ** 2) ** 2  # squared magnitude of the analog section
    angle = 2 * np.pi * wanted / rate_hz
    bottom = np.abs(np.exp(-1j * np.outer(angle, np.arange(3))) @ below) ** 2
    # |b0 + b1/z + b2/z²|² is a quadratic in cos(angle): three agreements fix it, a spectral factor gives the zeros
    squares = np.linalg.solve(np.vander(np.cos(angle), 3, increasing=True), target * bottom)
    return np.concatenate([_factor(squares), below])


def _factor(squares: Floats) -> Floats:
    """The minimum-phase b0, b1, b2 whose squared magnitude is squares[0] + squares[1]·cos + squares[2]·cos²."""
    third = squares[2] / 4  # b0·b2, from 4·b0·b2·cos²
    at_0, at_half = (math.sqrt(max(squares[0] + sign * squares[1] + squares[2], 0.0)) for sign in (1, -1))
    middle = (at_0 - at_half) / 2
    outer = (at_0 + at_half) / 2  # b0 + b2
    root = math.sqrt(max(outer * outer / 4 - third, 0.0))
    return np.array([outer / 2 + root, middle, outer / 2 - root])
