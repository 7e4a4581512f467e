"""A decision as a person takes it: they open the findings, then decide."""

from __future__ import annotations

from typing import Any

from peelian.errors import PeelianError, Unreachable, Unsure
from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.model.documents import Decision, Evidence
from peelian.kernel.model.findings import unpack
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.decision_checks import is_exposing


def read_and_decide(kernel: Kernel, by: Operator, evidence: Evidence, **said: Any) -> Decision:
    """Decide on findings that the person has opened, where they may open them: `decide` says what else is wrong."""
    try:
        looked(kernel, by, evidence.case, whole=True)
        if is_exposing(unpack(kernel.stores.archive.get(evidence.findings))):
            said["also"] = {"exposure": "No patrol is added there."} | said.get("also", {})
    except (Unreachable, Unsure):  # nothing was opened: who decides hears of it
        raise
    except PeelianError:
        pass
    return verbs.decide(kernel, by, evidence, **said)
