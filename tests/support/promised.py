"""The capabilities and watches that promises are asked of.

All of them; on PostgreSQL the first one of each technology, as a database does not know whose rows it keeps.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from peelian.kernel.model.capability import Capability
from peelian.kernel.model.technology import Technology
from peelian.kernel.model.watch import Watch

FEW = 1 if os.environ.get("PEELIAN_TESTS_ON") == "postgresql" else None


def promised(known: Sequence[Technology]) -> list[Capability]:
    """Capabilities of these technologies, in order."""
    return [capability for technology in known for capability in technology.capabilities[:FEW]]


def promised_watches(known: Sequence[Technology]) -> list[Watch]:
    """Watches of these technologies, in order."""
    return [watch for technology in known for watch in technology.watches[:FEW]]
