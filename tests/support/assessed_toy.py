"""The toy technology with a capability that needs an impact assessment."""

from __future__ import annotations

import dataclasses

from toy import COUNT, TOY

from peelian.kernel.model.capability import AuthorizationKind, Need

NEEDED = dataclasses.replace(COUNT, needs=(*COUNT.needs, Need(kind=AuthorizationKind.IMPACT_ASSESSMENT)))
TOWN = dataclasses.replace(TOY, capabilities=(TOY.capabilities[0], NEEDED))
