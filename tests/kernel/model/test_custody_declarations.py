"""What stands in for the kernel where there is none: files in memory."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.kernel.model.custody_declarations import stream_of


def test_bytes_become_a_file_that_can_be_sought() -> None:
    file = stream_of(b"abc")
    assert file.seek(1) == 1 and file.read() == b"bc"


def test_without_a_kernel_what_is_made_goes_nowhere() -> None:
    context = Context(seed=1, progress=lambda says, share: None)
    with context.make("role") as made:
        assert made.write(b"abc") == 3
    with context.scratch() as file:
        file.write(b"abc")
        assert file.seek(0) == 0 and file.read() == b"abc"
