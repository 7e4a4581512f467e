"""A case with all that it found, as somebody reads it whom the gate lets see it."""

from __future__ import annotations

from peelian.kernel.gate import found_in
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.transparency.register import CaseRecord, case_record


def whole_case(kernel: Kernel, case: str) -> CaseRecord:
    """The record with its findings."""
    return case_record(kernel, case, findings=found_in(kernel, case))
