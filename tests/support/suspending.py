"""Suspending a technology and lifting it as two people of an office do, for tests."""

from __future__ import annotations

from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs import authorizations


def suspend(kernel: Kernel, by: Operator, technology: str, *, reason: str = "precaution") -> None:
    """One person throws the kill switch; here for no other reason than a test's."""
    authorizations.suspend(kernel, by, technology, reason=reason)


def lift(kernel: Kernel, first: Operator, second: Operator, technology: str) -> str:
    """One person proposes to lift a suspension, the other approves after a step-up; the proposal's digest."""
    body = {"technology": technology}
    proposal = dual_control.propose(kernel, first, "resume", words="the cause is found", body=body)
    step_up.prove(kernel, second)
    dual_control.approve(kernel, second, proposal)
    return proposal
