"""Readiness: what a use would need, before anybody asks for it. The policy judges it as it would be; nothing is logged.

Where an authorization covers only some settings, as an accuracy report covers the model it tested, the settings that
authorizations in force cover are found, and each is judged by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from peelian.errors import Reason
from peelian.forms import fields_of
from peelian.kernel.model.capability import AuthorizationKind, Capability, Need, Read
from peelian.kernel.model.documents import Admission, Authorization, digest_of
from peelian.kernel.model.people import Person
from peelian.kernel.model.policy_port import Policy, Use
from peelian.kernel.state.kernel import Kernel, policy_inputs

NO_DATA = "the_data_may_be_used"  # the policy that a required dataset is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings that an authorization in force covers (`digest`), and why they could not be asked for all the same."""

    digest: str
    params: Mapping[str, Any]
    held: tuple[Authorization, ...]
    reasons: tuple[Reason, ...]

    @property
    def until(self) -> str:
        """When the first of their authorizations ends; "": they need none."""
        return min((one.ends for one in self.held), default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What a person would meet who asks: reasons against it, data that nobody admitted, and settings by what covers
    them."""

    reasons: tuple[Reason, ...]
    missing: tuple[Read, ...]
    held: tuple[Authorization, ...]
    proven: tuple[Settings, ...]  # may be asked for
    short: tuple[Settings, ...]  # lack something else
    kind: AuthorizationKind | None = None  # what must cover settings, if anything must
    bound: tuple[str, ...] = ()  # the parameters that it must cover

    @property
    def ready(self) -> bool:
        """Whether it may be asked for."""
        return not self.reasons and not self.missing


def readiness(kernel: Kernel, capabilities: Iterable[Capability], person: Person) -> dict[str, Readiness]:
    """What this person would meet, by capability. O(capabilities × (settings covered + authorizations of its kinds))
    judgements."""
    inputs: dict[str, Any] = {"person": person, "now": kernel.now(), **policy_inputs(kernel)}
    datasets = list(kernel.state.datasets.values())
    return {one.id: _readiness(kernel.policy, one, datasets, inputs) for one in capabilities}


def _readiness(
    policy: Policy, capability: Capability, datasets: Sequence[Admission], inputs: Mapping[str, Any]
) -> Readiness:
    data, params = _newest(capability, datasets), _plain(capability)
    use = Use(capability=capability, purpose=_purpose(capability, data), params=params, datasets=data, **inputs)
    need, names = _bound(capability, params)
    covered = [_settings(policy, use, *one) for one in _covered(policy, use, need, names)] if need else []
    proven = tuple(one for one in covered if not one.reasons)
    short = tuple(one for one in covered if one.reasons)
    told = (*proven, *short) or (_settings(policy, use, "", {}),)
    missing = tuple(read for read in capability.reads if not read.optional and read.role not in data)
    return Readiness(
        reasons=told[0].reasons,
        missing=missing,
        held=told[0].held,
        proven=proven,
        short=short,
        kind=need.kind if need else None,
        bound=names,
    )


def _newest(capability: Capability, datasets: Sequence[Admission]) -> dict[str, Admission | None]:
    """By required role the newest data of its shape; those admitted for a purpose of the use come first."""
    data: dict[str, Admission | None] = {}
    for read in (one for one in capability.reads if not one.optional):
        known = [one for one in datasets if one.shape == read.shape]
        fit = [one for one in known if capability.asks.purposes & set(one.declaration["purposes"])] or known
        data |= {read.role: fit[-1]} if fit else {}
    return data


def _purpose(capability: Capability, data: Mapping[str, Admission | None]) -> str:
    """A purpose that the data were admitted for, where there is one."""
    purposes = sorted(map(str, capability.asks.purposes))
    fit = (p for p in purposes if all(one is None or p in one.declaration["purposes"] for one in data.values()))
    return next(fit, purposes[0])


def _settings(policy: Policy, use: Use, digest: str, params: Mapping[str, Any]) -> Settings:
    use = replace(use, params=replace(use.params, **params))
    found = (next(policy.authorizations(need, use), None) for need in use.needs)
    reasons = tuple(one for one in policy.judge(use) if one.policy != NO_DATA)
    return Settings(digest=digest, params=params, held=tuple(one for one in found if one), reasons=reasons)


def _bound(capability: Capability, params: Any) -> tuple[Need | None, tuple[str, ...]]:
    """The first need that must cover parameters, and their names."""
    known = {field.name for field in dataclasses.fields(params)}
    for need in capability.needs:
        if names := tuple(name for name in need.covers(params) if name in known):
            return need, (*names, *need.settings({}))
    return None, ()


def _covered(policy: Policy, use: Use, need: Need, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each settings that authorizations in force cover, the newest first, with the digest of what covers them."""
    seen: list[dict[str, Any]] = []
    for one in policy.authorizations(replace(need, covers=lambda params: {}), use):
        told = {**one.body, **need.settings(one.body)}
        params = {name: told[name] for name in names if name in told}
        if len(params) == len(names) and params not in seen:
            seen.append(params)
            yield digest_of(one), params


def _plain(capability: Capability) -> Any:
    """The parameters as they are where nothing is typed; an empty one stands for what must be."""
    fields = fields_of(capability.asks.params)
    return capability.asks.params(**{f.name: f.type() for f in fields if f.required})
