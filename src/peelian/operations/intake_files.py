"""Intake of files: read by a child process in an office on a disk, in this process for one in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from peelian.errors import InputError
from peelian.intake.allowance import allowance_in, metered
from peelian.intake.child import admitted_by_child
from peelian.intake.sources import Given, opened_source
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.formats import Admitted, Format, looked_at
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs import custody
from peelian.operations.demonstration import only_shipped

Progress = Callable[[str, float], None]


def read_file(
    path: Given,
    format: str,
    find: Callable[[], Sequence[Format]],
    options: Mapping[str, str],
    progress: Progress = lambda says, share: None,
    *,
    apart: bool,
) -> tuple[str, Admitted]:
    """What the file holds by one of the formats that `find` returns, within what the environment allows; errors as
    `intake.read.admitted`. `apart`: in a child process, to which `find` is told by its module and name."""
    allowance = allowance_in(os.environ)
    if apart:
        return admitted_by_child(path, format, find, options, progress, allowance=allowance)
    from peelian.intake.read import admitted

    return admitted(path, format, find(), options, progress, allowance=allowance)


def looked_at_here(format: Format, file: BinaryIO, options: Mapping[str, str]) -> Admitted:
    """What the format says of an object kept whole, within what the environment allows."""
    with metered("", allowance_in(os.environ)):
        return looked_at(format, file, options)


def keep_file(
    kernel: Kernel,
    by: Operator,
    path: Given,
    declaration: Declaration,
    *,
    format: str,
    options: Mapping[str, str],
    progress: Progress,
) -> Admission:
    """Keep a file whole (`custody.keep`); an error names it, also in a demonstration for a file that is not shipped."""
    with opened_source(only_shipped(kernel, path, options)) as (file, size):
        try:
            return custody.keep(
                kernel, by, declaration, file, format=format, options=options, progress=progress, size=size
            )
        except InputError as fault:
            raise fault.of_file(fault.file or path.name) from None
