"""Intake of files: read by a child process in an office on a disk, in this process for one in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from peelian.errors import InputError
from peelian.intake.allowance import allowance_in, metered
from peelian.intake.child import admitted_by_child
from peelian.intake.sources import Given, Lent, opened_source
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.formats import Admitted, Emit, Format, looked_at
from peelian.kernel.model.people import Operator
from peelian.kernel.model.technology import formats_of
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.admission import admit
from peelian.kernel.verbs.custody import keep, must_come_in, while_it_may
from peelian.kernel.verbs.partitioned_admission import admit_in_parts
from peelian.operations.demonstration import only_shipped
from peelian.oversight.review.people import list_subjects, people_stated

LARGE = 1 << 30  # bytes: some four million rows, which take a GiB of memory where they are read whole
HEAD_ROWS = 1_000_000  # of a file that is only looked at, where its format has parts


def read_file(
    path: Given,
    format: str,
    find: Callable[[], Sequence[Format]],
    options: Mapping[str, str],
    progress: Progress = lambda says, share: None,
    *,
    apart: bool,
    emit: Emit | None = None,
    most_rows: int = 0,
) -> tuple[str, Admitted]:
    """What the file holds by one of the formats that `find` returns, within what the environment allows; errors as
    `intake.read.admitted`. `apart`: in a child process, to which `find` is told by its module and name. `emit` gets the
    parts of a file that is to be sealed in partitions; with `most_rows` only its head is read."""
    allowance = allowance_in(os.environ)
    if apart:
        return admitted_by_child(
            path, format, find, options, progress, allowance=allowance, emit=emit, most_rows=most_rows
        )
    from peelian.intake.read import admitted

    return admitted(path, format, find(), options, progress, allowance=allowance, emit=emit, most_rows=most_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is read: by which format with which options, whether in a process of its own, whether it is to be
    sealed by month and region (None: where it has a GiB or more and its format can)."""

    format: str = "auto"
    options: Mapping[str, str]
    progress: Progress
    apart: bool
    partitions: bool | None = None
    people: str | None = None  # of a recording: the list of those whom it shows, CSV


def admit_file(kernel: Kernel, by: Operator, path: Given, declaration: Declaration, how: Reading) -> Admission:
    """Read a file through the door in, once, and seal it; nothing is kept of a file that is not admitted whole.

    Refused, and the reading ended, where the technology of the named format is suspended.
    """
    find = formats_of(kernel.technologies, "" if how.format == "auto" else how.format)
    must_come_in(kernel, how.format)
    progress = while_it_may(kernel, how.format, how.progress)
    file = only_shipped(kernel, path, how.options)

    def read(emit: Emit | None) -> tuple[str, Admitted]:
        return read_file(file, how.format, find, how.options, progress, apart=how.apart, emit=emit)

    size = file.size if isinstance(file, Lent) else file.stat().st_size if file.is_file() else 0
    if how.partitions is False or (how.partitions is None and size < LARGE):
        name, taken = read(None)
        return admit(kernel, by, declaration, taken, format=name)
    try:
        must = bool(how.partitions)
        return admit_in_parts(kernel, by, declaration, read, progress=how.progress, must=must)
    except InputError as fault:
        raise fault.of_file(fault.file or path.name) from None


def keep_file(kernel: Kernel, by: Operator, path: Given, declaration: Declaration, how: Reading) -> Admission:
    """Keep a file whole, all or nothing. A list of the people whom it shows is checked before a byte is read, and kept
    encrypted after it (`list_subjects`); where that fails, the recording is there and counts as not listed."""
    declaration = people_stated(kernel, by, declaration, how.people)
    with opened_source(only_shipped(kernel, path, how.options)) as (file, size):
        try:
            made = keep(
                kernel, by, declaration, file, format=how.format, options=how.options, progress=how.progress, size=size
            )
        except InputError as fault:
            raise fault.of_file(fault.file or path.name) from None
    if how.people is not None:
        list_subjects(kernel, by, made.dataset, how.people)
    return made


def looked_at_here(format: Format, file: BinaryIO, options: Mapping[str, str]) -> Admitted:
    """What the format says of an object kept whole, within what the environment allows."""
    with metered("", allowance_in(os.environ)):
        return looked_at(format, file, options)
