"""What a demonstration office may hold and where it may be reached: shipped files only, this machine only.

One person plays everybody in it. Without these limits that would be the way around two persons.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import peelian.technologies
from peelian.errors import InputError, OutOfOrder
from peelian.intake.sources import Given, opened_source
from peelian.kernel.state.demonstration import is_demonstration
from peelian.kernel.state.kernel import Kernel

PIECE = 1 << 20
LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]"})


@cache
def shipped() -> frozenset[str]:
    """SHA-256 of every example file of every technology. O(bytes), once."""
    with resources.as_file(resources.files(peelian.technologies)) as folder:
        files = [path for path in Path(folder).glob("*/examples/**/*") if path.is_file()]
        return frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)


def only_shipped(kernel: Kernel, path: Given, options: Mapping[str, str]) -> Given:
    """The file; InputError in a demonstration office where it, or one that an option names, is no shipped example."""
    if not is_demonstration(kernel):
        return path
    for file in (path, *(Path(text) for text in options.values() if Path(text).is_file())):
        digest = hashlib.sha256()
        with opened_source(file) as (content, _):
            while piece := content.read(PIECE):
                digest.update(piece)
        if digest.hexdigest() not in shipped():
            says = "a demonstration office takes no data of its own"
            raise InputError(says, file=file.name, accepted="an example file that came with the program")
    return path


def must_be_local(kernel: Kernel, hosts: Collection[str], proxies: Collection[str] = ()) -> None:
    """OutOfOrder where a demonstration office would be reached from elsewhere: by another name, or through a proxy."""
    if is_demonstration(kernel) and (proxies or not LOCAL.issuperset(hosts)):
        raise OutOfOrder("A demonstration office is served on this machine only.")


def must_not_listen(kernel: Kernel) -> None:
    """OutOfOrder where real sensors would speak to a demonstration office."""
    if is_demonstration(kernel):
        raise OutOfOrder("A demonstration office takes no readings of real sensors.")
