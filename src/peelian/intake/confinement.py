"""Confinement: what a process that reads foreign files can no longer do, whatever makes it run code of theirs.

Landlock (Linux 5.13) takes its sight of all files but those named. seccomp takes its network, and what would lend it
another process's. Neither can be given back. `confined` says which of them this system could be told.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h
CREATE, ADD, RESTRICT = 444, 445, 446  # Landlock's system calls, the same on every processor
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many kinds of access to files each version of Landlock knows
EXECUTE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 2, 1 << 3  # linux/landlock.h
FILES, NETWORK = "files", "network"
PROCESSORS = {"x86_64": (0xC000003E, 317), "aarch64": (0xC00000B7, 277)}
"""linux/audit.h: the processor; and the number of its call seccomp."""
REFUSED = {
    "x86_64": (41, 42, 43, 44, 46, 49, 50, 53, 101, 288, 307, 310, 311, 425, 438),
    "aarch64": (198, 203, 202, 206, 211, 200, 201, 199, 117, 242, 269, 270, 271, 425, 438),
}
"""Their calls socket, connect, accept, sendto, sendmsg, bind, listen, socketpair, ptrace, accept4, sendmmsg,
process_vm_readv, process_vm_writev, io_uring_setup (which does the same past a filter), pidfd_getfd (asm/unistd.h)."""
SET_FILTER, EVERY_THREAD, EPERM = 1, 1, 1  # linux/seccomp.h


def confined(readable: Iterable[Path], writable: Iterable[Path] = ()) -> tuple[str, ...]:
    """From now on this thread and all that it starts read nothing but `readable` and `writable` (files, or folders with
    all in them), write nothing but `writable`, and no thread of this process opens a socket or reaches another process.
    What it has open stays open. What of it this system could be told: "files", "network"."""
    if not sys.platform.startswith("linux"):
        return ()
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return ()
    held = ((FILES, _sees_only(library, readable, writable)), (NETWORK, _opens_no_socket(library)))
    return tuple(name for name, holds in held if holds)


def _sees_only(library: ctypes.CDLL, readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    version = library.syscall(CREATE, None, 0, 1)
    if version < 1:
        return False
    rights = (1 << RIGHTS.get(version, 16)) - 1
    rules = library.syscall(CREATE, struct.pack("Q", rights), 8, 0)
    if rules < 0:
        return False
    reads = READ_FILE | EXECUTE | READ_FOLDER
    for path, allowed in [*((path, reads) for path in readable), *((path, rights) for path in writable)]:
        try:
            handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # there is nothing to be seen
        allowed &= ~0 if path.is_dir() else READ_FILE | EXECUTE
        library.syscall(ADD, rules, 1, struct.pack("=Qi", allowed, handle), 0)
        os.close(handle)
    holds = bool(library.syscall(RESTRICT, rules, 0) == 0)
    os.close(rules)
    return holds


def _opens_no_socket(library: ctypes.CDLL) -> bool:
    """A filter of the kernel's: another processor's calls end the process (those of 32 bits, too), these fail."""
    machine = platform.machine()
    if machine not in PROCESSORS:
        return False
    (processor, seccomp), calls = PROCESSORS[machine], REFUSED[machine]
    load, equal, least, give = 0x20, 0x15, 0x35, 0x06  # linux/bpf_common.h: load a word, jump if ==, if >=, return
    steps = [(load, 0, 0, 4), (equal, 1, 0, processor), (give, 0, 0, 0x80000000), (load, 0, 0, 0)]
    steps += [(least, len(calls) + 1, 0, 0x40000000)]  # the same calls under other numbers (x32)
    steps += [(equal, len(calls) - place, 0, call) for place, call in enumerate(calls)]
    steps += [(give, 0, 0, 0x7FFF0000), (give, 0, 0, 0x00050000 | EPERM)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    filter = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(program)))
    return bool(library.syscall(seccomp, SET_FILTER, EVERY_THREAD, filter) == 0)
