"""Assessment fingerprint: the digest of a capability and its settings that an impact assessment covers.

An assessment names these digests. Another version of the program, another purpose, role or table of the capability, or
another setting that its authorizations must cover has another digest, and then the assessment is none (requirement
AIA-03).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from peelian import __version__
from peelian.kernel.model.capability import Capability, Scalar
from peelian.kernel.model.watch import Watch
from peelian.measure.canonical import canonical_digest


def assessed_digest(declared: Capability | Watch, params: Any) -> str:
    """The digest of model and settings: the program's version, all that is declared, and what its authorizations
    must cover."""
    return canonical_digest(
        {"version": __version__, "declared": _declared(declared), "settings": settings_of(declared, params)}
    )


def settings_of(declared: Capability | Watch, params: Any) -> dict[str, Scalar]:
    """The settings an assessment is tied to: those that an authorization the capability needs must agree with."""
    return {key: value for need in declared.needs for key, value in need.covers(params).items()}


def is_assessed(declared: Capability | Watch, params: Any, body: Mapping[str, Scalar]) -> bool:
    """Whether an assessment's body names this capability with these settings, as they are now."""
    return assessed_digest(declared, params) in str(body.get(body_key(declared.id), "")).split()


def assessed_settings(body: Mapping[str, Scalar], capability: str) -> list[dict[str, Scalar]]:
    """Each set of settings of a capability that an assessment says it is of; none where an older one does not say."""
    try:
        kept = json.loads(str(body.get(settings_key(capability), "[]")))
    except ValueError:
        return []
    return [one for one in kept if isinstance(one, dict)] if isinstance(kept, list) else []


def versions(body: Mapping[str, Scalar]) -> tuple[str, str]:
    """The program's version, and that which an assessment says it is of ("" where an older one does not say)."""
    return __version__, str(body.get(VERSION_KEY, ""))


def settings_key(capability: str) -> str:
    """The key under which an assessment's body spells the settings of one capability, as JSON."""
    return f"settings of {capability}"


VERSION_KEY = "assessed_version"


def body_key(capability: str) -> str:
    """The key under which an assessment's body holds the digests of one capability, parted by blanks."""
    return f"of {capability}"


def _declared(declared: Capability | Watch) -> Mapping[str, Any]:
    fields = [(f.name, str(f.type), f.metadata.get("unit", "")) for f in dataclasses.fields(declared.asks.params)]
    common = {
        "id": declared.id,
        "purposes": sorted(declared.asks.purposes),
        "askers": sorted(declared.asks.askers),
        "deciders": sorted(declared.asks.deciders),
        "needs": sorted(str(need.kind) for need in declared.needs),
        "reads": [
            (read.role, read.shape, read.optional, *sorted(str(need.kind) for need in read.needs))
            for read in declared.reads
        ],
        "params": fields,
        "permit_days": declared.asks.days,
    }
    if isinstance(declared, Watch):
        takes = {name: sorted(values) for name, values in declared.takes.items()}
        signals = {name: sorted(facts) for name, facts in declared.signals.items()}
        return {**common, "takes": takes, "signals": signals}
    emits = {emit.table: {name: str(kind) for name, kind in emit.kinds.items()} for emit in declared.emits}
    return {**common, "emits": emits, "choices": declared.asks.choices, "runs": declared.asks.runs}
