"""Speech of a synthesiser, for what listens for speech."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from functools import cache

import clips
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

SAID = "Please step out of the car and show me your licence. Keep your hands where I can see them."
needs_voice = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is missing: apt install espeak-ng"
)


@cache
def spoken() -> NDArray[np.float32]:
    """Speech of a synthesiser at 48 kHz; float32[samples]."""
    made = subprocess.run(["espeak-ng", "-v", "en-us", "--stdout", SAID], check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(made)) as file:
        samples = np.frombuffer(file.readframes(10**8), dtype="<i2").astype(np.float32) / 32_768
        return np.asarray(resample_poly(samples, clips.RATE, file.getframerate()), dtype=np.float32)
