"""What policies look at, by every form of expression that Cedar has."""

from __future__ import annotations

import json
from typing import Any

import cedarpy
import pytest

from peelian.adapters.cedar_reading import EVERYTHING, Reading, reading_of, speaks_of


def parsed(*policies: str) -> list[dict[str, Any]]:
    return [
        policy
        for text in policies
        for policy in json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values()
    ]


def reads(condition: str, scope: str = "principal, action, resource") -> Reading:
    return reading_of(parsed(f"forbid ({scope}) when {{ {condition} }};"))


@pytest.mark.parametrize(
    ("condition", "context", "attributes"),
    [
        ("true", set(), set()),
        ("context.now < context.today", {"now", "today"}, {"now", "today"}),
        ('context["now"] == context["to day"]', {"now", "to day"}, {"now", "to day"}),
        ("context has now && context.now == context.now", {"now"}, {"now"}),
        ("context has first.unit", {"first"}, {"first", "unit"}),
        ("context.first.unit == principal.unit", {"first"}, {"first", "unit"}),
        ("context == context", {EVERYTHING}, set()),
        ("[context].contains(context)", {EVERYTHING}, set()),
        ("{a: context}.a.now == 1", {EVERYTHING}, {"a", "now"}),
        ("(if true then context else context).now == 1", {EVERYTHING}, {"now"}),
        ('resource.kind like "war*"', set(), {"kind"}),
        ("!(resource has warrant) || -resource.warrant.used < 3", set(), {"warrant", "used"}),
        ('resource.ends.offset(duration("1d")).toTime() > duration("1h")', set(), {"ends"}),
        ("context.serves.containsAll([resource.serves])", {"serves"}, {"serves"}),
        ("context.body.isEmpty() && resource.body.containsAny(context.body)", {"body"}, {"body"}),
        ('{".": 1, "has": principal}["."] == 1', set(), {"."}),
        ("principal is Person && resource.a + resource.b * 2 <= 7", set(), {"a", "b"}),
        ('resource.hasTag("x") && resource.getTag(context.tag) == 1', {"tag"}, {"tag"}),
    ],
)
def test_attributes(condition: str, context: set[str], attributes: set[str]) -> None:
    found = reads(condition)
    assert (found.context, found.attributes) == (context, attributes)


@pytest.mark.parametrize(
    ("condition", "scope", "variables", "named", "looked_into"),
    [
        ("true", "principal, action, resource", set(), set(), set()),
        ("true", 'principal == Person::"a", action, resource', {"principal"}, {"Person"}, set()),
        ("true", 'principal in Person::"a", action, resource', {"principal"}, {"Person"}, set()),
        ("true", "principal is Person, action, resource", {"principal"}, set(), set()),
        ("true", 'principal is Person in Person::"a", action, resource', {"principal"}, {"Person"}, set()),
        ("true", 'principal, action, resource == Paper::"p"', set(), {"Paper"}, set()),
        ("true", 'principal, action, resource is Paper in Paper::"p"', set(), {"Paper"}, set()),
        ("true", "principal, action, resource is Paper", set(), set(), set()),
        ("true", 'principal, action in [Action::"ask", Action::"run"], resource', set(), set(), set()),
        ("principal == resource", "principal, action, resource", {"principal", "resource"}, set(), set()),
        ('action == Action::"run"', "principal, action, resource", {"action"}, {"Action"}, set()),
        ('principal in [Person::"a"]', "principal, action, resource", {"principal"}, {"Person"}, set()),
        ('principal is Person in Person::"a"', "principal, action, resource", {"principal"}, {"Person"}, set()),
        ('Person::"a" is Person', "principal, action, resource", set(), {"Person"}, set()),
        ('{who: Person::"a"}.who == 1', "principal, action, resource", set(), {"Person"}, {"Person"}),
        ('Paper::"p".kind == "x"', "principal, action, resource", set(), {"Paper"}, {"Paper"}),
        ('Paper::"p" has kind', "principal, action, resource", set(), {"Paper"}, {"Paper"}),
        ('resource != Paper::"p"', "principal, action, resource", {"resource"}, {"Paper"}, set()),
        (
            '(if true then Paper::"p" else Dataset::"d") == 1',
            "principal, action, resource",
            set(),
            {"Paper", "Dataset"},
            {"Paper", "Dataset"},
        ),
    ],
)
def test_names(condition: str, scope: str, variables: set[str], named: set[str], looked_into: set[str]) -> None:
    found = reads(condition, scope)
    assert (found.variables, found.named, found.looked_into) == (variables, named, looked_into)


def test_of_several_policies_and_conditions_all_that_any_looks_at() -> None:
    found = reading_of(
        parsed(
            "forbid (principal, action, resource) when { context.a } unless { resource.b };",
            'forbid (principal == Person::"p", action, resource) unless { true };',
        )
    )
    assert found == Reading(
        context=frozenset({"a"}),
        attributes=frozenset({"a", "b"}),
        variables=frozenset({"context", "resource", "principal"}),
        named=frozenset({"Person"}),
        looked_into=frozenset(),
    )
    assert not any(reading_of([]).named | reading_of([]).context | reading_of([]).variables)


@pytest.mark.parametrize(
    ("scope", "speaks"),
    [
        ("action", True),
        ('action == Action::"ask"', True),
        ('action in Action::"ask"', True),
        ('action in [Action::"run", Action::"ask"]', True),
        ('action == Action::"run"', False),
        ('action in [Action::"run", Action::"read"]', False),
    ],
)
def test_for_which_action_a_policy_counts(scope: str, speaks: bool) -> None:
    (policy,) = parsed(f"forbid (principal, {scope}, resource);")
    assert speaks_of(policy, "ask") == speaks
