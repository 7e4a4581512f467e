"""Process hardening: no core dump and no debugger may put this process's memory on a disk.

Raw readings and unlocked signing keys live in memory only; a crash that wrote the memory out would keep them. What is
swapped out is the machine's to encrypt or to leave out.
"""

from __future__ import annotations

import ctypes
import resource
import sys

PR_SET_DUMPABLE = 4  # linux/prctl.h


def forbid_dumps() -> bool:
    """Forbid them, for good; whether this system could be told all of it. Doing it again does nothing."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    return int(library.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) == 0
