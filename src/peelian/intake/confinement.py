"""Confinement: what a process that reads foreign files can no longer do, whatever makes it run code of theirs.

Landlock (Linux 5.13) takes its sight of all files but those named. seccomp takes its network, its reach to other
processes, processes of its own, and what Landlock does not see. Neither can be given back. `confined` says which of
them this system could be told.
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
    # the network, and what does the same past a filter
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "sendto": (44, 206), "sendmsg": (46, 211),
    "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199), "accept4": (288, 242), "sendmmsg": (307, 269),
    "io_uring_setup": (425, 425),
    # other processes of the same user: to look into them, to end, slow or steer them
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "kill": (62, 129), "tkill": (200, 130),
    "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "setpriority": (141, 140),
    "ioprio_set": (251, 30), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122), "sched_setattr": (314, 274), "migrate_pages": (256, 238),
    "move_pages": (279, 239), "process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272),
    # processes of its own, which would go on once it is ended
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "unshare": (272, 97),
    "setns": (308, 268),
    # what Landlock leaves of files out of sight: whose they are, who may read them, when they were written
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "setxattrat": (463, 463), "removexattrat": (466, 466), "file_setattr": (469, 469),
    # what the processes of a user share: memory, queues, keys
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "msgget": (68, 186), "semget": (64, 190),
    "mq_open": (240, 180), "mq_unlink": (241, 181), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219),
    # doors into the system's own core
    "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282),
}  # fmt: skip
"""System calls that fail, by their numbers on x86_64 and aarch64 (asm/unistd.h); None: there is none."""
CLONE, CLONE3, PRLIMIT = (56, 220), (435, 435), (302, 261)
THREAD = 0x00010000  # linux/sched.h: of `clone`, whose flags a filter sees; of `clone3` it sees none
SET_FILTER, EVERY_THREAD = 1, 1  # linux/seccomp.h
GIVE_UP, FAIL, GO_ON, EPERM, ENOSYS = 0x80000000, 0x00050000, 0x7FFF0000, 1, 38


def confined(readable: Iterable[Path], writable: Iterable[Path] = ()) -> tuple[str, ...]:
    """From now on this thread and all that it starts read nothing but `readable` and `writable` (files, or folders with
    all in them), write nothing but `writable`; no thread of this process opens a socket, reaches another process or
    starts one. What it has open stays open. What of it this system could be told: "files", "network"."""
    if not sys.platform.startswith("linux"):
        return ()
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return ()
    held = ((FILES, _sees_only(library, readable, writable)), (NETWORK, _calls_nobody(library)))
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


def _calls_nobody(library: ctypes.CDLL) -> bool:
    """A filter of the kernel's: another processor's calls end the process (those of 32 bits, too), REFUSED ones fail.

    It starts threads (`clone3` is said to be unknown: the library then takes `clone`), and limits itself.
    """
    machine = platform.machine()
    if machine not in PROCESSORS:
        return False
    processor, seccomp = PROCESSORS[machine]
    steps = _steps(processor, list(PROCESSORS).index(machine))
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    filter = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(program)))
    return bool(library.syscall(seccomp, SET_FILTER, EVERY_THREAD, filter) == 0)


def _steps(processor: int, which: int) -> list[tuple[int, int, int, int]]:
    """The filter's steps: what to do, how many to skip if so, if not, and with which number (linux/bpf_common.h)."""
    load, equal, least, some, give = 0x20, 0x15, 0x35, 0x45, 0x06  # a word; jump if ==, if >=, if any bit; return
    calls = [call for numbers in REFUSED.values() if (call := numbers[which]) is not None]
    refuse, unknown, go_on = (give, 0, 0, FAIL | EPERM), (give, 0, 0, FAIL | ENOSYS), (give, 0, 0, GO_ON)
    steps = [(load, 0, 0, 4), (equal, 1, 0, processor), (give, 0, 0, GIVE_UP), (load, 0, 0, 0)]
    steps += [(least, 0, 1, 0x40000000), refuse]  # the same calls under other numbers (x32)
    steps += [(equal, 0, 1, CLONE3[which]), unknown]
    steps += [(equal, 0, 4, CLONE[which]), (load, 0, 0, 16), (some, 1, 0, THREAD), refuse, go_on]
    steps += [(equal, 0, 4, PRLIMIT[which]), (load, 0, 0, 16), (equal, 1, 0, 0), refuse, go_on]
    steps += [(equal, len(calls) - place, 0, call) for place, call in enumerate(calls)]
    return [*steps, go_on, refuse]
