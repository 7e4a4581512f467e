"""What Cedar policies look at, read from their parsed form: what they do not look at changes no answer of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

EVERYTHING = "*"
_ATTRIBUTE = frozenset({".", "has"})
_MEET = frozenset({"==", "!=", "in", "is", "Set"})  # two things meet: nothing of either is read

Policy = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What some policies look at, taken together."""

    context: frozenset[str]  # attributes of the context; EVERYTHING where it is taken as a whole
    attributes: frozenset[str]  # of anything, the context too
    variables: frozenset[str]  # "principal", "action", … in their conditions; "principal" if a scope is of some only
    named: frozenset[str]  # the types of entities that they name: "Person" of Person::"3f"
    looked_into: frozenset[str]  # those of which something is read where they are named


def reading_of(policies: Iterable[Policy]) -> Reading:
    """What these policies look at. O(their length)."""
    context: set[str] = set()
    attributes: set[str] = set()
    variables: set[str] = set()
    named: set[str] = set()
    looked_into: set[str] = set()
    for policy in policies:
        named |= set(_named_by_scope(policy["principal"])) | set(_named_by_scope(policy["resource"]))
        variables |= {"principal"} if policy["principal"]["op"] != "All" else set()
        for does, given, within in _expressions(policy):
            if does in _ATTRIBUTE:
                attributes.add(given["attr"])
                context |= {given["attr"]} if given["left"] == {"Var": "context"} else set()
            elif does == "Var":
                variables.add(given)
                context |= {EVERYTHING} if given == "context" and within not in _ATTRIBUTE else set()
            elif does == "Value" and isinstance(given, dict):
                kind = given.get("__entity", {}).get("type", "")
                named.add(kind)
                looked_into |= {kind} if within not in _MEET else set()
    return Reading(
        context=frozenset(context),
        attributes=frozenset(attributes),
        variables=frozenset(variables),
        named=frozenset(named),
        looked_into=frozenset(looked_into),
    )


def speaks_of(policy: Policy, action: str) -> bool:
    """Whether a policy may count for this action by its scope (the schema has no groups of actions)."""
    scope = policy["action"]
    named = [scope["entity"]] if "entity" in scope else scope.get("entities", ())
    return not named or any(one["id"] == action for one in named)


def _named_by_scope(scope: Mapping[str, Any]) -> Iterator[str]:
    """The type of the entity in `principal == Person::"3f"`, or in `resource is Paper in Paper::"9a"`."""
    for place in (scope, scope.get("in", {})):
        if "entity" in place:
            yield place["entity"]["type"]


def _expressions(policy: Policy) -> Iterator[tuple[str, Any, str]]:
    """Every expression in a policy's conditions: what it does, with what, and what the one around it does."""
    for condition in policy["conditions"]:
        yield from _within(condition["body"], "")


def _within(expression: Mapping[str, Any], around: str) -> Iterator[tuple[str, Any, str]]:
    ((does, given),) = expression.items()
    yield does, given, around
    if does not in ("Value", "Var"):
        for part in given.values() if isinstance(given, dict) else given:
            if isinstance(part, dict):
                yield from _within(part, does)
