"""What stands in for the kernel where there is none: files in memory, and a place where what is made goes nowhere."""

from __future__ import annotations

from peelian.kernel.model.custody_declarations import dropped, scratch_in_memory, stream_of


def test_bytes_become_a_file_that_can_be_sought() -> None:
    file = stream_of(b"abc")
    assert file.seek(1) == 1 and file.read() == b"bc"


def test_without_a_kernel_what_is_made_goes_nowhere() -> None:
    with dropped("role") as file:
        assert file.write(b"abc") == 3
    with scratch_in_memory() as file:
        file.write(b"abc")
        assert file.seek(0) == 0 and file.read() == b"abc"
