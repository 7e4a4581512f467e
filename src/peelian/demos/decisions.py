"""Decisions of the demonstrations: who decides opens the findings first, as at the pages."""

from __future__ import annotations

from typing import Any

from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.model.documents import Decision, Evidence
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel


def read_and_decide(kernel: Kernel, by: Operator, evidence: Evidence, **said: Any) -> Decision:
    """Open what a case found, then decide on it as `decide` takes it. Its errors."""
    looked(kernel, by, evidence.case, whole=True)
    return verbs.decide(kernel, by, evidence, **said)
