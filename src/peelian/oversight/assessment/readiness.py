"""Readiness: what a use would need, before anybody asks for it. The policy judges it as it would be; nothing is logged.

Where an authorization covers only some settings, as an accuracy report covers the model it tested, the settings that
authorizations in force cover are found, and each is judged by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from peelian.errors import Reason
from peelian.forms import fields_of
from peelian.kernel.model.capability import AuthorizationKind, Capability, Need, Read
from peelian.kernel.model.documents import Admission, Authorization, digest_of
from peelian.kernel.model.people import Person
from peelian.kernel.model.policy_port import Judgement, Policy, Use
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
    inputs |= {"owner_of": kernel.owner_of}
    datasets = list(kernel.state.datasets.values())
    asked = [_asked(kernel.policy, one, datasets, inputs) for one in capabilities]
    judged = iter(kernel.policy.judge_each([use for one in asked for use in one.uses]))
    return {one.capability.id: _readiness(one, list(islice(judged, len(one.uses)))) for one in asked}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A capability as it would be asked for: once for each settings that are covered, else once as it is."""

    capability: Capability
    uses: Sequence[Use]
    covered: Sequence[tuple[str, Mapping[str, Any]]]  # by the digest of what covers them
    need: Need | None
    names: tuple[str, ...]


def _asked(policy: Policy, capability: Capability, datasets: Sequence[Admission], inputs: Mapping[str, Any]) -> _Asked:
    data, params = _newest(capability, datasets, inputs["owner_of"]), _plain(capability)
    use = Use(capability=capability, purpose=_purpose(capability, data), params=params, datasets=data, **inputs)
    need, names = _bound(capability, params)
    covered = (list(_covered(policy, use, need, names)) if need else []) or [("", dict[str, Any]())]
    return _Asked(
        capability=capability,
        uses=[replace(use, params=replace(params, **settings)) for _, settings in covered],
        covered=covered,
        need=need,
        names=names,
    )


def _readiness(asked: _Asked, judged: Sequence[Judgement]) -> Readiness:
    told = [
        Settings(
            digest=digest,
            params=params,
            held=one.held,
            reasons=tuple(reason for reason in one.reasons if reason.policy != NO_DATA),
        )
        for (digest, params), one in zip(asked.covered, judged, strict=True)
    ]
    first = next((one for one in told if not one.reasons), told[0])
    use = asked.uses[0]
    return Readiness(
        reasons=first.reasons,
        missing=tuple(read for read in use.capability.reads if not read.optional and read.role not in use.datasets),
        held=first.held,
        proven=tuple(one for one in told if one.digest and not one.reasons),
        short=tuple(one for one in told if one.digest and one.reasons),
        kind=asked.need.kind if asked.need else None,
        bound=asked.names,
    )


def _newest(
    capability: Capability, datasets: Sequence[Admission], owner_of: Callable[[str], str]
) -> dict[str, Admission | None]:
    """By required role the newest data of its shape; those admitted for a purpose of the use come first."""
    data: dict[str, Admission | None] = {}
    for read in (one for one in capability.reads if not one.optional):
        wanted = read.of(capability.technology)
        known = [one for one in datasets if f"{owner_of(one.format)}.{one.shape}" == wanted]
        fit = [one for one in known if capability.asks.purposes & set(one.declaration["purposes"])] or known
        data |= {read.role: fit[-1]} if fit else {}
    return data


def _purpose(capability: Capability, data: Mapping[str, Admission | None]) -> str:
    """A purpose that the data were admitted for, where there is one."""
    purposes = sorted(map(str, capability.asks.purposes))
    fit = (p for p in purposes if all(one is None or p in one.declaration["purposes"] for one in data.values()))
    return next(fit, purposes[0])


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
