"""Our meter against IEC 61672-1:2013: the A-weighting at its 34 frequencies (table 3), tonebursts (table 4), sums."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from peelian.technologies.crowd.metering import Levels, Meter, metered, started
from peelian.technologies.crowd.weighting import a_weighting

# nominal frequency in Hz, A-weighting in dB, acceptance limits of class 1 (above, below) in dB
TABLE_3 = (
    (10, -70.4, 3.0, -np.inf), (12.5, -63.4, 2.5, -np.inf), (16, -56.7, 2.0, -4.0), (20, -50.5, 2.0, -2.0),
    (25, -44.7, 2.0, -1.5), (31.5, -39.4, 1.5, -1.5), (40, -34.6, 1.0, -1.0), (50, -30.2, 1.0, -1.0),
    (63, -26.2, 1.0, -1.0), (80, -22.5, 1.0, -1.0), (100, -19.1, 1.0, -1.0), (125, -16.1, 1.0, -1.0),
    (160, -13.4, 1.0, -1.0), (200, -10.9, 1.0, -1.0), (250, -8.6, 1.0, -1.0), (315, -6.6, 1.0, -1.0),
    (400, -4.8, 1.0, -1.0), (500, -3.2, 1.0, -1.0), (630, -1.9, 1.0, -1.0), (800, -0.8, 1.0, -1.0),
    (1_000, 0.0, 0.7, -0.7), (1_250, 0.6, 1.0, -1.0), (1_600, 1.0, 1.0, -1.0), (2_000, 1.2, 1.0, -1.0),
    (2_500, 1.3, 1.0, -1.0), (3_150, 1.2, 1.0, -1.0), (4_000, 1.0, 1.0, -1.0), (5_000, 0.5, 1.5, -1.5),
    (6_300, -0.1, 1.5, -2.0), (8_000, -1.1, 1.5, -2.5), (10_000, -2.5, 2.0, -3.0), (12_500, -4.3, 2.0, -5.0),
    (16_000, -6.6, 2.5, -16.0), (20_000, -9.3, 3.0, -np.inf),
)  # fmt: skip
# toneburst of 4 kHz in ms, reference response of F and of S against the steady tone in dB
TABLE_4 = (
    (1_000, 0.0, -2.0), (500, -0.1, -4.1), (200, -1.0, -7.4), (100, -2.6, -10.2), (50, -4.8, -13.1),
    (20, -8.3, -17.0), (10, -11.1, -20.0), (5, -14.1, -23.0), (2, -18.0, -27.0), (1, -21.0, np.nan),
    (0.5, -24.0, np.nan), (0.25, -27.0, np.nan),
)  # fmt: skip


def tone(hertz: float, seconds: float, rate: int) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def heard(samples: np.ndarray, rate: int) -> tuple[Levels, ...]:
    meter = Meter(rate_hz=rate)
    return metered(meter, started(meter), samples)[1]


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_weighting_is_inside_class_1_at_all_34_frequencies(rate: int) -> None:
    assert len(TABLE_3) == 34
    exact = 1_000 * 10 ** (np.arange(-20, 14) / 10)
    _, gain = signal.freqz_sos(a_weighting(rate), worN=exact, fs=rate)
    for (nominal, wanted, above, below), found in zip(TABLE_3, 20 * np.log10(np.abs(gain)), strict=True):
        assert below <= found - wanted <= above, nominal


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize(("ms", "fast", "slow"), TABLE_4)
def test_tonebursts_are_within_a_fifth_of_a_decibel(rate: int, ms: float, fast: float, slow: float) -> None:
    steady = heard(tone(4_000, 3, rate), rate)[-1].laeq_db
    samples = np.zeros(4 * rate)
    burst = tone(4_000, ms / 1_000, rate)
    samples[rate : rate + len(burst)] = burst
    found = heard(samples, rate)
    assert max(one.lafmax_db for one in found) - steady == pytest.approx(fast, abs=0.2)
    if not np.isnan(slow):
        assert max(one.lasmax_db for one in found) - steady == pytest.approx(slow, abs=0.2)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_level_of_a_mix_is_the_sum_of_its_parts(rate: int) -> None:
    """Tones at exact band frequencies whose weightings annex E gives by formula, computed here anew."""
    parts = {10**2.4: 0.5, 10**2.7: 0.3, 1_000.0: 0.2, 10**3.3: 0.1}
    samples = sum(size * tone(hertz, 4, rate) for hertz, size in parts.items())
    found = heard(np.asarray(samples), rate)[1:]

    def weight(f: float) -> float:
        top = 12_194.217**2 * f**4
        low = (f**2 + 20.598997**2) * np.sqrt((f**2 + 107.65265**2) * (f**2 + 737.86223**2))
        return float(top / low / (f**2 + 12_194.217**2))

    energy = sum((size * weight(hertz) / weight(1_000.0)) ** 2 / 2 for hertz, size in parts.items())
    mean = np.mean([10 ** (one.laeq_db / 10) for one in found])
    assert 10 * np.log10(mean) == pytest.approx(10 * np.log10(energy), abs=0.02)
