"""Differing settings: what an authorization must cover, in words, and where one covers something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from peelian.errors import MISSING, sentence
from peelian.kernel.model.capability import AuthorizationKind, Need, Scalar
from peelian.kernel.model.documents import Authorization
from peelian.kernel.model.policy_port import Use
from peelian.kernel.policy.assessment_fingerprint import assessed_settings, settings_of, versions
from peelian.kernel.policy.entities import apart

OF_SETTINGS = frozenset({"the_authorization_covers_what_is_asked", "the_assessment_is_of_what_is_used"})
"""The policies that say no where settings differ."""


def differences(need: Need, use: Use, nearest: Authorization) -> Iterator[str]:
    """Each setting in which an authorization differs from what is asked, with both values: of a digest only its name,
    and none of a warrant, whose scope is not everybody's to read."""
    if need.kind is AuthorizationKind.WARRANT:
        return
    wanted: Mapping[str, Scalar] = need.covers(use.params)
    body, about = nearest.body, _about(use.params)
    if need.kind is AuthorizationKind.IMPACT_ASSESSMENT:
        now, then = versions(body)
        if then not in ("", now):
            yield _both(sentence("program version"), now, then)
        several = assessed_settings(body, use.capability.id)
        wanted = settings_of(use.capability, use.params) if several else {}
        body = min(several, key=lambda one: len([*apart(wanted, one)]), default={})
    for key in apart(wanted, body):
        label = sentence(about[key]["help"]) if "help" in about.get(key, {}) else sentence(key.replace("_", " "))
        if key.endswith(("_digest", "_sha256")):
            yield label
        else:
            yield _both(label, *(_valued(one.get(key, MISSING), about.get(key, {})) for one in (wanted, body)))


def scope(covers: Mapping[str, object], params: object) -> list[str]:
    """What an authorization must cover, by the labels of the parameters; without digests, and what is not set."""
    about = _about(params)
    said = {key: value for key, value in covers.items() if not key.endswith("_digest") and value not in ("", None)}
    return [_covered(key, value, about.get(key, {})) for key, value in said.items() if value != 0 or key in about]


def _about(params: object) -> dict[str, Mapping[str, Any]]:
    return {one.name: one.metadata for one in fields(params)} if is_dataclass(params) else {}


def _both(label: str, asked: str, given: str) -> str:
    return sentence("%(label)s: %(asked)s, not %(given)s as authorized", label=label, asked=asked, given=given)


def _covered(key: str, value: object, about: Mapping[str, Any]) -> str:
    if (key, value) == ("shift", "all"):
        return sentence("all shifts")
    if "help" not in about:
        return sentence("%(key)s %(value)s", key=sentence(key.replace("_", " ")), value=value)
    return sentence("%(label)s: %(value)s", label=sentence(about["help"]), value=_valued(value, about))


def _valued(value: object, about: Mapping[str, Any]) -> str:
    """A value as people read it: a choice by its name, a number with its unit."""
    if "unit" in about and value != MISSING:
        return sentence("%(value)s %(unit)s", value=value, unit=sentence(about["unit"]))
    names = about.get("names", {})
    return sentence(names[value]) if value in names else str(value)
