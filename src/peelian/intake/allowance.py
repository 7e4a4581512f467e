"""Allowance of one intake: how much memory and processor time a file may take, whatever it holds.

What a file promises is counted before it is read (`sources.Limits`). This stands behind those counts: whoever finds a
way around them gets an InputError, and neither the machine nor the other programs of the office suffer.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from peelian.errors import InputError, sentence

STATM = Path("/proc/self/statm")  # pages: of address space, in memory, …


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Memory beyond what the program holds already, and processor seconds of all its threads together."""

    memory_mib: int = 4_096
    cpu_seconds: int = 900


def allowance_in(environment: Mapping[str, str]) -> Allowance:
    """The allowance that the environment states; InputError where it states no number from 1 to 1,000,000.

    >>> allowance_in({"PEELIAN_INTAKE_MEMORY": "512"})
    Allowance(memory_mib=512, cpu_seconds=900)
    """
    usual, found = Allowance(), {}
    for name, default in (("PEELIAN_INTAKE_MEMORY", usual.memory_mib), ("PEELIAN_INTAKE_SECONDS", usual.cpu_seconds)):
        text = environment.get(name, "") or str(default)
        if not (text.isdecimal() and len(text) <= 7 and 1 <= int(text) <= 1_000_000):
            raise InputError("not a limit of intake", column=name, accepted="1 to 1,000,000 (MiB or seconds)")
        found[name] = int(text)
    return Allowance(memory_mib=found["PEELIAN_INTAKE_MEMORY"], cpu_seconds=found["PEELIAN_INTAKE_SECONDS"])


@dataclass(slots=True, kw_only=True)
class Meter:
    """What one intake has taken so far."""

    name: str
    allowance: Allowance
    began: float = field(default_factory=time.process_time)
    held: int = field(default_factory=lambda: _bytes_held(1))

    def check(self) -> None:
        """InputError where the intake has taken more than it is allowed; asked between any two parts of a file."""
        if time.process_time() - self.began > self.allowance.cpu_seconds:
            raise self.too_long()
        if _bytes_held(1) - self.held > self.allowance.memory_mib << 20:
            raise self.too_large()

    def too_long(self) -> InputError:
        """The error of a file that takes too much time."""
        accepted = sentence("at most %(n)d seconds (PEELIAN_INTAKE_SECONDS)", n=self.allowance.cpu_seconds)
        return InputError("reading the file takes too much processor time", file=self.name, accepted=accepted)

    def too_large(self) -> InputError:
        """The error of a file that takes too much memory."""
        accepted = sentence("at most %(n)d MiB (PEELIAN_INTAKE_MEMORY)", n=self.allowance.memory_mib)
        return InputError("reading the file takes too much memory", file=self.name, accepted=accepted)


def limit_processor(allowance: Allowance) -> None:
    """For a process that does nothing else: the system ends what no signal stops, some seconds after the signal."""
    import resource

    most = int(time.process_time()) + allowance.cpu_seconds + 5
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))


def keep_memory() -> None:
    """For a process that does nothing else: what one block of a file took serves the next one, in whichever thread, as
    the system would fill each page anew. Where there is no such setting (glibc has it) nothing changes."""
    import ctypes

    if hasattr(library := ctypes.CDLL(None), "mallopt"):
        # malloc.h: M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_ARENA_MAX
        for setting, most in ((-3, 32 << 20), (-1, 256 << 20), (-8, 1)):
            library.mallopt(setting, most)


class _OutOfTime(BaseException):
    """Raised wherever the program is when the time is up: no reader's own `except Exception` may take it for a fault
    of the file."""


@contextmanager
def metered(name: str, allowance: Allowance) -> Iterator[Meter]:
    """An intake within its allowance: the system itself refuses more memory, and a signal ends what takes too long.

    The signal reaches the main thread only. Elsewhere `Meter.check` ends it, between two parts of the file.
    """
    meter = Meter(name=name, allowance=allowance)
    try:
        with _memory_of(allowance), _time_of(meter):
            yield meter
    except MemoryError:
        raise meter.too_large() from None
    except _OutOfTime:
        raise meter.too_long() from None


@contextmanager
def _memory_of(allowance: Allowance) -> Iterator[None]:
    """The address space may grow by twice the allowance and a GiB: mapped files and threads' stacks lie there, too."""
    held = _bytes_held(0)
    if sys.platform == "win32" or not held:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    known = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    most = min([held + (2 * allowance.memory_mib + 1_024 << 20), *known])
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def _time_of(meter: Meter) -> Iterator[None]:
    """A signal after the allowed seconds of processor time."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ends(signum: int, frame: FrameType | None) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGPROF, ends)
    signal.setitimer(signal.ITIMER_PROF, meter.allowance.cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _bytes_held(which: int) -> int:
    """Bytes of this process: 0 of address space, 1 in memory; 0 where the system does not say."""
    with contextlib.suppress(OSError):
        return int(STATM.read_bytes().split()[which]) * os.sysconf("SC_PAGE_SIZE")
    return 0
